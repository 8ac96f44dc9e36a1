"""Entries of project.yml, checked one by one: every error names the key, what was expected and what came."""

from collections.abc import Mapping, Sequence

from codesign.errors import ConfigError, nearest


def section(content: object, name: str, known: Sequence[str], required: Sequence[str] = ()) -> dict:
    """Return a mapping whose keys are all known.

    Raises:
        ConfigError: for anything else; it names the nearest key.
    """
    if not isinstance(content, dict):
        raise ConfigError(f"{name}: expected a mapping with {', '.join(known)}. Received: {content!r}")
    for key in content:
        if key not in known:
            raise ConfigError(f"{name}: unknown key '{key}'{nearest(key, known)}; known: {', '.join(known)}")
    for key in required:
        if key not in content:
            raise ConfigError(
                f"{name}: expected the key '{key}'. Received: {', '.join(map(str, content)) or 'nothing'}"
            )
    return content


def flag(value: object, name: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ConfigError(f"{name}: expected true or false. Received: {value!r}")
    return value


def text(value: object, name: str) -> str:
    """Return a word or a number as text that can go into reports, titles and file names."""
    if isinstance(value, (bool, dict, list)) or value is None or not str(value).strip() or not str(value).isprintable():
        raise ConfigError(f"{name}: expected a text that prints. Received: {value!r}")
    return str(value)


def number(value: object, name: str, low: float, high: float, *, whole: bool = False) -> float:
    """Return a number within [low, high]."""
    kind = "a whole number" if whole else "a number"
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise ConfigError(f"{name}: expected {kind}. Received: {value!r}")
    if not low <= value <= high:
        raise ConfigError(f"{name}: expected {kind} from {low:g} to {high:g}. Received: {value}")
    return value


def numbers(content: Mapping[str, object], name: str, limits: Mapping[str, tuple]) -> dict[str, float]:
    """Return the entries that `limits` names as key: (low, high, whether whole), as far as they are there."""
    given = {key: limit for key, limit in limits.items() if key in content}
    return {
        key: number(content[key], f"{name}.{key}", low, high, whole=whole) for key, (low, high, whole) in given.items()
    }
