"""The difference between two classifiers on the same events, and its error: what both share cancels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign._arguments import check_range, check_seed, checked
from codesign.data.checks import check_signal
from codesign.errors import ConfigError, DataError, nearest
from codesign.metrics.auc import bootstrap_weights, weighted_aucs
from codesign.metrics.measured import weights_of
from codesign.metrics.scores import check_both_kinds, finite_scores
from codesign.metrics.significance import CutScan

_BLOCK = 100  # rows of weights at a time


@dataclass(frozen=True)
class PairedDifference:
    """A statistic of two classifiers.

    Args:
        first, second: of each.
        error: standard error of the difference, by the bootstrap.
    """

    first: float
    second: float
    error: float

    @property
    def difference(self) -> float:
        """That of the first minus that of the second."""
        return self.first - self.second

    def __str__(self) -> str:
        return f"{self.first:.4f} - {self.second:.4f} = {self.difference:+.4f} ± {self.error:.4f}"


@checked
def paired_difference(
    first: np.ndarray,
    second: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    statistic: str = "auc",
    replicas: int = 500,
    seed: int = 12345,
) -> PairedDifference:
    """Return how much better the scores of one classifier are than those of another on the same events.

    The bootstrap (Efron 1979) draws the same events for both, so that luck with the events cancels.

    Args:
        first, second: (n_events,) scores, higher for class 1.
        y: (n_events,) labels 0 and 1.
        weights: (n_events,) of the events; None: ones.
        statistic: ``auc``, weighted; or ``mean_ams``, see :meth:`CutScan.mean_ams`: the weights of each class keep
            their sum in each draw.
        replicas: draws, 2 to 100,000.
        seed: of the draws.

    Raises:
        ConfigError: for another statistic.
        DataError: for shapes that do not fit, other labels, NaN, or events of one class, or of few.

    Example:
        >>> import numpy as np
        >>> from codesign.metrics import paired_difference
        >>> rng = np.random.default_rng(0)
        >>> y = np.arange(2000) % 2
        >>> better = y + rng.normal(size=2000)
        >>> found = paired_difference(better, better + 0.5 * rng.normal(size=2000), y)
        >>> found.difference > 2 * found.error
        True
    """
    check_seed(seed)
    check_range(replicas, "replicas", 2, 100_000)
    if statistic not in _STATISTICS:
        raise ConfigError(
            f"statistic: expected one of {', '.join(_STATISTICS)}. Received: {statistic!r:.60}"
            f"{nearest(statistic, _STATISTICS)}"
        )
    y = check_signal("y", y)
    scores = [finite_scores(name, one, len(y)) for name, one in (("first", first), ("second", second))]
    weights = weights_of(weights, len(y))
    check_both_kinds(y, weights, 1)
    drawn = bootstrap_weights(len(y), replicas=replicas, seed=seed)
    blocks = [_drawn(drawn[start : start + _BLOCK], y, weights) for start in range(0, len(drawn), _BLOCK)]
    found = [np.concatenate([_STATISTICS[statistic](y, one, block) for block in blocks]) for one in scores]
    return PairedDifference(*(float(one[0]) for one in found), float(np.std((found[0] - found[1])[1:], ddof=1)))


def _drawn(counts: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (n_rows, n_events) weights times counts, each class with the sum that it has in all events.

    Raises:
        DataError: for a class with so few events that a draw has none.
    """
    rows = counts * weights
    for label, kind in ((1, y), (0, ~y)):
        sums = rows[:, kind].sum(1, keepdims=True)
        if not (sums > 0).all():
            raise DataError(
                f"y: expected enough events of each class that every draw has some. Received: "
                f"{int((weights[kind] > 0).sum())} of class {label}; measure on more events"
            )
        rows[:, kind] *= weights[kind].sum() / sums
    return rows


def _mean_ams(y: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    order = np.argsort(-scores, kind="stable")
    ordered, is_signal = scores[order], y[order]
    last = np.searchsorted(-ordered, -ordered, side="right") - 1
    kept = [np.cumsum(weights[:, order] * kind, 1)[:, last] for kind in (is_signal, ~is_signal)]
    return np.array([CutScan(ordered, signal, other).mean_ams() for signal, other in zip(*kept)])


_STATISTICS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "auc": weighted_aucs,
    "mean_ams": _mean_ams,
}
