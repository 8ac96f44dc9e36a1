"""Losses of values: squared, Huber's, and that whose least is a quantile."""

import numpy as np

from codesign.tables.losses import Loss


class Squared(Loss):
    """Half the square of what is missed."""

    def start(self) -> np.ndarray:
        """Return means."""
        return np.average(self.targets, axis=1, weights=self.weights).astype(np.float64)

    def _write_slopes(self, output: int, scores: np.ndarray, part: slice, found: np.ndarray) -> None:
        np.subtract(scores, self.targets[output, part], out=found[:, 0])
        found[:, 1] = 1

    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        return 0.5 * (scores - self.targets[output]) ** 2

    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        return 0.5 * ((scores - self.targets) ** 2).sum(0)


class Huber(Loss):
    """Half the square of what is missed up to `delta`, beyond it in proportion; a parabola that lies above it.

    Args:
        targets, weights: as :class:`Loss` has them.
        delta: (n_outputs,).
    """

    def __init__(self, targets: np.ndarray, weights: np.ndarray | None, delta: np.ndarray) -> None:
        super().__init__(targets, weights)
        self._delta = np.asarray(delta, np.float32)

    def start(self) -> np.ndarray:
        """Return medians."""
        return np.median(self.targets, axis=1).astype(np.float64)

    def _write_slopes(self, output: int, scores: np.ndarray, part: slice, found: np.ndarray) -> None:
        missed, delta = scores - self.targets[output, part], self._delta[output]
        found[:, 1] = delta / np.maximum(np.abs(missed), delta)
        found[:, 0] = np.clip(missed, -delta, delta)

    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        missed, delta = np.abs(scores - self.targets[output]), self._delta[output]
        return np.where(missed <= delta, 0.5 * missed**2, delta * (missed - 0.5 * delta))

    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        return sum(self._of_output(output, one) for output, one in enumerate(scores))


class Quantile(Loss):
    """The check loss, whose least is the quantile `alpha`, rounded off within `delta`.

    Args:
        targets, weights: as :class:`Loss` has them.
        delta: (n_outputs,).
        alpha: between 0 and 1.
    """

    def __init__(self, targets: np.ndarray, weights: np.ndarray | None, delta: np.ndarray, alpha: float) -> None:
        super().__init__(targets, weights)
        self._delta, self._alpha = np.asarray(delta, np.float32), np.float32(alpha)

    def start(self) -> np.ndarray:
        """Return quantiles."""
        return np.quantile(self.targets, float(self._alpha), axis=1).astype(np.float64)

    def _write_slopes(self, output: int, scores: np.ndarray, part: slice, found: np.ndarray) -> None:
        missed = scores - self.targets[output, part]
        found[:, 1] = np.float32(0.5) / np.maximum(np.abs(missed), self._delta[output])
        found[:, 0] = missed * found[:, 1] + (np.float32(0.5) - self._alpha)

    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        missed = scores - self.targets[output]
        return np.float32(0.5) * np.abs(missed) + (np.float32(0.5) - self._alpha) * missed

    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        return sum(self._of_output(output, one) for output, one in enumerate(scores))
