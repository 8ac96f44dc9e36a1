"""What callbacks that set the learning rate before each step have in common."""

from abc import abstractmethod

import numpy as np

from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.train.rates.optimizer_settings import inner_optimizer, rate_variable
from codesign.train.schedules.step_schedule import known_steps


class RateSchedule(keras.callbacks.Callback):
    """Sets the learning rate before each step, and puts back that of the optimizer when `fit` ends.

    Steps count from the first of epoch 0: a `fit` with `initial_epoch` goes on where the one before ended. The log of
    an epoch, and so the history, has the last rate as ``lr``.

    Raises:
        ConfigError: when `fit` starts, for an epoch of unknown length, a model that is not compiled, an optimizer whose
            rate a schedule sets, or two such callbacks; before the next epoch, if something else has set the rate.
    """

    _supports_tf_logs = True  # the batch hook reads no logs, so Keras need not fetch them at every step

    def on_train_begin(self, logs: dict | None = None) -> None:
        owner = type(self).__name__
        self._check_alone()
        self._steps = known_steps(self.params)
        self._rate = rate_variable(inner_optimizer(self.model, owner), owner)
        self._rate_before = float(self._rate.numpy())
        self._last: float | None = None

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._before = epoch * self._steps

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        if not batch and self._last is not None and float(self._rate.numpy()) != self._last:
            raise ConfigError(
                f"callbacks: expected that {type(self).__name__} alone sets the learning rate. Received: "
                f"{float(self._rate.numpy()):g} after an epoch that ended with {self._last:g}; leave out the callback "
                "that sets it, or train with one after the other"
            )
        self._move(self._before + batch)

    def _set_rate(self, rate: float) -> None:
        self._rate.assign(rate)
        self._last = float(np.float32(rate))

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if logs is not None:
            logs["lr"] = float(self._rate.numpy())

    def on_train_end(self, logs: dict | None = None) -> None:
        self._rate.assign(self._rate_before)

    def _check_alone(self) -> None:
        """Leave a name on the History of this `fit`, where another such callback has left none."""
        history = self.model.history
        if history is None:  # not in a `fit`
            return
        other = getattr(history, "sets_the_rate", None)
        if other is not None:
            raise ConfigError(
                f"callbacks: expected one that sets the learning rate. Received: {other} and {type(self).__name__}, of "
                "which each would undo what the other does; leave one out, or train with one after the other, in a fit "
                "of its own each"
            )
        history.sets_the_rate = type(self).__name__

    @abstractmethod
    def _move(self, step: int) -> None:
        """Set what belongs to a step."""


def check_rates(low: float, high: float, names: str) -> None:
    """Check learning rates.

    Raises:
        ConfigError: unless 0 <= low < high < inf.
    """
    if not 0 <= low < high < float("inf"):
        raise ConfigError(
            f"{names}: expected learning rates, of which the first is lower, of at least 0. Received: {low:g}, {high:g}"
        )


def check_epochs(epochs: float, argument: str, *, low: int = 1) -> None:
    """Check a number of epochs.

    Raises:
        ConfigError: below `low`.
    """
    if epochs < low:
        raise ConfigError(f"{argument}: expected at least {low} epochs. Received: {epochs}")
