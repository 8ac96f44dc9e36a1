"""AMS: how significant a counting experiment is expected to be that keeps the events above a cut on the scores."""

from dataclasses import dataclass

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign.data.checks import check_signal
from codesign.errors import ConfigError, DataError
from codesign.metrics.measured import weights_of
from codesign.metrics.scores import check_both_kinds, finite_scores

REGULARISATION = 10.0  # events of background, by the rules of the challenge
_EFFICIENCIES = np.linspace(0.15, 0.45, 31)


@checked
def ams(
    signal: float | np.ndarray, background: float | np.ndarray, regularisation: float = REGULARISATION
) -> np.ndarray:
    """Return the approximate median significance of counts of selected events.

    ``sqrt(2 ((s + b + r) ln(1 + s / (b + r)) - s))`` (Adam-Bourdarios et al., PMLR 42, 2015; Cowan, Cranmer, Gross,
    Vitells, arXiv:1007.1727).

    Args:
        signal, background: expected events, sums of weights, 0 or above.
        regularisation: r, 0 or above: 10 in the challenge, 0 in some later papers.

    Raises:
        DataError: for counts that are negative or not finite, or of different cuts.
        ConfigError: for such a regularisation.

    Example:
        >>> from codesign.metrics import ams
        >>> round(float(ams(200.0, 2000.0)), 3), round(float(ams(200.0, 2000.0, 0.0)), 3)
        (4.39, 4.401)
    """
    if not 0 <= regularisation < np.inf:
        raise ConfigError(f"regularisation: expected a number of 0 or above. Received: {regularisation}")
    s, b = as_numbers(signal, "signal"), as_numbers(background, "background")
    if 0 < s.ndim == b.ndim and s.shape != b.shape:
        raise DataError(f"background: expected counts of shape {s.shape}, as of signal. Received: {b.shape}")
    for name, counts in (("signal", s), ("background", b)):
        wrong = counts[~((counts >= 0) & np.isfinite(counts))]
        if wrong.size:
            raise DataError(f"{name}: expected sums of weights, 0 or above. Received: {wrong[0]:g}")
    b = b + regularisation
    with np.errstate(divide="ignore", invalid="ignore"):
        root = 2 * ((s + b) * np.log1p(s / b) - s)
    return np.where(s > 0, np.where(b > 0, np.sqrt(np.maximum(root, 0)), np.inf), 0.0)


@dataclass(frozen=True, eq=False)
class CutScan:
    """What every cut on the scores keeps, from one cumulative sum.

    Args:
        scores: (n_events,) from the highest; a cut keeps the events at or above it.
        signal, background: (n_events,) sums of the weights that the cut at this score keeps.
    """

    scores: np.ndarray
    signal: np.ndarray
    background: np.ndarray

    @checked
    def ams(self, regularisation: float = REGULARISATION) -> np.ndarray:
        """Return (n_events,) the AMS of the cut at each score."""
        return ams(self.signal, self.background, regularisation)

    @checked
    def smoothed_cut(
        self, *, share: float = 0.1, least_score: float | None = None, regularisation: float = REGULARISATION
    ) -> float:
        """Return the mean score of the events whose cuts have the highest AMS: steadier than the best cut alone.

        Args:
            share: of all events that are averaged over, above 0 to 1.
            least_score: cuts below it are left out, such as 0.9 of probabilities; None: none is.
            regularisation: see :func:`ams`.

        Raises:
            ConfigError: for a share outside its limits, or no score of `least_score` or above.
        """
        if not 0 < share <= 1:
            raise ConfigError(f"share: expected a number above 0, to 1. Received: {share}")
        kept = np.ones(len(self.scores), bool) if least_score is None else self.scores >= least_score
        if not kept.any():
            raise ConfigError(
                f"least_score: expected a number up to {self.scores[0]:g}, the highest score. Received: {least_score:g}"
            )
        found = self.ams(regularisation)[kept]
        count = min(max(1, int(share * len(self.scores))), len(found))
        return float(self.scores[kept][np.argsort(-found, kind="stable")[:count]].mean())

    @checked
    def at(self, cut: float, regularisation: float = REGULARISATION) -> float:
        """Return the AMS of a cut.

        Raises:
            ConfigError: for a cut of NaN.
        """
        if np.isnan(cut):
            raise ConfigError("cut: expected a score. Received: nan")
        place = np.searchsorted(-self.scores, -cut, side="right") - 1
        return 0.0 if place < 0 else float(ams(self.signal[place], self.background[place], regularisation))

    @checked
    def mean_ams(self, regularisation: float = REGULARISATION) -> float:
        """Return the AMS averaged over cuts that keep 15 to 45 % of the signal: far steadier than that of one cut."""
        places = np.searchsorted(self.signal, _EFFICIENCIES * self.signal[-1])
        places = np.minimum(places, len(self.signal) - 1)
        return float(ams(self.signal[places], self.background[places], regularisation).mean())


@checked
def scan_cuts(scores: np.ndarray, is_signal: np.ndarray, weights: np.ndarray | None = None) -> CutScan:
    """Return what every cut keeps.

    Args:
        scores: (n_events,), higher for signal.
        is_signal: (n_events,) bool, or labels 0 and 1, with both kinds in it.
        weights: (n_events,) that sum to the expected events of each kind (:func:`codesign.data.expected_weights`);
            None: ones.

    Raises:
        DataError: for shapes that do not fit, other labels, NaN, weights that are negative, or events of one kind.

    Example:
        >>> import numpy as np
        >>> from codesign.metrics import scan_cuts
        >>> scan = scan_cuts(np.array([0.2, 0.9, 0.6]), np.array([0, 1, 1]), np.array([100.0, 5.0, 5.0]))
        >>> scan.scores.tolist(), scan.signal.tolist(), scan.smoothed_cut()
        ([0.9, 0.6, 0.2], [5.0, 10.0, 10.0], 0.6)
    """
    is_signal = check_signal("is_signal", is_signal)
    scores = finite_scores("scores", scores, len(is_signal))
    weights = weights_of(weights, len(scores))
    check_both_kinds(is_signal, weights, 1)
    order = np.argsort(-scores, kind="stable")
    ordered, is_signal, weights = scores[order], is_signal[order], weights[order]
    last = np.searchsorted(-ordered, -ordered, side="right") - 1  # equal scores are kept together
    return CutScan(ordered, *(np.cumsum(weights * kind)[last] for kind in (is_signal, ~is_signal)))
