"""Screen: the quality of points that may be next, measured before their costs are."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from codesign.fpga.search.choices import Choices, Point

Measure = Callable[[Sequence[Point]], Sequence[float]]
_AT_ONCE = 6  # points that are looked at for one proposal
_IN_ALL = 1000  # and in a search, however long


class Screen:
    """Measures the quality of points, each once, whatever their costs.

    Args:
        choices: of the points.
        measure: takes points; gives the loss of each, infinite of one that cannot be built.
        designs: how many a search has.
    """

    def __init__(self, choices: Choices, measure: Measure, designs: int) -> None:
        self._choices, self._measure = choices, measure
        self.at_once = min(_AT_ONCE, _IN_ALL // designs)
        self._known: dict[Point, float] = {}
        self._found: dict[Point, tuple[Point, float]] = {}
        self._new: dict[Point, float] = {}

    @property
    def found(self) -> dict[Point, float]:
        """The loss of each point that was looked at and can be built."""
        return {point: loss for point, loss in self._found.values() if np.isfinite(loss)}

    def remember(self, known: Mapping[Point, float]) -> None:
        """Take losses, by what decides them, that need not be measured."""
        self._known.update(known)

    def take_new(self) -> dict[Point, float]:
        """Return what was measured since this was asked last: losses by what decides them."""
        new, self._new = self._new, {}
        return new

    def best(self, points: Sequence[Point]) -> list[Point]:
        """Return the first points that differ in what decides the quality, as many as are looked at."""
        first: dict[Point, Point] = {}
        for point in points:
            if len(first) < self.at_once:
                first.setdefault(self._choices.deciding(point), point)
        return list(first.values())

    def losses(self, points: Sequence[Point]) -> np.ndarray:
        """(n_points,) of each."""
        deciding = [self._choices.deciding(point) for point in points]
        missing = {one: point for one, point in zip(deciding, points) if one not in self._known}
        self._new |= zip(missing, self._measure(list(missing.values())))
        self._known |= self._new
        self._found |= {one: (point, self._known[one]) for one, point in zip(deciding, points)}
        return np.array([self._known[one] for one in deciding])
