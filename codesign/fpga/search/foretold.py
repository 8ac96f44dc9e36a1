"""Foretold: what a search expects of designs that it has not evaluated, from those that it has."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.fpga.search.space import IMPLEMENTATION, Point, Space

_RIDGE = 1e-2


class Foretold:
    """Linear models of losses in where each choice stands in its list, per implementation and in common.

    Of each choice the place p in its list, from 0 to 1, counts, its square, and 4^(-6 p): the rounding noise of a value
    falls fourfold with each bit. Places count once for all implementations and once for their own.

    Args:
        space: of the points.
    """

    def __init__(self, space: Space) -> None:
        self._names = [name for name in space.shared if name != IMPLEMENTATION]
        self._layouts = {name: list(layout) for name, layout in space.layouts.items()}
        self._places = {
            name: {value: index / max(1, len(listed) - 1) for index, value in enumerate(listed)}
            for layout in (
                space.shared,
                *({f"{one}.{key}": listed for key, listed in layout.items()} for one, layout in space.layouts.items()),
            )
            for name, listed in layout.items()
        }
        self._known: dict[Point, np.ndarray] = {}

    def fit(self, points: Sequence[Point], losses: np.ndarray) -> None:
        """Learn (n_points, n_losses) by ridge regression."""
        features = np.array([self._features(point) for point in points])
        self._mean = losses.mean(0)
        square = features.T @ features + _RIDGE * np.eye(features.shape[1])
        self._weights = np.linalg.solve(square, features.T @ (losses - self._mean))

    def losses(self, points: Sequence[Point]) -> np.ndarray:
        """Return (n_points, n_losses)."""
        return np.array([self._features(point) for point in points]) @ self._weights + self._mean

    def _features(self, point: Point) -> np.ndarray:
        if point not in self._known:
            self._known[point] = self._worked_out(dict(point))
        return self._known[point]

    def _worked_out(self, values: Mapping) -> np.ndarray:
        shared = np.array([self._places[name][values[name]] for name in self._names])
        curves = [shared, shared**2, 4.0 ** (-6 * shared)]
        own = []
        for name, layout in self._layouts.items():
            is_own = float(values[IMPLEMENTATION] == name)
            places = [self._places[f"{name}.{key}"][values[key]] if is_own else 0.0 for key in layout]
            own += [[is_own], is_own * shared, places, np.square(places)]
        return np.concatenate([*curves, *own])
