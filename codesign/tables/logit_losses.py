"""Cross-entropies: losses of logits."""

import numpy as np

from codesign.tables.kernels import logit_cell_sums
from codesign.tables.losses import Loss, OutputLoss

_LARGEST = 60.0  # of a logit: its exponential is within single precision
_LEAST_CURVATURE = 1e-3


class LogitLoss(OutputLoss):
    """The same of a logit, with its exponentials kept.

    Args:
        loss, output, rest: as :class:`OutputLoss` has them.
        others: (n_events,) sum of the exponentials of the other logits.
    """

    def __init__(self, loss: Loss, output: int, rest: np.ndarray, others: np.ndarray) -> None:
        super().__init__(loss, output, rest)
        weights = loss.weights if loss.weights is not None else np.ones_like(rest)
        self._logits = _exponential(rest), others, loss.targets[output], weights

    def slopes(self, cells: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return (n_cells, 2) sums of gradients and curvatures where each cell adds its value."""
        return logit_cell_sums(self._logits, cells, np.exp(values).astype(np.float32), _LEAST_CURVATURE)


class Softmax(Loss):
    """Cross-entropy of probabilities of classes that exclude each other; the curvature is that of one score."""

    trust = 1.5

    def __init__(self, targets: np.ndarray, weights: np.ndarray | None) -> None:
        super().__init__(targets, weights)
        self._powers = np.ones_like(self.targets)
        self._total = self._powers.sum(0)

    def start(self) -> np.ndarray:
        """Return logarithms of the shares."""
        return np.log(np.maximum(np.average(self.targets, axis=1, weights=self.weights), 1e-9))

    def moved(self, output: int, scores: np.ndarray) -> None:
        """Keep the exponentials."""
        self._powers[output] = _exponential(scores)
        self._total = self._powers.sum(0)

    def _write_slopes(self, output: int, scores: np.ndarray, part: slice, found: np.ndarray) -> None:
        power = _exponential(scores)
        chance = power / (self._total[part] - self._powers[output, part] + power)
        np.subtract(chance, self.targets[output, part], out=found[:, 0])
        np.maximum(chance * (1 - chance), _LEAST_CURVATURE, out=found[:, 1])

    def without_tree(self, output: int, rest: np.ndarray) -> OutputLoss:
        """Return the loss of one output as a function of what the cells of a tree add to its other scores."""
        return LogitLoss(self, output, rest, self._total - self._powers[output])

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
        share = np.clip(np.average(self.targets, axis=1, weights=self.weights), 1e-9, 1 - 1e-9)
        return np.log(share / (1 - share))

    def _write_slopes(self, output: int, scores: np.ndarray, part: slice, found: np.ndarray) -> None:
        chance = 1 / (1 + np.exp(-np.clip(scores, -_LARGEST, _LARGEST)))
        np.subtract(chance, self.targets[output, part], out=found[:, 0])
        np.maximum(chance * (1 - chance), _LEAST_CURVATURE, out=found[:, 1])

    def without_tree(self, output: int, rest: np.ndarray) -> OutputLoss:
        """Return the loss of one output as a function of what the cells of a tree add to its other scores."""
        return LogitLoss(self, output, rest, np.ones_like(rest))

    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        return np.logaddexp(np.float32(0), scores) - self.targets[output] * scores

    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        targets = np.clip(self.targets, 1e-7, 1 - 1e-7)
        cross = np.logaddexp(0, scores) - self.targets * scores
        return (cross + targets * np.log(targets) + (1 - targets) * np.log(1 - targets)).sum(0)


def _exponential(scores: np.ndarray) -> np.ndarray:
    return np.exp(np.clip(scores, -_LARGEST, _LARGEST))
