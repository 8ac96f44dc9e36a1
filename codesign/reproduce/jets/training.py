"""One training of each method: a seed and a setting in, a fixed-point Network out."""

import time
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from codesign._keras import keras, tf
from codesign.data import Dataset
from codesign.layers import DetectorWords, PosteriorDense, TernaryDense, VariationalDense
from codesign.network import Network, quantize_network
from codesign.posterior import CollapseSchedule
from codesign.refine import refine_network
from codesign.reproduce.jets.settings import JetsSettings
from codesign.tables import Growth, grow_tables
from codesign.train import (
    CostSchedule,
    FitSettings,
    KLSchedule,
    build_qmlp,
    copy_weights,
    fit_classifier,
)
from codesign.train.cosine_fit import CosineFit, fit_along_cosine

_STEPS_PER_CALL = 16


class Trainer:
    """Trains the networks of one seed.

    Args:
        data: standardised, or in words; its training events are those that nothing is chosen on.
        settings: of all methods.
        seed: of initial weights, order of events and noise.
    """

    def __init__(self, data: Dataset, settings: JetsSettings, seed: int) -> None:
        self.data, self.settings, self.seed = data, settings, seed

    @cached_property
    def teacher(self) -> tuple[np.ndarray, float]:
        """Probabilities (n_events, n_classes) of the training events by a dense ensemble, and its CPU s."""
        start, total = time.process_time(), 0.0
        settings = self.settings
        for number in range(settings.teacher_nets):
            keras.utils.set_random_seed(1000 * (self.seed + 1) + number)
            model = self._dense(settings.teacher_hidden)
            self._fit(model, settings.teacher_epochs, settings.baseline_batch_size, settings.baseline_rate)
            total = total + model.predict(self.data.x_train, batch_size=20_000, verbose=0)
        return total / settings.teacher_nets, time.process_time() - start

    def posterior(self, cost_weight: float) -> Network:
        """Return a network whose precision its training has learnt, with the teacher's probabilities as labels."""
        settings, (labels, _) = self.settings, self.teacher
        keras.utils.set_random_seed(self.seed)
        model = self._chain([PosteriorDense(units) for units in settings.hidden], PosteriorDense(self.data.n_classes))
        schedule = CostSchedule(cost_weight)
        self._fit(
            model, settings.epochs, settings.batch_size, settings.learning_rate, labels=labels, callbacks=[schedule]
        )
        collapse = CollapseSchedule(self.data.x_train)
        epochs, batch_size, rate = settings.collapse_epochs, settings.collapse_batch_size, settings.collapse_rate
        self._fit(model, epochs, batch_size, rate, labels=labels, callbacks=[collapse], cycles=len(collapse.parts))
        some, words = slice(settings.refine_events), self.data.words
        options = {"sweeps": settings.refine_sweeps, "sent": words.precision if words else None}
        return refine_network(Network.from_keras(model), self.data.x_train[some], labels[some], **options)

    def tables(self) -> tuple[Dataset, Growth]:
        """Return the events in words whose ranges are free, and networks of tables of all sizes for them."""
        data, (labels, _), is_binary = self.data.in_words("free"), self.teacher, self.data.n_classes == 2
        growth = grow_tables(
            data.x_train,
            labels[:, 1] if is_binary else labels,
            data.words.precision,
            loss="logistic" if is_binary else "softmax",
            max_lut=self.settings.table_lut,
            seed=self.seed,
        )
        return data, growth

    def pruned(self, sparsity: float) -> Network:
        """Return a QKeras network, pruned by TFMOT."""
        settings = self.settings
        bits = {"weight_bits": settings.bits, "activation_bits": settings.bits}
        model = build_qmlp(self.data.n_features, settings.hidden, self.data.n_classes, seed=self.seed, **bits)
        fit = FitSettings(
            epochs=settings.baseline_epochs,
            batch_size=settings.baseline_batch_size,
            learning_rate=settings.baseline_rate,
            sparsity=sparsity,
            seed=self.seed,
        )
        network = Network.from_keras(fit_classifier(model, self.data, fit, progress=False))
        return quantize_network(network, self.data.x_train, weights="trained", activations="trained", inputs=8)

    def ternary(self, zeros: float) -> Network:
        """Return a network of three weights a unit, its activations rounded uniformly."""
        options = {"threshold": zeros, "threshold_of": "quantile", "scales_per": "unit"}
        model = self._chain(
            [TernaryDense(units, **options) for units in self.settings.hidden],
            TernaryDense(self.data.n_classes, **options),
        )
        return self._fine_tuned(model)

    def variational(self, kl_weight: float) -> Network:
        """Return a network sparsified by variational dropout, weights and activations rounded uniformly."""
        keras.utils.set_random_seed(self.seed)  # layers draw the seed of their noise when they are built
        model = self._chain(
            [VariationalDense(units) for units in self.settings.hidden], VariationalDense(self.data.n_classes)
        )
        epochs = self.settings.baseline_epochs
        schedule = KLSchedule(n_train=len(self.data.x_train), start=0, end=max(1, epochs // 2), weight=kl_weight)
        return self._fine_tuned(model, [schedule])

    def _fine_tuned(self, model: keras.Model, callbacks: Sequence[keras.callbacks.Callback] = ()) -> Network:
        settings = self.settings
        keras.utils.set_random_seed(self.seed)
        dense = self._dense(settings.hidden)
        third = max(1, settings.baseline_epochs // 3)
        self._fit(dense, third, settings.baseline_batch_size, settings.baseline_rate)
        copy_weights(dense, model)
        self._fit(
            model, settings.baseline_epochs, settings.baseline_batch_size, settings.baseline_rate, callbacks=callbacks
        )
        return quantize_network(
            Network.from_keras(model), self.data.x_train, weights=settings.bits, activations=settings.bits
        )

    def _dense(self, hidden: Sequence[int]) -> keras.Sequential:
        return self._chain([keras.layers.Dense(units) for units in hidden], keras.layers.Dense(self.data.n_classes))

    def _chain(self, hidden: Sequence[keras.layers.Layer], output: keras.layers.Layer) -> keras.Sequential:
        words = [DetectorWords(self.data.words)] if self.data.words else []
        layers = [layer for one in hidden for layer in (one, keras.layers.ReLU())]
        return keras.Sequential([keras.Input((self.data.n_features,)), *words, *layers, output, keras.layers.Softmax()])

    def _fit(
        self,
        model: keras.Model,
        epochs: int,
        batch_size: int,
        rate: float,
        *,
        labels: np.ndarray | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        cycles: int = 1,
    ) -> None:
        """Train in place by Adam, `cycles` times for `epochs` along a cosine from `rate` to zero."""
        x, y = self.data.x_train, self.data.y_train if labels is None else labels
        loss = "sparse_categorical_crossentropy" if labels is None else "categorical_crossentropy"
        course = CosineFit(cycles * epochs, batch_size, rate, cycles=cycles, steps_per_call=_STEPS_PER_CALL)
        fit_along_cosine(model, (tf.constant(x), tf.constant(y)), loss, course, callbacks=callbacks)
