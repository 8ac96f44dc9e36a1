"""The methods by name, and which of them `best` takes."""

from collections.abc import Sequence

from codesign.errors import ConfigError, nearest

BEST = "best"
ENSEMBLE = "ensemble"  # the teacher that is trained where none is given
# Both kinds of unit: six-input tables, which reach most with few LUTs, and dense layers, which go on beyond them.
METHODS_OF_BEST = ("tables", "posterior")
METHODS = (*METHODS_OF_BEST, "qkeras", "drone")


def chosen_methods(given: Sequence[str], argument: str) -> tuple[str, ...]:
    """Return the methods that are asked for, ``best`` by those that it stands for.

    Raises:
        ConfigError: for an unknown name, none, or one twice.
    """
    known = (BEST, *METHODS)
    for name in given:
        if name not in known:
            raise ConfigError(
                f"{argument}: expected some of {', '.join(known)}. Received: {name!r:.60}{nearest(str(name), known)}"
            )
    found = [one for name in given for one in (METHODS_OF_BEST if name == BEST else (name,))]
    if not found or len(set(given)) < len(given):
        raise ConfigError(f"{argument}: expected each of them once, one at least. Received: {list(given)!r:.60}")
    return tuple(dict.fromkeys(found))
