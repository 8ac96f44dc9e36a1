import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import TrainingError
from codesign.train.cosine_fit import CosineFit, fit_along_cosine

X = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
Y = X[:, :1] - X[:, 1:]


def model_of():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


@pytest.mark.parametrize("cycles, hold", [(1, 0.0), (4, 0.0), (1, 0.25)])
def test_the_rate_falls_along_cosines(cycles, hold):
    course = CosineFit(8, 10, 0.5, cycles=cycles, hold=hold)
    steps = np.arange(8 * 13)
    rates = np.array([float(course.rate(125)(step)) for step in steps])
    share = steps / len(steps) * cycles % 1
    expected = 0.25 * (1 + np.cos(np.pi * np.maximum(share - hold, 0) / (1 - hold)))
    np.testing.assert_allclose(rates, expected, atol=1e-6)


def test_trains_every_epoch_and_gives_its_time():
    epochs, model = [], model_of()
    seen = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(logs["mae"]))
    course = CosineFit(10, 20, 0.1, steps_per_call=5)
    cpu_s = fit_along_cosine(model, (X, Y), "mse", course, callbacks=[seen], metrics=["mae"])
    assert len(epochs) == 10 and epochs[-1] < 0.3 * epochs[0] and cpu_s > 0


def test_with_a_seed_the_order_of_events_is_its_own():
    weights = []
    for others in (1, 2):
        model = model_of()
        keras.utils.set_random_seed(others)
        fit_along_cosine(model, (X, Y), "mse", CosineFit(2, 20, 0.1), seed=5)
        weights.append(model.get_weights())
    np.testing.assert_array_equal(weights[0][0], weights[1][0])


def test_divergence_ends_it():
    with pytest.raises(TrainingError, match="loss: expected"):
        fit_along_cosine(model_of(), (X, Y * np.float32(1e30)), "mse", CosineFit(3, 20, 0.1))
