"""Losses of a network's outputs, with the slopes and curvatures that say where a new weight would pay."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from codesign._arguments import as_numbers
from codesign.errors import ConfigError, DataError

_LARGEST_EXPONENT = 80.0  # exp of it is finite in float32


class Loss(ABC):
    """Mean over events of a loss of outputs, (n_outputs, n_events) float32.

    Args:
        targets: (n_outputs, n_events).
        weights: (n_events,) of the events, of mean 1; None: all count alike.
    """

    def __init__(self, targets: np.ndarray, weights: np.ndarray | None = None) -> None:
        self._targets = np.ascontiguousarray(targets, np.float32)
        self._weights = None if weights is None else np.ascontiguousarray(weights, np.float32)

    @abstractmethod
    def value(self, outputs: np.ndarray) -> float:
        """Return the mean."""

    @abstractmethod
    def slopes(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first derivatives of the mean by each output, and the second ones by it alone.

        (n_outputs, n_events) each.
        """

    def _mean(self, losses: np.ndarray) -> float:
        """The mean over events of (n_events,) losses."""
        return float((losses if self._weights is None else losses * self._weights).mean())

    def _shares(self, n_events: int) -> np.ndarray | float:
        """How much each event counts in the mean."""
        return (1 if self._weights is None else self._weights) / np.float32(n_events)


class SoftmaxCrossEntropy(Loss):
    """``-sum_c t_c log softmax(z)_c`` of probabilities t."""

    def value(self, outputs: np.ndarray) -> float:
        largest = outputs.max(0)
        powers = np.exp(outputs - largest).sum(0)
        return self._mean(np.log(powers) + largest - np.einsum("ij,ij->j", self._targets, outputs))

    def slopes(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        powers = np.exp(outputs - outputs.max(0))
        probabilities, shares = powers / powers.sum(0), self._shares(outputs.shape[1])
        return (probabilities - self._targets) * shares, probabilities * (1 - probabilities) * shares


class BinaryCrossEntropy(Loss):
    """``-t log s(z) - (1 - t) log(1 - s(z))``, s the logistic function, of a logit per output; summed over outputs."""

    def value(self, outputs: np.ndarray) -> float:
        return self._mean((np.logaddexp(0, outputs) - self._targets * outputs).sum(0))

    def slopes(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        probabilities = 1 / (1 + np.exp(-np.clip(outputs, -_LARGEST_EXPONENT, _LARGEST_EXPONENT)))
        shares = self._shares(outputs.shape[1])
        return (probabilities - self._targets) * shares, probabilities * (1 - probabilities) * shares


class MeanSquaredError(Loss):
    """``(z - t)^2``, mean over outputs."""

    def value(self, outputs: np.ndarray) -> float:
        return self._mean(np.square(outputs - self._targets).mean(0))

    def slopes(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        factor = np.float32(2 / len(outputs)) * self._shares(outputs.shape[1])
        return factor * (outputs - self._targets), np.full(outputs.shape, factor, np.float32)


LOSSES = {
    "categorical_crossentropy": SoftmaxCrossEntropy,
    "sparse_categorical_crossentropy": SoftmaxCrossEntropy,
    "binary_crossentropy": BinaryCrossEntropy,
    "mean_squared_error": MeanSquaredError,
}


class JointLoss(Loss):
    """The sum of the losses of several outputs, which lie side by side.

    Args:
        losses: of each output.
        sizes: values of each.
    """

    def __init__(self, losses: Sequence[Loss], sizes: Sequence[int]) -> None:
        self._losses, self._ends = tuple(losses), np.cumsum(sizes)[:-1]

    def value(self, outputs: np.ndarray) -> float:
        return sum(loss.value(own) for loss, own in zip(self._losses, np.split(outputs, self._ends)))

    def slopes(self, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = [loss.slopes(own) for loss, own in zip(self._losses, np.split(outputs, self._ends))]
        first, second = (np.concatenate(one) for one in zip(*parts))
        return first, second


def joint_loss(
    name: str,
    y: object,
    shapes: Mapping[str, tuple[int, ...]],
    n_events: int,
    weights: np.ndarray | None = None,
) -> Loss:
    """Return the loss of this name of all outputs of a network.

    Args:
        y: of one output its targets; of several, theirs by name, or in order in a list.
        shapes: of the outputs.
        weights: (n_events,) of the events, not negative; None: all count alike.

    Raises:
        ConfigError, DataError: as :func:`make_loss`; for targets of other outputs, or weights that do not fit.
    """
    weights = None if weights is None else _of_mean_one(weights, n_events)
    sizes = [prod(shape) for shape in shapes.values()]
    if len(sizes) == 1:
        return make_loss(name, y, sizes[0], n_events, weights)
    if isinstance(y, Mapping) and set(y) == set(shapes):
        y = [y[output] for output in shapes]
    if not isinstance(y, (list, tuple)) or len(y) != len(sizes):
        raise DataError(
            f"y: expected targets of {', '.join(shapes)}, in a list or by name. Received: {type(y).__name__}"
        )
    return JointLoss([make_loss(name, own, size, n_events, weights) for own, size in zip(y, sizes)], sizes)


def make_loss(name: str, y: np.ndarray, n_outputs: int, n_events: int, weights: np.ndarray | None = None) -> Loss:
    """Return the loss of this name, as in Keras, but of outputs before softmax and sigmoid.

    Args:
        y: targets as Keras takes them: (n_events, n_outputs), or classes (n_events,) for
            ``sparse_categorical_crossentropy``.
        weights: (n_events,) of the events, of mean 1.

    Raises:
        ConfigError: for another name.
        DataError: for targets that do not fit, or NaN in them.
    """
    if name not in LOSSES:
        raise ConfigError(f"loss: expected one of {', '.join(LOSSES)}. Received: {name}")
    y = as_numbers(y, "y")
    if name == "sparse_categorical_crossentropy":
        if y.shape != (n_events,) or not np.isin(y, np.arange(n_outputs)).all():
            raise DataError(
                f"y: expected {n_events} classes 0 to {n_outputs - 1}. Received: shape {y.shape}, other classes or "
                "another length"
            )
        y = np.eye(n_outputs)[y.astype(int)]
    elif n_outputs == 1 and y.shape == (n_events,):
        y = y[:, np.newaxis]
    if y.shape != (n_events, n_outputs) or not np.isfinite(y.astype(float)).all():
        raise DataError(
            f"y: expected finite targets of shape ({n_events}, {n_outputs}). Received: shape {y.shape}, or NaN or inf"
        )
    return LOSSES[name](y.T, weights)


def _of_mean_one(weights: np.ndarray, n_events: int) -> np.ndarray:
    weights = as_numbers(weights, "sample_weight")
    if weights.shape != (n_events,) or not (weights >= 0).all() or not 0 < weights.sum() < np.inf:
        raise DataError(
            f"sample_weight: expected {n_events} numbers that are not negative, one for each event, some above 0. "
            f"Received: shape {weights.shape}{'' if weights.shape != (n_events,) else ', others among them'}"
        )
    return weights / weights.mean()
