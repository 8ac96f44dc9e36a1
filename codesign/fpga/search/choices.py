"""Choices: what a search chooses from by name, where one choice decides which others there are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

Value = int | float | str
Point = tuple[tuple[str, Value], ...]  # of the names of what is chosen, in the order of the choices


@dataclass(frozen=True, eq=False)
class Choices:
    """What can be chosen, by name: ``weights.fc1``, ``inputs``, ``implementation``, ...

    Names of a kind share what stands before their first point, as ``weights.fc1`` and ``weights.fc2`` do.

    Args:
        branch: name of the choice that decides which others there are.
        shared: choices that every point has, that of the branch too, each in order from small to large.
        layouts: by value of the branch, choices that only its points have.
    """

    branch: str
    shared: Mapping[str, tuple[Value, ...]]
    layouts: Mapping[Value, Mapping[str, tuple[Value, ...]]]
    shared_alone_decide: ClassVar[bool] = False  # of the quality: the layouts are costs

    @cached_property
    def count(self) -> int:
        """The number of points."""
        return sum(
            math.prod(len(listed) for name, listed in self.choices(value).items() if name != self.branch)
            for value in self.layouts
        )

    def choices(self, value: Value) -> dict[str, tuple[Value, ...]]:
        """Return everything that a point of a branch chooses."""
        return {**self.shared, **self.layouts[value]}

    def point(self, values: Mapping[str, Value]) -> Point:
        """Return a point in the order of the choices; what is not named, or has no such
        choice in this branch, takes the first."""
        choices = self.choices(values[self.branch])
        return tuple(
            (name, values[name] if values.get(name) in listed else listed[0]) for name, listed in choices.items()
        )

    def deciding(self, point: Point) -> Point:
        """Return what of a point decides its quality."""
        if not self.shared_alone_decide:
            return point
        return tuple((name, one) for name, one in point if name in self.shared and name != self.branch)

    def decided(self, values: Sequence[Value]) -> Point:
        """Return :meth:`deciding` of the values that it names, in its order.

        Raises:
            ValueError: for another number of values.
        """
        return tuple(zip([name for name in self.shared if name != self.branch], values, strict=True))

    def neighbours(self, point: Point) -> Iterator[Point]:
        """Yield the points one step away: of one choice, of all of a kind together, or of another branch."""
        values = dict(point)
        choices = self.choices(values[self.branch])
        for name in choices:
            if name == self.branch:
                yield from (self.point(values | {name: one}) for one in choices[name] if one != values[name])
            else:
                yield from (self._moved(values, [name], step) for step in (-1, 1))
        for group in self.kinds(values[self.branch]):
            if len(group) > 1:
                yield from (self._moved(values, group, step) for step in (-1, 1))

    def kinds(self, value: Value) -> list[list[str]]:
        """Return the names of a branch that are of one kind each, that of the branch left out."""
        found: dict[str, list[str]] = {}
        for name in self.choices(value):
            if name != self.branch:
                found.setdefault(name.partition(".")[0], []).append(name)
        return list(found.values())

    def uniform(self, value: Value, share: float) -> Point:
        """Return the point whose shared choices stand at a share of their lists, those of its branch at the first."""
        values = {name: listed[round(share * (len(listed) - 1))] for name, listed in self.shared.items()}
        return self.point(values | {self.branch: value})

    def alike(self, most: int, rng: np.random.Generator) -> list[Point]:
        """Return the points whose choices of a kind stand at one place, as in a grid without names of layers.

        Args:
            most: how many; of more, so many are drawn.
            rng: that draws.
        """
        found: dict[Point, None] = {}
        for value in self.layouts:
            choices, kinds = self.choices(value), self.kinds(value)
            lengths = [max(len(choices[name]) for name in names) for names in kinds]
            count, wanted = math.prod(lengths), max(1, most // len(self.layouts))
            drawn = range(count) if count <= wanted else sorted({rng.integers(count) for _ in range(wanted)})
            for number in drawn:
                values = {self.branch: value}
                for names, place, length in zip(kinds, np.unravel_index(number, lengths), lengths):
                    share = place / max(1, length - 1)
                    values |= {name: choices[name][round(share * (len(choices[name]) - 1))] for name in names}
                found[self.point(values)] = None
        return list(found)

    def _moved(self, values: Mapping[str, Value], names: Sequence[str], step: int) -> Point:
        choices, moved = self.choices(values[self.branch]), dict(values)
        for name in names:
            place = choices[name].index(values[name]) + step
            moved[name] = choices[name][min(max(place, 0), len(choices[name]) - 1)]
        return self.point(moved)
