"""ROC curves: how much signal and how much background passes each threshold, with errors."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from codesign._arguments import checked
from codesign.data.checks import check_signal
from codesign.errors import ConfigError
from codesign.metrics.measured import effective_count, share_error, weights_of
from codesign.metrics.scores import check_both_kinds, finite_scores


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Shares of signal and background that pass, one point for each threshold that the scores can tell apart.

    Errors are those of a share counted on so many effective events (Wilson 1927); see
    :func:`codesign.metrics.measured.share_error`.

    Args:
        thresholds: (n_points,) falling; an event passes with a score of at least that. The first is infinite.
        efficiency, efficiency_error: (n_points,) share of the signal that passes.
        background_rate, background_rate_error: (n_points,) share of the rest that passes.
    """

    thresholds: np.ndarray
    efficiency: np.ndarray
    efficiency_error: np.ndarray
    background_rate: np.ndarray
    background_rate_error: np.ndarray

    def thinned(self, points: int = 200) -> Self:
        """Return at most so many of the points, both ends among them: for plots, also with a logarithmic axis.

        Half of them are chosen evenly in the efficiency, half evenly in the logarithm of the background rate.

        Raises:
            ConfigError: for fewer than 4.
        """
        if points < 4:
            raise ConfigError(f"points: expected at least 4. Received: {points}")
        if points >= len(self.thresholds):
            return self
        last, half = len(self.thresholds) - 1, points // 2 - 1
        rates = np.geomspace(self.background_rate[self.background_rate > 0][0], 1.0, half)
        chosen = [
            np.searchsorted(self.efficiency, np.linspace(0, 1, half)),
            np.searchsorted(self.background_rate, rates),
            [0, last],
        ]
        kept = np.unique(np.minimum(np.concatenate(chosen), last).astype(int))
        return type(self)(*(getattr(self, field.name)[kept] for field in fields(self)))

    def as_dict(self) -> dict[str, list[float | None]]:
        """Return lists of plain numbers, for JSON; an infinite threshold is None."""
        lists = {field.name: getattr(self, field.name).tolist() for field in fields(self)}
        return lists | {"thresholds": [None if np.isinf(one) else one for one in lists["thresholds"]]}


@checked
def roc_curve(scores: np.ndarray, is_signal: np.ndarray, weights: np.ndarray | None = None) -> RocCurve:
    """Return every point that a threshold on the scores reaches, from nothing to everything.

    Args:
        scores: (n_events,) finite; equal ones pass together or not at all.
        is_signal: (n_events,) bool, or labels 0 and 1, with both kinds in it.
        weights: (n_events,) of the events; None: all count alike.

    Raises:
        DataError: for NaN, other labels, shapes that do not fit, events of one kind only, or weights that are none.

    Example:
        >>> import numpy as np
        >>> from codesign.metrics import roc_curve
        >>> curve = roc_curve(np.array([3, 2, 2, 0]), np.array([True, True, False, False]))
        >>> curve.efficiency.tolist(), curve.background_rate.tolist()
        ([0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 1.0])
    """
    is_signal = check_signal("is_signal", is_signal)
    scores = finite_scores("scores", scores, len(is_signal))
    weights = weights_of(weights, len(scores))
    check_both_kinds(is_signal, weights, "signal")
    values, place = np.unique(-scores, return_inverse=True)
    shares, errors = [], []
    for kind in (is_signal, ~is_signal):
        passed = np.cumsum(np.bincount(place.reshape(-1), weights * kind, len(values)))
        share = np.concatenate([[0.0], passed / passed[-1]])
        shares.append(share)
        errors.append(share_error(share, effective_count(weights[kind])))
    thresholds = np.concatenate([[np.inf], -values])
    return RocCurve(thresholds, shares[0], errors[0], shares[1], errors[1])
