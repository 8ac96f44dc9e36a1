"""What growth is given: events, targets and weights, checked, and the loss by its name."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign._arguments import as_numbers
from codesign.errors import ConfigError, DataError, nearest
from codesign.tables.logit_losses import Logistic, Softmax
from codesign.tables.losses import Loss
from codesign.tables.value_losses import Huber, Quantile, Squared

LOSSES = ("softmax", "logistic", "squared", "huber", "quantile")
_TOLERANCE, _NARROW = 1e-3, 1e-2


@dataclass(frozen=True, eq=False)
class Events:
    """Events with targets.

    Args:
        x: (n_events, n_features) float64.
        targets: (n_events, n_outputs) float64.
        weights: (n_events,) of mean 1, or None.
    """

    x: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None

    @classmethod
    def of(cls, x: object, targets: object, weights: object, name: str = "") -> "Events":
        """Return events that are what they must be.

        Args:
            name: in front of the arguments in messages.

        Raises:
            DataError: for NaN or inf, other shapes, or weights that are negative or all 0.
        """
        x, targets = as_numbers(x, f"{name}x"), as_numbers(targets, f"{name}targets")
        targets = targets[:, np.newaxis] if targets.ndim == 1 else targets
        if x.ndim != 2 or not x.size:
            raise DataError(f"{name}x: expected shape (n_events, n_features), with events. Received: {x.shape}")
        if targets.ndim != 2 or len(targets) != len(x) or not targets.shape[1]:
            raise DataError(f"{name}targets: expected shape ({len(x)}, n_outputs). Received: {targets.shape}")
        for what, array in (("x", x), ("targets", targets)):
            bad = ~np.isfinite(array)
            if bad.any():
                raise DataError(
                    f"{name}{what}: expected finite numbers. Received: NaN or inf in {int(bad.any(1).sum())} of "
                    f"{len(x)} events, most in column {int(bad.sum(0).argmax())}; remove or impute them"
                )
        return cls(x, targets, None if weights is None else _weights(weights, len(x), name))

    def part(self, chosen: np.ndarray) -> "Events":
        """Return some of the events."""
        weights = None if self.weights is None else self.weights[chosen] / max(self.weights[chosen].mean(), 1e-12)
        return Events(self.x[chosen], self.targets[chosen], weights)


def find_loss(name: str, targets: np.ndarray, alpha: float) -> Callable[[Events], Loss]:
    """Return what makes the loss of a name for some events.

    Args:
        name: one of :data:`LOSSES`.
        targets: all of them, which its scale is found on.
        alpha: of ``quantile``.

    Raises:
        ConfigError: for another name.
        DataError: for targets that are no probabilities, where these are expected.
    """
    if name not in LOSSES:
        raise ConfigError(f"loss: expected one of {', '.join(LOSSES)}. Received: {name}{nearest(name, LOSSES)}")
    if name in ("softmax", "logistic"):
        _check_probabilities(name, targets)
        kind = Softmax if name == "softmax" else Logistic
        return lambda events: kind(events.targets, events.weights)
    if name == "squared":
        return lambda events: Squared(events.targets, events.weights)
    spread = np.maximum(np.quantile(targets, 0.75, axis=0) - np.quantile(targets, 0.25, axis=0), 1e-12)
    if name == "huber":
        return lambda events: Huber(events.targets, events.weights, spread)
    return lambda events: Quantile(events.targets, events.weights, _NARROW * spread, alpha)


def find_step(name: str, targets: np.ndarray) -> float:
    """Return the step of tables: a power of two, in logits, or near a part of the spread of the values."""
    if name in ("softmax", "logistic"):
        return 0.125
    spread = float(np.median(targets.std(0)))
    return float(2.0 ** np.floor(np.log2(spread / 16))) if spread > 0 else 1.0


def _check_probabilities(name: str, targets: np.ndarray) -> None:
    low, high = float(targets.min()), float(targets.max())
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise DataError(f"targets: expected probabilities for {name}. Received: {low:g} to {high:g}")
    if name == "softmax" and (targets.shape[1] < 2 or np.abs(targets.sum(1) - 1).max() > _TOLERANCE):
        cure = "one-hot labels, or probabilities; loss='logistic' takes each output on its own"
        raise DataError(
            f"targets: expected two columns or more, which add up to 1 in each event, for softmax. Received: "
            f"{targets.shape[1]} columns, sums of {targets.sum(1).min():g} to {targets.sum(1).max():g}; give {cure}"
        )


def _weights(weights: object, n_events: int, name: str) -> np.ndarray:
    array = as_numbers(weights, f"{name}weights")
    if array.shape != (n_events,) or not np.isfinite(array).all() or array.min() < 0 or not array.any():
        raise DataError(
            f"{name}weights: expected {n_events} numbers, none negative, some above 0. Received: shape {array.shape}"
        )
    return array / array.mean()
