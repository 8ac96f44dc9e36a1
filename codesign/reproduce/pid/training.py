"""One training of a PID network, and the measurement of what came out of it."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from codesign._keras import keras, tf
from codesign.compress import measure_size, shrink
from codesign.data import Dataset
from codesign.metrics.auc import one_vs_rest_aucs
from codesign.reproduce.pid.networks import dense_net
from codesign.reproduce.pid.settings import PidSettings
from codesign.train import save_model
from codesign.train.cosine_fit import CosineFit, fit_along_cosine

_EVALUATION_BATCH = 20_000
_STEPS_PER_CALL = 32  # a third off the time of an epoch; only where no callback acts within an epoch


class Trainer:
    """Trains and measures the networks of one seed on the same tracks.

    Args:
        data: standardised.
        settings: epochs and rates.
        seed: of initial weights, order of events and noise.
        directory: for the shrunk models; None to keep none.
    """

    def __init__(self, data: Dataset, settings: PidSettings, seed: int, directory: Path | None = None) -> None:
        self.data, self.settings, self.seed, self.directory = data, settings, seed, directory
        self._x = tf.constant(data.x_train)
        self._y = tf.constant(data.y_train, tf.int32)
        self._pretrained: list[np.ndarray] | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch."""
        return math.ceil(len(self.data.x_train) / self.settings.batch_size)

    def fit(
        self,
        model: keras.Model,
        epochs: int,
        *,
        rate: float | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        loss: str = "sparse_categorical_crossentropy",
        labels: tf.Tensor | None = None,
        acts_on_steps: bool = False,
    ) -> keras.Model:
        """Train in place by Adam along a cosine from `rate` to zero, and return the model.

        Args:
            acts_on_steps: whether a callback acts within an epoch.
        """
        rate, steps_per_call = rate or self.settings.learning_rate, 1 if acts_on_steps else _STEPS_PER_CALL
        course = CosineFit(epochs, self.settings.batch_size, rate, steps_per_call=steps_per_call)
        data = (self._x, self._y if labels is None else labels)
        fit_along_cosine(model, data, loss, course, callbacks=callbacks)
        return model

    def pretrained(self) -> keras.Sequential:
        """Return the dense network that others start from; the same for all methods of a seed."""
        keras.utils.set_random_seed(self.seed)
        model = dense_net()
        if self._pretrained is None:
            self._pretrained = self.fit(model, self.settings.pretrain_epochs).get_weights()
        model.set_weights(self._pretrained)
        keras.utils.set_random_seed(
            self.seed + 1000
        )  # the same state for the next step, whether it was trained just now or not
        return model

    def one_hot_labels(self) -> tf.Tensor:
        """Return (n_events, n_classes) training labels of one-vs-rest networks."""
        return tf.one_hot(self._y, self.data.n_classes)

    def measure(self, model: keras.Model, name: str) -> dict:
        """Return AUCs and sizes of the stripped and shrunk model, which is saved; it is fed the columns `features`."""
        small = shrink(model)
        size = measure_size(small.model)
        self._save(small.model, name)
        return {
            "aucs": one_vs_rest_aucs(small.predict(self.data.x_test, batch_size=_EVALUATION_BATCH), self.data.y_test),
            "live_weights": size.live_weights,
            "live_units": size.live_hidden,
            "live_inputs": len(small.features),
            "features": small.features,
            "macs": size.macs,
        }

    def measure_binary(self, model: keras.Model, name: str) -> dict:
        """Return the same of dense networks side by side."""
        self._save(model, name)
        scores = model.predict(self.data.x_test, batch_size=_EVALUATION_BATCH, verbose=0)
        kernels = [weight for weight in model.get_weights() if weight.ndim == 2]
        count = sum(kernel.size for kernel in kernels)
        units = sum(kernel.shape[1] for kernel in kernels if kernel.shape[1] > 1)
        aucs = one_vs_rest_aucs(scores, self.data.y_test)
        size = {"live_weights": count, "live_units": units, "live_inputs": self.data.n_features, "macs": count}
        return {"aucs": aucs, **size}

    def _save(self, model: keras.Model, name: str) -> None:
        if self.directory is not None:
            save_model(model, self.directory / f"{name}-{self.seed}.h5")
