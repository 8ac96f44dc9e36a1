"""Target: losses that a point is to reach, and how far from them others are."""

from dataclasses import dataclass

import numpy as np

from codesign.fpga.search.choices import Point

_MISSED = 10.0  # of a limit that is missed, in spans of a loss
_OF_ALL = 0.05  # of the sum of the losses, beside the largest


@dataclass(frozen=True, eq=False)
class Target:
    """Where to go; arrays of losses end in what limits are missed by, which is to be 0.

    Args:
        aim: (n_losses,) what is to be reached.
        span: (n_losses,) of each loss, in which distances count.
        weights: (n_losses,) of each.
        point: that is expected to reach nearly as much, if there is one.
    """

    aim: np.ndarray
    span: np.ndarray
    weights: np.ndarray
    point: Point | None = None

    def distances(self, losses: np.ndarray) -> np.ndarray:
        """(n_points,) how far each is, of (n_points, n_losses + 1): weighted Chebyshev, negative beyond the aim."""
        scaled = self.weights * (losses[:, :-1] - self.aim) / self.span
        return scaled.max(1) + _OF_ALL * scaled.sum(1) + _MISSED * np.maximum(losses[:, -1], 0)


class Archive:
    """The points so far that no other beats; losses, (n_points, n_losses + 1), are as :class:`Target` has them."""

    def __init__(self, n_losses: int) -> None:
        self.points: list[Point] = []
        self.losses = np.empty((0, n_losses + 1))

    def add(self, point: Point, losses: np.ndarray) -> None:
        """Take in a point, unless one is as good in everything."""
        if (self.losses <= losses).all(1).any():
            return
        kept = ~(losses <= self.losses).all(1)
        self.points = [*(one for one, is_kept in zip(self.points, kept) if is_kept), point]
        self.losses = np.vstack([self.losses[kept], losses])

    def target(self, weights: np.ndarray) -> Target:
        """Return the target that has the best of all losses, measured in the span of those that miss least."""
        best = self.losses[self.losses[:, -1] <= max(self.losses[:, -1].min(), 0.0), :-1]
        return Target(best.min(0), _span(best), weights)


def front_of(losses: np.ndarray, *, most_missed: float) -> np.ndarray:
    """Return the indices of the points that no other beats, of those that miss limits by no more, or of all.

    Of points that are equal the first counts.
    """
    within = np.flatnonzero(losses[:, -1] <= max(most_missed, 0.0))
    within = within if len(within) else np.arange(len(losses))
    span, found = _span(losses[within, :-1]), []
    while len(within):
        some = losses[within, :-1]
        least = int((some / span).sum(1).argmin())  # beaten by none
        found.append(within[least])
        is_left = ~(some[least] <= some).all(1)
        is_left[least] = False
        within = within[is_left]
    return np.array(found)


def _span(losses: np.ndarray) -> np.ndarray:
    """From the least to the most of each loss; 1 where they are one."""
    span = np.ptp(losses, axis=0)
    return np.where(span > 0, span, 1.0)
