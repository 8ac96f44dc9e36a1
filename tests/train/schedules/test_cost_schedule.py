import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.layers import PosteriorDense
from codesign.train import CostSchedule

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


def model():
    built = keras.Sequential([keras.Input((3,)), keras.Sequential([PosteriorDense(4)]), PosteriorDense(1)])
    built.compile("adam", "mse", run_eagerly=True)
    return built


def test_weight_is_zero_then_linear_then_constant():
    schedule = CostSchedule(2.0, start=0.2, end=0.6)
    assert [schedule.weight_at(share) for share in (0, 0.2, 0.4, 0.6, 1)] == pytest.approx([0, 0, 1, 2, 2])
    assert [CostSchedule(1.0, start=0.5, end=0.5).weight_at(share) for share in (0.4, 0.5)] == [0, 1]
    assert CostSchedule(1.0, start=0, end=0).weight_at(0) == 1


def test_every_layer_follows_within_epochs_too():
    seen, built = [], model()
    layers = (built.layers[0].layers[0], built.layers[1])
    record = keras.callbacks.LambdaCallback(
        on_batch_end=lambda batch, logs: seen.append([layer.cost_weight for layer in layers])
    )
    built.fit(X, X[:, :1], epochs=2, batch_size=20, verbose=0, callbacks=[CostSchedule(0.5, start=0, end=1), record])
    np.testing.assert_allclose(seen, np.outer([0, 0.125, 0.25, 0.375], [1, 1]))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"weight": -1.0}, r"weight: expected 0 to 1e\+06. Received: -1"),
        ({"weight": 1e7}, "weight: expected 0 to"),
        ({"weight": np.nan}, "weight"),
        ({"weight": 1.0, "start": 0.5, "end": 0.4}, "start, end: expected shares of the training"),
        ({"weight": 1.0, "end": 1.1}, "start, end"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        CostSchedule(**options)


def test_rejects_a_model_without_the_layer():
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    plain.compile("adam", "mse")
    with pytest.raises(ConfigError, match="expected a model with PosteriorDense layers") as error:
        plain.fit(X, X[:, :1], verbose=0, callbacks=[CostSchedule(1.0)])
    assert "\n" not in str(error.value)
