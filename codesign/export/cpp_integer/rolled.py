"""Statements that repeat, as loops: the same but for places that move on by the same step each time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

_FEWEST = 4


@dataclass(frozen=True)
class Place:
    """An integer's place: bits and index, and by how much the index grows with each loop around it."""

    bits: int
    first: int
    steps: tuple[tuple[str, int], ...] = ()

    @property
    def index(self) -> str:
        """The index in C++."""
        return " + ".join([str(self.first), *(f"{step} * {variable}" for variable, step in self.steps if step)])


@dataclass(frozen=True)
class Statement:
    """What is done, whatever it is, with integers at places."""

    what: object
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Loop:
    """Statements that are repeated."""

    variable: str
    count: int
    body: "tuple[Statement | Loop, ...]"


def rolled(statements: Sequence[Statement], period: int = 1) -> list[Statement | Loop]:
    """Return the statements with loops over groups of `period`, and over single ones within."""
    if period == 1:
        return _runs(statements)
    groups = [tuple(statements[at : at + period]) for at in range(0, len(statements), period)]
    found: list[Statement | Loop] = []
    at = 0
    while at < len(groups):
        count = _repeats([list(one) for one in groups[at:]], 2)
        if count > 1:
            body = [_stepping(first, second, "p") for first, second in zip(groups[at], groups[at + 1])]
            found.append(Loop("p", count, tuple(_runs(body))))
        else:
            found += _runs(groups[at])
        at += count
    return found


def _runs(statements: Sequence[Statement]) -> list[Statement | Loop]:
    found: list[Statement | Loop] = []
    at = 0
    while at < len(statements):
        count = _repeats([[one] for one in statements[at:]], _FEWEST)
        if count > 1:
            found.append(Loop("i", count, (_stepping(statements[at], statements[at + 1], "i"),)))
        else:
            found.append(statements[at])
        at += count
    return found


def _repeats(groups: Sequence[Sequence[Statement]], fewest: int) -> int:
    """Return how many of the first groups are one loop; 1: not enough."""
    if len(groups) < fewest:
        return 1
    steps = _steps(groups[0], groups[1])
    count = 1
    while steps is not None and count < len(groups) and _steps(groups[count - 1], groups[count]) == steps:
        count += 1
    return count if count >= fewest else 1


def _steps(first: Sequence[Statement], second: Sequence[Statement]) -> tuple[int, ...] | None:
    """Return by how much the places of a group move on to the next; None: it does something else."""
    steps: list[int] = []
    for one, other in zip(first, second, strict=True):
        if one.what != other.what or [(p.bits, p.steps) for p in one.places] != [
            (p.bits, p.steps) for p in other.places
        ]:
            return None
        steps += [after.first - before.first for before, after in zip(one.places, other.places)]
    return tuple(steps)


def _stepping(first: Statement, second: Statement, variable: str) -> Statement:
    moved = (
        replace(place, steps=(*place.steps, (variable, after.first - place.first)))
        for place, after in zip(first.places, second.places)
    )
    return replace(first, places=tuple(moved))
