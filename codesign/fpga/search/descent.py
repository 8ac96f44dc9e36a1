"""Descent: from the best points so far step by step, each towards another trade of quality for cost."""

from collections.abc import Sequence

import numpy as np

from codesign.fpga.search.choices import Choices, Point
from codesign.fpga.search.foretold import Foretold, Noise
from codesign.fpga.search.screen import Screen
from codesign.fpga.search.target import Archive, Target, front_of

_STARTS = (1.0, 0.6, 0.3, 0.0)  # shares of the lists of shared choices, all alike
_STARTING_SHARE = 4  # at most one design in so many is a start
_LEAST_COST = 1e-12
_LONGEST_WALK = 8  # steps on what is foretold
_WALKS = 3  # from the points that are nearest to a target
_MORE_POINTS = 0.02  # after which models are fitted again
_MOST_ALIKE = 4000  # points of the grid that are foretold
_ON_GRID = 0.9  # share of the targets that are points of the grid
_BETTER = 0.3  # of the usual error of what is foretold, by which a target is better than the grid


class Descent:
    """Proposes points; the first are uniform, each later one is a neighbour of a good one.

    Each proposal has a target. Most are losses that a point of the uniform grid, which no other of it beats, is
    foretold to have, and that no point evaluated reaches yet; the others are trades, random weights of each loss
    against the best of all (weighted Chebyshev distance; Zhang and Li 2007, MOEA/D). From the points nearest to it,
    steps go to the neighbour of which the models of everything evaluated expect most, as long as they expect more. Of
    what is new on these walks the quality of the most promising is measured, where that is cheap, since the best of
    many that are foretold is mostly foretold too well; the best by that is proposed.

    Args:
        choices: to choose from.
        seed: of the targets.
        designs: how many there will be.
        noise: of outputs, by choice; see :class:`Foretold`.
        screen: of points that may be next; None: their quality alone is not cheap.
    """

    def __init__(
        self, choices: Choices, seed: int, designs: int, noise: Noise | None = None, screen: Screen | None = None
    ) -> None:
        self._choices, self._rng = choices, np.random.default_rng(seed)
        self._seen: set[Point] = set()
        self._points: list[Point] = []
        self._losses: list[np.ndarray] = []
        self._best: Archive | None = None
        self._foretold, self._fitted = Foretold(choices, noise), 0
        self._screen = screen
        self._alike: list[Point] = []
        self._targets: list[Target] = []
        starts = [choices.uniform(value, share) for share in _STARTS for value in choices.layouts]
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
            quality, *costs = losses
            costs = np.log(np.maximum(costs, _LEAST_COST))  # a factor counts alike everywhere
            self._points.append(point)
            self._losses.append(np.array([quality, *costs, missed]))
            self._best = self._best or Archive(len(losses))
            self._best.add(point, self._losses[-1])

    def _next(self) -> Point | None:
        while self._starts:
            point = self._starts.pop(0)
            if point not in self._seen:
                return point
        if self._best is None:
            return None
        if len(self._points) > (1 + _MORE_POINTS) * self._fitted:
            screened = {} if self._screen is None else self._screen.found
            self._foretold.fit(self._points, np.array(self._losses), screened)
            self._fitted = len(self._points)
            self._targets = self._on_grid()
        target = self._target()
        order = np.argsort(target.distances(self._best.losses), kind="stable")[:_WALKS]
        starts = [self._best.points[index] for index in order]
        found: dict[Point, float] = {}
        for one in (*starts, target.point):
            found |= {} if one is None else self._walk(one, target)
        if not found:
            found = next(filter(None, (self._walk(point, target) for point in self._points)), {})
        return self._best_of(sorted(found, key=found.get), target)

    def _best_of(self, points: Sequence[Point], target: Target) -> Point | None:
        """Of points, the most promising first, the best for a target; None of none."""
        if self._screen is None or self._screen.at_once < 2 or len(points) < 2:
            return next(iter(points), None)
        looked_at = self._screen.best(points)
        losses = self._foretold.losses(looked_at)
        losses[:, 0] = self._screen.losses(looked_at)
        return looked_at[int(target.distances(losses).argmin())]

    def _target(self) -> Target:
        """What is aimed at next."""
        if self._targets and self._rng.random() < _ON_GRID:
            return self._targets.pop(self._rng.integers(len(self._targets)))
        return self._best.target(self._rng.dirichlet(np.ones(self._best.losses.shape[1] - 1)))

    def _on_grid(self) -> list[Target]:
        """What the best of the uniform grid are foretold to give, as far as nothing evaluated does."""
        self._alike = self._alike or self._choices.alike(_MOST_ALIKE, self._rng)
        foretold, best = self._foretold.losses(self._alike), self._best.losses
        kept = front_of(foretold, most_missed=best[:, -1].min())
        aims = foretold[kept, :-1]
        aims[:, 0] -= _BETTER * self._foretold.error
        is_open = [not (best[:, :-1] <= aim).all(1).any() for aim in aims]
        weights = np.ones(aims.shape[1])
        span = self._best.target(weights).span
        return [
            Target(aim, span, weights, self._alike[index]) for aim, index, wanted in zip(aims, kept, is_open) if wanted
        ]

    def _walk(self, point: Point, target: Target) -> dict[Point, float]:
        """Step to the neighbour of which most is expected, as long as it is better; return how far from the target
        each point that is new is expected to be."""
        found, before, near = {}, np.inf, [point]
        for _ in range(_LONGEST_WALK):
            near = [*near, *(one for one in dict.fromkeys(self._choices.neighbours(point)) if one != point)]
            distances = target.distances(self._foretold.losses(near))
            found.update((one, distance) for one, distance in zip(near, distances) if one not in self._seen)
            if distances.min() >= before:
                break
            point, before, near = near[int(distances.argmin())], distances.min(), []
        return found
