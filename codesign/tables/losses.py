"""What growth makes smaller: losses of scores, with the gradient and the curvature in one output at a time."""

from abc import ABC, abstractmethod

import numpy as np

from codesign.tables.kernels import cell_sums


class Loss(ABC):
    """A mean over events of a function of scores.

    Args:
        targets: (n_events, n_outputs).
        weights: (n_events,) of mean 1, or None.
    """

    trust = np.inf  # most by which scores are changed at once, as far as slopes can be trusted

    def __init__(self, targets: np.ndarray, weights: np.ndarray | None) -> None:
        self.targets = np.ascontiguousarray(targets.T, np.float32)
        self.weights = None if weights is None else np.asarray(weights, np.float32)

    def begin(self, scores: np.ndarray) -> None:
        """Take note of all scores, (n_outputs, n_events)."""
        for output in range(len(scores)):
            self.moved(output, scores[output])

    def moved(self, output: int, scores: np.ndarray) -> None:  # noqa: B027  # most losses keep nothing
        """Take note of the scores of one output, (n_events,)."""

    def slopes(self, output: int, scores: np.ndarray, part: slice = slice(None)) -> np.ndarray:
        """Return (n_some, 2) float32, gradient and curvature in one output's scores, (n_events,), of some events."""
        found = np.empty((len(scores[part]), 2), np.float32)
        self._write_slopes(output, scores[part], part, found)
        if self.weights is not None:
            found *= self.weights[part, np.newaxis]
        return found

    def total(self, output: int, scores: np.ndarray) -> float:
        """Return the sum over events, but for what does not depend on these scores, (n_events,), of one output."""
        found = self._of_output(output, scores)
        return float(found.sum(dtype=np.float64) if self.weights is None else found @ self.weights)

    def without_tree(self, output: int, rest: np.ndarray) -> "OutputLoss":
        """Return the loss of one output as a function of what the cells of a tree add to its other scores."""
        return OutputLoss(self, output, rest)

    def mean(self, scores: np.ndarray) -> float:
        """Return the loss of scores, (n_outputs, n_events), less the least that there is."""
        return float(np.average(self._of_events(scores), weights=self.weights))

    @abstractmethod
    def start(self) -> np.ndarray:
        """Return (n_outputs,) the best constant scores."""

    @abstractmethod
    def _write_slopes(self, output: int, scores: np.ndarray, part: slice, found: np.ndarray) -> None:
        """Write gradient and curvature into the columns of `found`."""

    @abstractmethod
    def _of_output(self, output: int, scores: np.ndarray) -> np.ndarray:
        """Return (n_events,) the part of the loss that depends on one output."""

    @abstractmethod
    def _of_events(self, scores: np.ndarray) -> np.ndarray:
        """Return (n_events,)."""


class OutputLoss:
    """The loss of one output as a function of what is added to scores, cell by cell.

    Args:
        loss: of all.
        output: number.
        rest: (n_events,) scores without the tree.
    """

    def __init__(self, loss: Loss, output: int, rest: np.ndarray) -> None:
        self._loss, self._output, self._rest = loss, output, rest

    def slopes(self, cells: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return (n_cells, 2) sums of gradients and curvatures where each cell adds its value."""
        scores = self._rest + values.astype(np.float32)[cells]
        return cell_sums(cells, self._loss.slopes(self._output, scores), len(values))

    def total(self, cells: np.ndarray, values: np.ndarray) -> float:
        """Return the sum over events, but for a constant."""
        return self._loss.total(self._output, self._rest + values.astype(np.float32)[cells])
