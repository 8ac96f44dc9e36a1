"""What callbacks that move something along the steps of a whole `fit` have in common."""

from abc import abstractmethod

from codesign._keras import keras
from codesign._layer_walk import read_layer_graph
from codesign.errors import ConfigError

_UPDATES_PER_FIT = 200  # finer steps change nothing, and each costs a tenth of a small network's training step


def required_layers(callback: keras.callbacks.Callback, kind: type) -> list[keras.layers.Layer]:
    """Return the layers of this kind in the model of a callback.

    Raises:
        ConfigError: if there is none.
    """
    layers = [layer for layer in read_layer_graph(callback.model).layers if isinstance(layer, kind)]
    if not layers:
        name = type(callback).__name__
        raise ConfigError(f"{name}: expected a model with {kind.__name__} layers. Received: none; remove the callback")
    return layers


def known_steps(params: dict) -> int:
    """Return the steps of an epoch, from what `fit` tells callbacks.

    Raises:
        ConfigError: for an epoch of unknown length.
    """
    if not params.get("steps"):
        raise ConfigError("steps: expected an epoch of known length. Received: a generator; give fit steps_per_epoch")
    return params["steps"]


class StepSchedule(keras.callbacks.Callback):
    """Calls `_move` at the start of each epoch, and some 200 times over the steps of all epochs.

    Raises:
        ConfigError: when `fit` starts, for an epoch of unknown length.
    """

    _supports_tf_logs = True  # the batch hook reads no logs, so Keras need not fetch them at every step

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._steps = known_steps(self.params)
        self._total = self._steps * self.params["epochs"]
        self._every = max(1, self._total // _UPDATES_PER_FIT)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._before = epoch * self._steps
        self._move(self._before / self._total)

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        if batch and (self._before + batch) % self._every == 0:
            self._move((self._before + batch) / self._total)

    @abstractmethod
    def _move(self, progress: float) -> None:
        """Set what belongs to a share of the training."""
