"""What growth makes smaller: losses of scores, with the gradient and the curvature in one output at a time."""

from abc import ABC, abstractmethod

import numpy as np

_LARGEST = 60.0  # of a logit: its exponential is within single precision
_LEAST_CURVATURE = 1e-3


class Loss(ABC):
    """A mean over events of a function of scores.

    Args:
        targets: (n_events, n_outputs).
        weights: (n_events,) of mean 1, or None.
    """

    trust = np.inf  # most by which scores are changed at once, as far as slopes can be trusted

    def __init__(self, targets: np.ndarray, weights: np.ndarray | None) -> None:
        self.targets = np.ascontiguousarray(targets.T, np.float32)
        self._weights = None if weights is None else np.asarray(weights, np.float32)

    def begin(self, scores: np.ndarray) -> None:
        """Take note of all scores, (n_outputs, n_events)."""
        for output in range(len(scores)):
            self.moved(output, scores[output])

    def moved(self, output: int, scores: np.ndarray) -> None:  # noqa: B027  # most losses keep nothing
        """Take note of the scores of one output, (n_events,)."""

    def slopes(self, output: int, scores: np.ndarray) -> np.ndarray:
        """Return (n_events, 2) float32: gradient and curvature in the scores of one output, (n_events,)."""
        found = np.empty((len(scores), 2), np.float32)
        self._write_slopes(output, scores, found)
        if self._weights is not None:
            found *= self._weights[:, np.newaxis]
        return found

    def total(self, output: int, scores: np.ndarray) -> float:
        """Return the sum over events, but for what does not depend on these scores, (n_events,), of one output."""
        found = self._of_output(output, scores)
        return float(found.sum(dtype=np.float64) if self._weights is None else found @ self._weights)

    def mean(self, scores: np.ndarray) -> float:
        """Return the loss of scores, (n_outputs, n_events), less the least that there is."""
        return float(np.average(self._of_events(scores), weights=self._weights))

    @abstractmethod
    def start(self) -> np.ndarray:
        """Return (n_outputs,) the best constant scores."""

    @abstractmethod
    def _write_slopes(self, output: int, scores: np.ndarray, found: np.ndarray) -> None:
        """Write gradient and curvature into the columns of `found`."""

    @abstractmethod
    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        """Return (n_events,) the part of the loss that depends on one output."""

    @abstractmethod
    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        """Return (n_events,)."""


class Softmax(Loss):
    """Cross-entropy of probabilities of classes that exclude each other; the curvature is that of one score."""

    trust = 1.5

    def __init__(self, targets: np.ndarray, weights: np.ndarray | None) -> None:
        super().__init__(targets, weights)
        self._powers = np.ones_like(self.targets)
        self._total = self._powers.sum(0)

    def start(self) -> np.ndarray:
        """Return logarithms of the shares."""
        return np.log(np.maximum(np.average(self.targets, axis=1, weights=self._weights), 1e-9))

    def moved(self, output: int, scores: np.ndarray) -> None:
        """Keep the exponentials."""
        self._powers[output] = _exponential(scores)
        self._total = self._powers.sum(0)

    def _write_slopes(self, output: int, scores: np.ndarray, found: np.ndarray) -> None:
        power = _exponential(scores)
        chance = power / (self._total - self._powers[output] + power)
        np.subtract(chance, self.targets[output], out=found[:, 0])
        np.maximum(chance * (1 - chance), _LEAST_CURVATURE, out=found[:, 1])

    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        others = self._total - self._powers[output]
        return np.log(others + _exponential(scores)) - self.targets[output] * scores

    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        scores = scores - scores.max(0)
        logs = scores - np.log(np.exp(scores).sum(0))
        return (self.targets * (np.log(np.maximum(self.targets, 1e-12)) - logs)).sum(0)


class Logistic(Loss):
    """Cross-entropy of probabilities, each output on its own."""

    trust = 1.5

    def start(self) -> np.ndarray:
        """Return logits of the shares."""
        share = np.clip(np.average(self.targets, axis=1, weights=self._weights), 1e-9, 1 - 1e-9)
        return np.log(share / (1 - share))

    def _write_slopes(self, output: int, scores: np.ndarray, found: np.ndarray) -> None:
        chance = 1 / (1 + np.exp(-np.clip(scores, -_LARGEST, _LARGEST)))
        np.subtract(chance, self.targets[output], out=found[:, 0])
        np.maximum(chance * (1 - chance), _LEAST_CURVATURE, out=found[:, 1])

    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        return np.logaddexp(np.float32(0), scores) - self.targets[output] * scores

    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        targets = np.clip(self.targets, 1e-7, 1 - 1e-7)
        cross = np.logaddexp(0, scores) - self.targets * scores
        return (cross + targets * np.log(targets) + (1 - targets) * np.log(1 - targets)).sum(0)


class Squared(Loss):
    """Half the square of what is missed."""

    def start(self) -> np.ndarray:
        """Return means."""
        return np.average(self.targets, axis=1, weights=self._weights).astype(np.float64)

    def _write_slopes(self, output: int, scores: np.ndarray, found: np.ndarray) -> None:
        np.subtract(scores, self.targets[output], out=found[:, 0])
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

    def _write_slopes(self, output: int, scores: np.ndarray, found: np.ndarray) -> None:
        missed, delta = scores - self.targets[output], self._delta[output]
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

    def _write_slopes(self, output: int, scores: np.ndarray, found: np.ndarray) -> None:
        missed = scores - self.targets[output]
        found[:, 1] = np.float32(0.5) / np.maximum(np.abs(missed), self._delta[output])
        found[:, 0] = missed * found[:, 1] + (np.float32(0.5) - self._alpha)

    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        missed = scores - self.targets[output]
        return np.float32(0.5) * np.abs(missed) + (np.float32(0.5) - self._alpha) * missed

    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        return sum(self._of_output(output, one) for output, one in enumerate(scores))


def _exponential(scores: np.ndarray) -> np.ndarray:
    return np.exp(np.clip(scores, -_LARGEST, _LARGEST))
