"""CostSchedule: bits begin to cost once the network has learnt something."""

import numpy as np

from codesign._chain import chain_layers
from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.layers import PosteriorDense

_UPDATES_PER_FIT = 200  # finer steps change nothing


class CostSchedule(keras.callbacks.Callback):
    """Set the cost weight of every PosteriorDense: 0 up to the share `start` of the training, linear to `weight` at `end`, then constant.

    Args:
        weight: final factor of the cost in the loss; more gives a smaller network. 1e-6 to 1e-4 for classifiers with cross-entropy.
        start, end: shares of the steps of all epochs.

    Raises:
        ConfigError: for a negative weight or impossible shares; when `fit` starts, for a model without PosteriorDense, or an epoch
            of unknown length.
    """

    _supports_tf_logs = True  # the batch hook reads no logs, so Keras need not fetch them at every step

    def __init__(self, weight: float, *, start: float = 0.05, end: float = 0.2) -> None:
        super().__init__()
        if not 0 <= weight < np.inf:
            raise ConfigError(f"weight: expected a number of at least 0. Received: {weight}")
        if not 0 <= start <= end <= 1:
            raise ConfigError(f"start, end: expected shares of the training with 0 <= start <= end <= 1. Received: {start}, {end}")
        self.weight, self.start, self.end = float(weight), float(start), float(end)

    def weight_at(self, progress: float) -> float:
        """Return the cost weight at a share of the training."""
        if progress >= self.end:
            return self.weight
        return self.weight * (progress - self.start) / (self.end - self.start) if progress > self.start else 0.0

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._layers = [layer for layer in chain_layers(self.model) if isinstance(layer, PosteriorDense)]
        if not self._layers:
            raise ConfigError("CostSchedule: expected a model with PosteriorDense layers. Received: none; remove the callback")
        self._steps = self.params.get("steps")
        if not self._steps:
            raise ConfigError("steps: expected an epoch of known length. Received: a generator; give fit steps_per_epoch")
        self._total = self._steps * self.params["epochs"]
        self._every = max(1, self._total // _UPDATES_PER_FIT)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._before = epoch * self._steps
        self._move(self._before)

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        if batch and (self._before + batch) % self._every == 0:
            self._move(self._before + batch)

    def _move(self, step: int) -> None:
        for layer in self._layers:
            layer.set_cost_weight(self.weight_at(step / self._total))
