import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.fpga import CollapseToBudget, LutBudget, trial_lut
from codesign.fpga.lut_budget import lut_of
from codesign.layers import PosteriorDense

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 1000)
X = (RNG.normal(size=(1000, 6)) + 1.5 * np.eye(3, 6)[Y]).astype(np.float32)


def model_of_posterior_layers():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((6,)), PosteriorDense(16, activation="relu"), PosteriorDense(8, activation="relu"), PosteriorDense(3)])


def fit(model, *callbacks, epochs, rate):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(X, Y, epochs=epochs, batch_size=100, verbose=0, callbacks=list(callbacks))


@pytest.fixture(scope="module")
def trained():
    model, budget = model_of_posterior_layers(), LutBudget(300, X)
    fit(model, budget, epochs=40, rate=0.02)
    return model, budget


def test_training_is_steered_to_the_budget(trained):
    _, budget = trained
    weights, luts = np.array(budget.history).T
    assert len(luts) > 15
    assert 150 < np.median(luts[-5:]) < 600
    moves = np.diff(np.log(weights))
    assert (moves[luts[:-1] > 300] > 0).all() and (moves[luts[:-1] < 280] < 0).all()  # too large a network makes bits dearer


def test_trial_leaves_the_network_as_it_is(trained):
    model, _ = trained
    before = model.get_weights()
    fine, coarse = (trial_lut(model, X, weight_width=width, input_width=1.0) for width in (0.5, 8.0))
    assert 0 < coarse < fine
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_collapse_ends_within_the_budget(trained):
    model = model_of_posterior_layers()
    model.set_weights(trained[0].get_weights())
    fit(model, CollapseToBudget(250, X), epochs=5, rate=0.003)
    assert 0.8 * 250 < lut_of(model) <= 250


@pytest.mark.parametrize("lut", [0, -1, np.nan, np.inf])
def test_bad_budgets(lut):
    for kind in (LutBudget, CollapseToBudget):
        with pytest.raises(ConfigError, match="lut: expected a positive number"):
            kind(lut, X)


def test_bad_model():
    with pytest.raises(ConfigError, match="expected a model with PosteriorDense"):
        fit(keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)]), LutBudget(100, X), epochs=1, rate=0.01)
