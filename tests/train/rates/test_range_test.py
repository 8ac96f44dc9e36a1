import numpy as np
import pytest

from codesign._keras import keras, tf
from codesign.errors import ConfigError, DataError, TrainingError
from codesign.train import LearningRateCurve, lr_range_test

X = np.random.default_rng(0).normal(size=(320, 2)).astype(np.float32)
Y = X[:, :1] - X[:, 1:]


def model_of(optimizer="adam", *, middle=()):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), *middle, keras.layers.Dense(1)])
    model.compile(optimizer, "mse", metrics=["mae"])
    return model


def state(model):
    return [one.numpy() for one in (*model.weights, *model.optimizer.variables(), model.optimizer.learning_rate)]


@pytest.mark.parametrize("old", [pytest.param(False, marks=pytest.mark.slow), True])
def test_the_model_and_its_optimizer_are_what_they_were(old):
    optimizer = keras.optimizers.legacy.Adam if old else keras.optimizers.Adam
    model = model_of(optimizer(0.01), middle=[keras.layers.BatchNormalization()])
    lr_range_test(model, (X, Y))
    fresh = model_of(optimizer(0.01), middle=[keras.layers.BatchNormalization()])
    for one in (model, fresh):
        one.fit(X, Y, epochs=1, verbose=0, shuffle=False)
    for one, other in zip(state(model), state(fresh), strict=True):
        np.testing.assert_array_equal(one, other)
    before, history = state(model), model.history
    lr_range_test(model, (X, Y))  # and of one that was trained
    for one, other in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.history is history


@pytest.mark.parametrize("as_dataset", [False, True])
def test_rates_and_losses_are_those_of_sgd_by_hand(as_dataset):
    model = model_of("sgd")
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(16) if as_dataset else (X, Y, np.ones(320))
    kernel, bias = (one.astype(np.float64) for one in model.get_weights())
    curve = lr_range_test(model, data, batch_size=16, low=1e-4, high=0.1)
    np.testing.assert_allclose(curve.learning_rates, 1e-4 * 1000 ** (np.arange(20) / 20))
    if not as_dataset:  # whose order is drawn
        assert len(curve.losses) == 20
        return
    for rate, loss, begin in zip(curve.learning_rates, curve.losses, range(0, 320, 16)):
        x, y = X[begin : begin + 16], Y[begin : begin + 16]
        error = x @ kernel + bias - y
        assert loss == pytest.approx(np.mean(error**2), rel=1e-4)
        kernel, bias = kernel - rate * 2 * x.T @ error / 16, bias - rate * 2 * error.mean(0)


def test_it_stops_once_the_loss_is_a_hundred_times_the_lowest():
    curve = lr_range_test(model_of("sgd"), (X, Y), batch_size=4, high=1e3)
    assert curve.is_stopped and len(curve.losses) < 80
    assert not (curve.losses[:-1] > 100 * np.minimum.accumulate(curve.losses)[:-1]).any()
    assert 1e-3 < curve.suggestion < 0.3  # sgd on a line: 2 / curvature is 1


def test_the_suggestion_is_a_tenth_of_the_rate_of_the_lowest_loss():
    rates = np.logspace(-7, 1, 81)
    curve = LearningRateCurve(rates, 1 + (np.log10(rates) + 2) ** 2 / 25, False)
    assert curve.suggestion == pytest.approx(1e-3, rel=0.01)
    axes = curve.plot().axes[0]
    assert axes.get_xscale() == "log" and "1.0e-03" in axes.get_legend().get_texts()[-1].get_text()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"low": 1e5, "high": 1e9}, "low: expected a learning rate at which the loss falls first. Received: 100000"),
        (
            {"x": np.full_like(X, np.nan)},
            r"data\[0\]: expected finite numbers. Received: NaN or inf in 320 of 320 events",
        ),
        ({"batch_size": 320}, "batch_size: expected at least 10 batches. Received: 1"),
        (
            {"x": X[:-1]},
            r"data\[0\]: expected labels and weights of each event. Received: 319 of data\[0\], 320 of data\[1\]",
        ),
        ({"x": np.ones((320, 3), np.float32)}, "data: expected events and labels"),
        ({"low": 1.0, "high": 0.1}, "low, high: expected learning rates"),
        ({"low": 0.0}, "low: expected a learning rate above 0"),
    ],
)
def test_what_cannot_be_tested_is_one_line_and_the_model_stays(options, message):
    model = model_of("sgd")
    before = model.get_weights()
    with pytest.raises((ConfigError, DataError, TrainingError), match=message) as error:
        lr_range_test(model, (options.pop("x", X), Y), **{"batch_size": 16, **options})
    assert "\n" not in str(error.value)
    for one, other in zip(before, model.get_weights()):
        np.testing.assert_array_equal(one, other)


BAD = np.where(np.arange(320)[:, None] == 7, np.inf, X)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ((BAD, Y), r"data\[0\]: expected finite numbers. Received: NaN or inf in 1 of 320"),
        (({"a": X, "b": BAD}, Y), r"data\[0\]\['b'\]: expected finite"),
        (([X, BAD], Y), r"data\[0\]\[1\]: expected finite"),
        (([X, X[:5]], Y), r"same events in each input. Received: 320 of data\[0\]\[0\], 5 of data\[0\]\[1\]"),
        ((X, BAD[:, :1]), r"data\[1\]: expected finite"),
        ((X, Y, BAD[:, 0]), r"data\[2\]: expected finite"),
        (tf.data.Dataset.from_tensor_slices((BAD, Y)).batch(16), "data: expected finite numbers. .* in a batch"),
        (tf.data.Dataset.from_tensor_slices((X, BAD[:, 1:])).batch(16), "data: expected finite numbers"),
    ],
)
def test_nan_that_a_relu_would_hide_is_found_in_every_array(data, where):
    model = model_of("sgd", middle=[keras.layers.Dense(3, "relu")])
    before = model.get_weights()
    with pytest.raises(DataError, match=where) as error:
        lr_range_test(model, data, batch_size=16)
    assert "\n" not in str(error.value)
    for one, other in zip(before, model.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_a_model_that_is_not_ready_is_one_line():
    unbuilt = keras.Sequential([keras.layers.Dense(1)])
    with pytest.raises(ConfigError, match="expected a compiled model"):
        lr_range_test(unbuilt, (X, Y))
    unbuilt.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="model: expected one that is built"):
        lr_range_test(unbuilt, (X, Y))


def test_no_rate_is_suggested_below_those_that_were_tried():
    curve = lr_range_test(model_of(), (X, Y), low=1e-12, high=1e-11)
    assert curve.suggestion == curve.learning_rates[0] == pytest.approx(1e-12)
