"""Descent: from the best designs so far one step at a time, each towards another trade of quality for cost."""

from collections.abc import Sequence

import numpy as np

from codesign.fpga.search.space import Point, Space

_STARTS = (1.0, 0.6, 0.3, 0.0)  # shares of the lists of widths, all layers alike
_STARTING_SHARE = 4  # at most one design in so many is a start
_MISSED = 10.0  # of a limit that is missed, in spans of a loss


class Descent:
    """Proposes designs; the first are uniform, each later one is a neighbour of a good one.

    A trade is a random weight of each loss; the good design is the one with the least weighted Chebyshev distance from
    the best of all losses, each measured in the span of those seen (Zhang and Li 2007, MOEA/D), and its neighbour one
    that was not proposed yet.

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
        """Take in what a point gives: what should be low, and by how much limits are missed."""
        self._seen.add(point)
        if np.isfinite(losses).all():
            self._points.append(point)
            self._losses.append(tuple(losses))
            self._missed.append(missed)

    def _next(self) -> Point | None:
        while self._starts:
            point = self._starts.pop(0)
            if point not in self._seen:
                return point
        if not self._points:
            return None
        for index in np.argsort(self._distances(), kind="stable"):
            fresh = [one for one in self._space.neighbours(self._points[index]) if one not in self._seen]
            if fresh:
                return fresh[self._rng.integers(len(fresh))]
        return None

    def _distances(self) -> np.ndarray:
        """(n_points,) how far each is from the best, by the weights of a new trade."""
        losses = np.array(self._losses)
        low, high = losses.min(0), losses.max(0)
        scaled = (losses - low) / np.where(high > low, high - low, 1.0)
        weights = self._rng.dirichlet(np.ones(losses.shape[1]))
        return (scaled * weights).max(1) + 0.01 * scaled.sum(1) + _MISSED * np.array(self._missed)
