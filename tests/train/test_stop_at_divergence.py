import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError, TrainingError
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.posterior import CollapseSchedule
from codesign.train import CostSchedule, StopAtDivergence

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


class Spoil(keras.callbacks.Callback):
    """Change the weights before an epoch."""

    def __init__(self, epoch, change):
        super().__init__()
        self.epoch, self.change, self.before = epoch, change, None

    def on_epoch_begin(self, epoch, logs=None):
        if epoch + 1 == self.epoch:
            self.before = self.model.get_weights()
            self.model.set_weights([self.change(weight) for weight in self.before])


def fit(spoil, y=X[:, :1], **options):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="only")])
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X, y, epochs=5, verbose=0, callbacks=[spoil, StopAtDivergence(**options)])


@pytest.mark.parametrize(
    "epoch, change, message",
    [
        (
            3,
            lambda weight: weight * np.nan,
            r"loss: expected a finite number. Received: nan, and NaN or inf in the weights 'only/kernel:0' in epoch 3; "
            r".*epoch 2\)",
        ),
        (
            2,
            lambda weight: weight + 1e4,
            r"loss: expected less than 1000 times the first epoch's .* in epoch 2; .*epoch 1\)",
        ),
    ],
)
def test_stops_with_epoch_and_cause_and_keeps_the_last_good_weights(epoch, change, message):
    spoil = Spoil(epoch, change)
    with pytest.raises(TrainingError, match=message) as error:
        fit(spoil)
    assert "\n" not in str(error.value)
    for kept, good in zip(spoil.model.get_weights(), spoil.before):
        np.testing.assert_array_equal(kept, good)


def test_nan_labels_in_the_first_epoch_leave_the_weights_from_before():
    with pytest.raises(TrainingError, match="in epoch 1; .*weights from before the training"):
        fit(Spoil(9, None), y=X[:, :1] * np.nan)


def test_a_sound_training_passes():
    fit(Spoil(9, None))


@pytest.mark.parametrize(
    "schedule, rates, message",
    [
        (
            lambda: CostSchedule(1e-4),
            (1e5, 1e5),
            r"loss: expected a finite number. .* in epoch 1; .*weights from before the training\)",
        ),
        pytest.param(
            lambda: CollapseSchedule(X),
            (1e-3, 1e5),
            r"loss: expected .* in epoch 3; lower the learning_rate .*after epoch 2\)",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: CostSchedule(1e6, start=0.4, end=0.5),
            (1e-3, 1e-3),
            r"loss: expected .* in epoch 3; .*after epoch 2\)",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_posterior_precision_that_diverges_leaves_a_network_that_collapses(schedule, rates, message):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), PosteriorDense(4, activation="relu"), PosteriorDense(1)])
    model.compile(keras.optimizers.SGD(), "mse", run_eagerly=True)
    rate = keras.callbacks.LearningRateScheduler(lambda epoch: rates[epoch > 1])
    with pytest.raises(TrainingError, match=message) as error:
        model.fit(X, X[:, :1], epochs=6, verbose=0, batch_size=10, callbacks=[schedule(), rate, StopAtDivergence()])
    assert "\n" not in str(error.value)
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(X, X[:, :1], verbose=0, callbacks=[CollapseSchedule(X, parts=(1.0,))])
    np.testing.assert_array_equal(Network.from_keras(model).emulate(X), model.predict(X, verbose=0))


@pytest.mark.parametrize("factor", [1.0, -1.0, np.nan])
def test_bad_factor(factor):
    with pytest.raises(ConfigError, match="factor: expected a number above 1"):
        StopAtDivergence(factor=factor)
