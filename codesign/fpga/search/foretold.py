"""Foretold: what a search expects of points that it has not evaluated, from those that it has."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from codesign.fpga.search.choices import Choices, Point, Value
from codesign.fpga.search.process import Process

_LEAST_NOISE, _NOISE_SCALE = 1e-4, 3.0
_MOST_POINTS = 600  # the last ones, which are nearest to what is looked for, if there are more
Noise = Mapping[str, Mapping[Value, float]]


class Foretold:
    """Gaussian processes of losses in where each choice stands in its list, from 0 to 1; costs apart for each branch.

    Where the noise of each choice is known, that of a point is their sum v, as of errors that are independent, and the
    quality follows log(v) too.

    Args:
        choices: of the points.
        noise: of outputs, by name of a choice and its value, as a share of their variance.
    """

    def __init__(self, choices: Choices, noise: Noise | None = None) -> None:
        self._choices, self._branch, self._noise = choices, choices.branch, noise or {}
        self._n_quality = len(choices.shared) - 1 if choices.shared_alone_decide else None
        self._places = {
            value: {
                name: {one: index / max(1, len(listed) - 1) for index, one in enumerate(listed)}
                for name, listed in choices.choices(value).items()
                if name != choices.branch
            }
            for value in choices.layouts
        }
        self._n_places = max(map(len, self._places.values()))
        self._processes: dict[tuple, Process] = {}

    def fit(
        self, points: Sequence[Point], losses: np.ndarray, screened: Mapping[Point, float] = MappingProxyType({})
    ) -> None:
        """Learn (n_points, n_losses), of which the first is the quality, and that of other points, whose costs are not
        known."""
        points, losses = points[-_MOST_POINTS:], losses[-_MOST_POINTS:]
        self._mean = losses.mean(0)
        known = {self._choices.deciding(one): (one, loss) for one, loss in screened.items()}
        known |= {self._choices.deciding(one): (one, loss) for one, loss in zip(points, losses[:, 0])}
        of, found = zip(*list(known.values())[-_MOST_POINTS:])
        quality = self._process("quality", 0)
        quality.fit(self._of_quality(of), np.array(found))
        self.error = quality.error  # of a quality that the others foretell
        for branch, rows in self._by_branch(points).items():
            places = self._of_costs(points, rows)
            for column in range(1, losses.shape[1]):
                self._process(branch, column).fit(places, losses[rows, column])

    def losses(self, points: Sequence[Point]) -> np.ndarray:
        """Return (n_points, n_losses)."""
        found = np.tile(self._mean, (len(points), 1))
        found[:, 0] = self._process("quality", 0).predict(self._of_quality(points))
        for branch, rows in self._by_branch(points).items():
            places = self._of_costs(points, rows)
            for column in range(1, found.shape[1]):
                if (branch, column) in self._processes:
                    found[rows, column] = self._processes[branch, column].predict(places)
        return found

    def _process(self, branch: Value, column: int) -> Process:
        return self._processes.setdefault((branch, column), Process())

    def _by_branch(self, points: Sequence[Point]) -> dict[Value, list[int]]:
        rows: dict[Value, list[int]] = {}
        for row, point in enumerate(points):
            rows.setdefault(dict(point)[self._branch], []).append(row)
        return rows

    def _of_costs(self, points: Sequence[Point], rows: Sequence[int]) -> np.ndarray:
        return np.array([self._at(points[row]) for row in rows])

    def _of_quality(self, points: Sequence[Point]) -> np.ndarray:
        """(n_points, n_columns): places that decide the quality, and log(v)."""
        found = np.zeros((len(points), self._n_places + 1))
        for row, point in enumerate(points):
            places = self._at(point)[: self._n_quality]
            found[row, : len(places)] = places
            total = sum(self._noise[name].get(value, 0.0) for name, value in point if name in self._noise)
            found[row, -1] = np.log(total + _LEAST_NOISE) / _NOISE_SCALE
        return found

    def _at(self, point: Point) -> list[float]:
        values = dict(point)
        return [listed[values[name]] for name, listed in self._places[values[self._branch]].items()]
