"""Foretold: what a search expects of points that it has not evaluated, from those that it has."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.fpga.search.choices import Choices, Point, Value

_RIDGE = 1e-2
_NEAR = 0.5  # of a list of choices: points so far apart have half-way unlike errors
_OWN_ERROR = 0.05  # of an evaluation, as a share of the variance that the linear model leaves
_LEAST_NOISE = 1e-6
_MOST_LEFT = 1000  # points, the last ones, whose errors count: they are nearest to what is looked for
Noise = Mapping[str, Mapping[Value, float]]


class Foretold:
    """Linear models of losses in where each choice stands in its list, and what they leave from point to point near it.

    Of each choice the place p in its list, from 0 to 1, counts, its square, and 4^(-6 p): the rounding noise of a value
    falls fourfold with each bit. Places count once for all branches and once for their own. Where the noise of each
    choice is known, that of a point is their sum v, as of errors that are independent, and v / (1 + v), its root and
    log(v) count too. What is left follows a Gaussian process: errors of points that are near one another are alike.

    Args:
        choices: of the points.
        noise: of outputs, by name of a choice and its value, as a share of their variance.
    """

    def __init__(self, choices: Choices, noise: Noise | None = None) -> None:
        self._branch, self._noise = choices.branch, noise or {}
        self._n_shared = len(choices.shared) - 1
        self._sizes = {value: len(layout) for value, layout in choices.layouts.items()}
        self._places = {
            value: {
                name: {one: index / max(1, len(listed) - 1) for index, one in enumerate(listed)}
                for name, listed in choices.choices(value).items()
                if name != choices.branch
            }
            for value in choices.layouts
        }

    def fit(self, points: Sequence[Point], losses: np.ndarray) -> None:
        """Learn (n_points, n_losses)."""
        features, at = self._arrays(points)
        self._mean = losses.mean(0)
        square = features.T @ features + _RIDGE * np.eye(features.shape[1])
        self._weights = np.linalg.solve(square, features.T @ (losses - self._mean))
        left = losses - features @ self._weights - self._mean
        self.errors = left.std(0)
        self._evaluated, left = at[-_MOST_LEFT:], left[-_MOST_LEFT:]
        alike = _alike(self._evaluated, self._evaluated) + _OWN_ERROR * np.eye(len(left))
        self._left = np.linalg.solve(alike, left)

    def losses(self, points: Sequence[Point]) -> np.ndarray:
        """Return (n_points, n_losses)."""
        features, at = self._arrays(points)
        return features @ self._weights + self._mean + _alike(at, self._evaluated) @ self._left

    def _arrays(self, points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray]:
        """The features of points, and where they stand: shared places, and of each branch whether, and its places."""
        at = np.array([self._at(point) for point in points])
        shared = at[:, : self._n_shared]
        blocks, start = [shared, shared**2, 4.0 ** (-6 * shared)], self._n_shared
        for size in self._sizes.values():
            is_own, own = at[:, start : start + 1], at[:, start + 1 : start + 1 + size]
            blocks += [is_own, is_own * shared, own, own**2]
            start += 1 + size
        if self._noise:
            total = np.array(
                [
                    [sum(self._noise[name].get(value, 0.0) for name, value in one if name in self._noise)]
                    for one in points
                ]
            )
            share = total / (1 + total)
            blocks += [share, share**0.5, np.log(total + _LEAST_NOISE)]
        return np.hstack(blocks), at

    def _at(self, point: Point) -> list[float]:
        values = dict(point)
        own = values.pop(self._branch)
        places = [listed[values[name]] for name, listed in self._places[own].items()]
        row = places[: self._n_shared]
        for value, size in self._sizes.items():
            row += [1.0, *places[self._n_shared :]] if value == own else [0.0] * (1 + size)
        return row


def _alike(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n_some, n_others) correlations."""
    squares = (some**2).sum(1)[:, None] + (others**2).sum(1) - 2 * some @ others.T
    return np.exp(-squares / (2 * _NEAR**2))
