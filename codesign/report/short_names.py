"""Short names for the columns of a table: of each path as much of its end as tells it from the others."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath


def short_names(paths: Sequence[str]) -> list[str]:
    """Return the shortest tail of each path that no other ends with, its middle left out where that is still unique.

    Paths that are the same, or the end of another, keep what tells them apart: the whole.
    """
    parts = [PurePath(path).parts for path in paths]
    counts = Counter(tail for own in parts for tail in _tails(own))
    names = [_shortest(own, counts) for own in parts]
    elided = [_elided(own) for own in names]
    seen, taken = Counter(elided), Counter("/".join(own) for own in names)
    short = [e if seen[e] == 1 and not taken[e] else "/".join(own) for e, own in zip(elided, names)]
    return [path if short.count(name) > 1 else name for path, name in zip(paths, short)]


def _tails(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [parts[-length:] for length in range(1, len(parts) + 1)]


def _shortest(parts: tuple[str, ...], counts: Counter) -> tuple[str, ...]:
    return next((tail for tail in _tails(parts) if counts[tail] == 1), parts)


def _elided(parts: tuple[str, ...]) -> str:
    return "/".join(parts) if len(parts) < 4 else f"{parts[0]}/\N{HORIZONTAL ELLIPSIS}/{parts[-1]}"
