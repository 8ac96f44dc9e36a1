"""Networks of `codesign reproduce hbb`, trained and measured in one way."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign._keras import keras, tf
from codesign.data import Dataset
from codesign.layers import TopKGate
from codesign.metrics.auc import bootstrap_weights, roc_auc, weighted_aucs
from codesign.reproduce.hbb.settings import HbbSettings
from codesign.train import GateBudget, GateSchedule
from codesign.train.cosine_fit import CosineFit, fit_along_cosine

_STEPS_PER_CALL = 25


@dataclass(frozen=True)
class Trainer:
    """Trains binary classifiers on one data set.

    Args:
        data: standardised events of two classes.
        settings: how to train.
    """

    data: Dataset
    settings: HbbSettings

    def events(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the training events and labels that this seed draws, the same for every method."""
        drawn, _ = self._draw(seed)
        return self.data.x_train[drawn], self.data.y_train[drawn].astype(np.float32)

    def network(
        self,
        seed: int,
        *,
        n_features: int,
        hidden: Sequence[int],
        first: Sequence[object] = (),
        after: Sequence[object] = (),
    ) -> keras.Sequential:
        """Return a network: layers `first`, then Dense and ReLU with a layer of `after` behind each, then one sigmoid.

        Args:
            seed: of the initial weights.
            n_features: width of the input.
            hidden: units of the hidden layers.
            first: layers behind the input.
            after: one layer per hidden layer, or none.
        """
        keras.backend.clear_session()  # hundreds of networks in one process otherwise keep all their graphs
        keras.utils.set_random_seed(seed)
        layers = [keras.Input((n_features,)), *first]
        for index, units in enumerate(hidden):
            layers += [self._dense(units, "relu"), *after[index : index + 1]]
        return keras.Sequential([*layers, self._dense(1, "sigmoid")])

    def gate(self, count: int | None = None) -> TopKGate:
        """Return a gate for this many nodes, or for a share of a budget."""
        return TopKGate(count, score_scale=self.settings.score_scale)

    def fit(
        self,
        model: keras.Model,
        seed: int,
        *,
        features: Sequence[int] = (),
        length: tuple[int, int, float] | None = None,
    ) -> None:
        """Train on the events of this seed, on these features, or on all, for a length of the settings.

        Ordinary if None.

        Raises:
            TrainingError: if the training diverges.
        """
        self._fit(model, seed, features, length=length or self.settings.ordinary, schedule=None)

    def fit_gated(self, model: keras.Model, seed: int, *, budget: GateBudget | None = None) -> None:
        """Train a model with gates, all its gates settled at the end.

        Raises:
            BudgetError: for a budget that no architecture can meet.
            TrainingError: if the training diverges.
        """
        schedule = GateSchedule(budget=budget, temperature=self.settings.temperature)
        self._fit(model, seed, (), length=self.settings.gated, schedule=schedule)

    def measure(self, model: keras.Model, *, features: Sequence[int] | None = None) -> dict:
        """Return the AUC on the test sample, and on draws from it: ``auc``, ``bootstrap_aucs``."""
        x = self.data.x_test if features is None else self.data.x_test[:, list(features)]
        scores = model(tf.constant(x), training=False).numpy()[:, 0]
        auc, *drawn = weighted_aucs(self.data.y_test, scores, self._weights)
        return {"auc": float(auc), "bootstrap_aucs": [round(float(value), 6) for value in drawn]}

    def retrained(
        self, seed: int, *, hidden: Sequence[int], features: Sequence[int], length: tuple[int, int, float] | None = None
    ) -> dict:
        """Return the measure of a plain network on these features, trained from scratch for a length of the settings.

        Its ``validation_auc`` is that on the training events which the seed has not drawn.
        """
        model = self.network(seed, n_features=len(features), hidden=hidden)
        self.fit(model, seed, features=features, length=length)
        _, left = self._draw(seed)
        scores = model(tf.constant(self.data.x_train[np.ix_(left, features)]), training=False).numpy()[:, 0]
        return {
            **self.measure(model, features=features),
            "validation_auc": roc_auc(scores, self.data.y_train[left] == 1),
        }

    def _draw(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the indices of the training events that a seed draws, and of those that it leaves for validation."""
        order = np.random.default_rng(seed).permutation(len(self.data.y_train))
        return np.split(order, [round(self.settings.train_share * len(order))])

    def _dense(self, units: int, activation: str) -> keras.layers.Dense:
        regularizer = keras.regularizers.L2(self.settings.weight_decay)
        return keras.layers.Dense(units, activation=activation, kernel_regularizer=regularizer)

    def _fit(
        self,
        model: keras.Model,
        seed: int,
        features: Sequence[int],
        *,
        length: tuple[int, int, float],
        schedule: GateSchedule | None,
    ) -> None:
        epochs, batch_size, hold = length
        x, y = self.events(seed)
        x = x[:, list(features)] if len(features) else x
        steps_per_call = _STEPS_PER_CALL if schedule is None else 1  # the schedule speaks before every step
        course = CosineFit(epochs, batch_size, self.settings.learning_rate, hold=hold, steps_per_call=steps_per_call)
        callbacks = [] if schedule is None else [schedule]
        fit_along_cosine(model, (x, y), "binary_crossentropy", course, callbacks=callbacks)

    @cached_property
    def _weights(self) -> np.ndarray:
        return bootstrap_weights(len(self.data.y_test))
