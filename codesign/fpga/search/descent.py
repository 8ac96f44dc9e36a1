"""Descent: from the best designs so far one step at a time, each towards another trade of quality for cost."""

from collections.abc import Sequence

import numpy as np

from codesign.fpga.search.foretold import Foretold
from codesign.fpga.search.space import Point, Space

_STARTS = (1.0, 0.6, 0.3, 0.0)  # shares of the lists of widths, all layers alike
_STARTING_SHARE = 4  # at most one design in so many is a start
_MISSED = 10.0  # of a limit that is missed, in spans of a loss
_LEAST_COST = 1e-12
_LONGEST_WALK = 8  # steps on what is foretold
_OF_ALL = 0.05  # of the sum of the losses, beside the largest


class Descent:
    """Proposes designs; the first are uniform, each later one is a neighbour of a good one.

    A trade is a random weight of each loss. From the design with the least weighted Chebyshev distance from the best of
    all losses, each measured in the span of the front (Zhang and Li 2007, MOEA/D), steps go to the neighbour of which a
    linear model of everything evaluated expects most, as long as it expects more; the best that is new is proposed.

    Args:
        space: to choose from.
        seed: of the trades and of the order of the neighbours.
        designs: how many there will be.
    """

    def __init__(self, space: Space, seed: int, designs: int) -> None:
        self._space, self._rng = space, np.random.default_rng(seed)
        self._seen: set[Point] = set()
        self._points: list[Point] = []
        self._losses: list[tuple[float, ...]] = []
        self._missed: list[float] = []
        self._foretold, self._fitted = Foretold(space), 0
        starts = [space.uniform(name, share) for share in _STARTS for name in space.layouts]
        self._starts = list(dict.fromkeys(starts))[: max(1, designs // _STARTING_SHARE)]

    def ask(self, n: int) -> list[Point]:
        """Return up to n points that were not proposed yet; none when there is no neighbour left."""
        found = []
        while len(found) < n:
            point = self._next()
            if point is None:
                break
            self._seen.add(point)
            found.append(point)
        return found

    def tell(self, point: Point, losses: Sequence[float], missed: float) -> None:
        """Take in what a point gives: what should be low, costs behind the quality; and what limits are missed by."""
        self._seen.add(point)
        if np.isfinite(losses).all():
            self._points.append(point)
            quality, *costs = losses
            self._losses.append((quality, *np.log(np.maximum(costs, _LEAST_COST))))  # a factor counts alike everywhere
            self._missed.append(missed)

    def _next(self) -> Point | None:
        while self._starts:
            point = self._starts.pop(0)
            if point not in self._seen:
                return point
        if not self._points:
            return None
        losses = np.array(self._losses)
        if self._fitted < len(self._points):
            self._foretold.fit(self._points, losses)
            self._fitted = len(self._points)
        low, span = _span(losses[_front(losses)])
        weights = self._rng.dirichlet(np.ones(losses.shape[1]))
        missed = _MISSED * np.array(self._missed)
        for index in np.argsort(_distances(losses, low, span, weights) + missed, kind="stable"):
            point = self._walk(self._points[index], (low, span, weights))
            if point is not None:
                return point
        return None

    def _walk(self, point: Point, trade: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Point | None:
        """Step to the neighbour of which most is expected, as long as it is better; return the best that is new."""
        best, best_distance, before = None, np.inf, np.inf
        for _ in range(_LONGEST_WALK):
            near = [one for one in dict.fromkeys(self._space.neighbours(point)) if one != point]
            if not near:
                break
            distances = _distances(self._foretold.losses(near), *trade)
            for one, distance in zip(near, distances):
                if distance < best_distance and one not in self._seen:
                    best, best_distance = one, distance
            if distances.min() >= before:
                break
            point, before = near[int(distances.argmin())], distances.min()
        return best


def _front(losses: np.ndarray) -> np.ndarray:
    """(n_points,) whether no other is better."""
    return np.array([not ((losses <= one).all(1) & (losses < one).any(1)).any() for one in losses])


def _span(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = losses.min(0), losses.max(0)
    return low, np.where(high > low, high - low, 1.0)


def _distances(losses: np.ndarray, low: np.ndarray, span: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n_points,) how far each is from the best of all losses, by the weights of a trade."""
    scaled = (losses - low) / span
    return (scaled * weights).max(1) + _OF_ALL * (scaled * weights).sum(1)
