"""StopAtDivergence: a training that runs away ends there, and the last good weights stay."""

import math

import numpy as np

from codesign._keras import keras
from codesign.errors import ConfigError, TrainingError


class StopAtDivergence(keras.callbacks.Callback):
    """When the loss or weights of an epoch are NaN or inf, or the loss has run away, restore the weights and raise.

    Args:
        factor: a loss above this many times the first epoch's has run away. It must leave room for a KL term that comes
            in later.

    Raises:
        ConfigError: for a factor of 1 or less.
        TrainingError: from `fit`; it names the epoch and the cause, and says which epoch's weights the model holds.
    """

    def __init__(self, *, factor: float = 1000.0) -> None:
        super().__init__()
        if not factor > 1:
            raise ConfigError(f"factor: expected a number above 1. Received: {factor}")
        self.factor = float(factor)

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._good, self._good_epoch, self._first = None, 0, None

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if self._good is None:  # by now every other callback has set up, and a restart has put its weights back
            self._good, self._good_epoch = self.model.get_weights(), epoch

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        loss, weights = float((logs or {}).get("loss", 0.0)), self.model.get_weights()
        cause = self._cause(loss, weights)
        if cause:
            self.model.set_weights(self._good)
            kept = (
                f"the weights after epoch {self._good_epoch}"
                if self._good_epoch
                else "the weights from before the training"
            )
            raise TrainingError(f"{cause} in epoch {epoch + 1}; lower the learning_rate (the model holds {kept})")
        self._good, self._good_epoch = weights, epoch + 1
        if self._first is None:
            self._first = loss

    def _cause(self, loss: float, weights: list[np.ndarray]) -> str:
        bad = [variable.name for variable, value in zip(self.model.weights, weights) if not np.isfinite(value).all()]
        where = f", and NaN or inf in the weights '{bad[0]}'" if bad else ""
        if not math.isfinite(loss):
            return f"loss: expected a finite number. Received: {loss}{where}"
        if bad:
            return f"weights: expected finite numbers. Received: NaN or inf in '{bad[0]}'"
        if self._first is not None and loss > self.factor * max(abs(self._first), 1e-12):
            return (
                f"loss: expected less than {self.factor:g} times the first epoch's {self._first:.4g}. Received: "
                f"{loss:.4g}"
            )
        return ""
