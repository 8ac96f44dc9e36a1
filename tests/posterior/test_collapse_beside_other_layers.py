import numpy as np
import pytest
from qkeras import QActivation

from codesign._keras import keras
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import ROUNDED, TRUNCATED, UNTOUCHED
from codesign.network import Network
from codesign.posterior import CollapseSchedule
from tests.posterior.collapse_examples import WILD, X, fit, model_of, posterior_layers


@pytest.mark.slow
def test_other_layers_are_left_alone():
    model = model_of(
        QActivation("quantized_bits(8,3,alpha=1)"),
        PosteriorDense(6),
        QActivation("quantized_relu(6,3)"),
        PosteriorDense(5, activation="relu", use_bias=False),
        PosteriorDense(5),
        keras.layers.Activation("relu"),
        PosteriorDense(4),
    )
    fit(model, CollapseSchedule(X), epochs=3)
    assert [layer.mode for layer in posterior_layers(model)] == [UNTOUCHED, UNTOUCHED, ROUNDED, TRUNCATED]
    network = Network.from_keras(model)
    np.testing.assert_allclose(network.emulate(X), model.predict(X, verbose=0), atol=1e-5)


def test_plain_layers_between_go_on_training():
    model = model_of(PosteriorDense(6), keras.layers.Dense(5, activation="relu"), PosteriorDense(3))
    dense = model.layers[1].kernel.numpy()
    fit(model, CollapseSchedule(X, parts=(1.0,)), epochs=1)
    assert (model.layers[1].kernel.numpy() != dense).any()
    assert [layer.mode for layer in posterior_layers(model)] == [ROUNDED, ROUNDED]
    assert Network.from_keras(model).layers[1].precision is None


def test_prescribed_format_of_the_inputs_comes_through():
    model = model_of(PosteriorDense(3, input_precision="ap_fixed<6,4>"))
    fit(model, CollapseSchedule(X), epochs=1)
    precision = Network.from_keras(model).input_precision
    assert (precision.width.tolist(), precision.integer.tolist()) == ([6] * 4, [4] * 4)
    assert (precision.rounding, precision.overflow, precision.signed) == ("RND", "SAT", True)


def test_a_prescribed_format_between_layers_rounds():
    model = model_of(PosteriorDense(6, activation="relu"), PosteriorDense(3, input_precision="ap_fixed<6,4>"))
    kernel = model.layers[0].kernel.numpy()
    model.layers[1].mean_square.assign(np.full(6, 64.0))
    fit(model, CollapseSchedule(X, weight_width=1e-3), epochs=1, rate=0.0)
    assert posterior_layers(model)[1].mode == ROUNDED
    np.testing.assert_allclose(
        model.layers[0].inference_kernel, kernel, atol=0.1
    )  # the values keep their size, which the format is for
    np.testing.assert_array_equal(Network.from_keras(model).emulate(WILD), model.predict(WILD, verbose=0))


@pytest.mark.slow
def test_a_linear_layer_feeds_signed_inputs():
    model = model_of(PosteriorDense(4), PosteriorDense(3))
    fit(model, CollapseSchedule(X), epochs=1)
    network = Network.from_keras(model)
    assert network.layers[0].precision.output.signed
    np.testing.assert_array_equal(network.emulate(WILD), model.predict(WILD, verbose=0))
