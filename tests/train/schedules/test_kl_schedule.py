import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.layers import VariationalDense
from codesign.train import KLSchedule

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


def model(**options):
    built = keras.Sequential(
        [keras.Input((3,)), keras.Sequential([VariationalDense(4, **options)]), VariationalDense(1, **options)]
    )
    built.compile("adam", "mse", run_eagerly=True)
    return built


def fit(built, *callbacks, epochs=1):
    built.fit(X, X[:, :1], epochs=epochs, batch_size=20, verbose=0, callbacks=list(callbacks))


def test_weight_is_zero_then_linear_then_constant():
    schedule = KLSchedule(start=5, end=20, weight=3.0)
    assert [schedule.weight_at(epoch) for epoch in (1, 5, 8, 20, 21, 99)] == pytest.approx([0, 0, 0.6, 3, 3, 3])
    step = KLSchedule(start=2, end=2)
    assert [step.weight_at(epoch) for epoch in (1, 2, 3)] == [0, 0, 1]
    assert KLSchedule(start=0, end=0).weight_at(1) == 1


def test_every_layer_follows_also_in_a_second_fit_with_another_size():
    seen, built = [], model()
    record = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(float(built.layers[-1].kl_scale))
    )
    fit(built, KLSchedule(n_train=40, start=1, end=3, weight=2.0), record, epochs=4)
    assert seen == pytest.approx([0, 1 / 40, 2 / 40, 2 / 40])
    fit(built, KLSchedule(n_train=80, start=0, end=0))
    for layer in (built.layers[0].layers[0], built.layers[1]):
        assert (layer.n_train, layer.kl_weight) == (80, pytest.approx(1))


def test_the_layers_own_size_serves():
    built = model(n_train=40)
    fit(built, KLSchedule(start=0, end=0))
    assert float(built.layers[-1].kl_scale) == pytest.approx(1 / 40)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"start": 5, "end": 4}, "start, end: expected epochs"),
        ({"start": -1}, "start, end"),
        ({"weight": -1.0}, "weight: expected a number of at least 0"),
        ({"weight": np.nan}, "weight"),
        ({"n_train": 0}, "n_train: expected the number of training events. Received: 0"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        KLSchedule(**options)


@pytest.mark.parametrize(
    "schedule, message",
    [
        (
            KLSchedule(),
            r"n_train: expected the training size for the KL term of layer 'variational_dense.*Received: None; use "
            r"KLSchedule\(n_train=len",
        ),
        (KLSchedule(n_train=1), "n_train.*Received: 1, fewer than the 2 steps of an epoch"),
    ],
)
def test_training_size_missing_or_mistaken(schedule, message):
    with pytest.raises(ConfigError, match=message) as error:
        fit(model(), schedule)
    assert "\n" not in str(error.value)


def test_rejects_a_model_without_the_layer():
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    plain.compile("adam", "mse")
    with pytest.raises(ConfigError, match="expected a model with VariationalDense layers"):
        fit(plain, KLSchedule(n_train=40))
