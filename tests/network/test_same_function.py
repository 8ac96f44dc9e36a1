"""A network that was read is the user's own model: on random chains, and after deliberate damage."""

from dataclasses import replace

import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import AgreementError
from codesign.network import DenseLayer, FixedPoint, Network
from codesign.network.qkeras_types import QuantizedActivation
from codesign.network.same_function import check_same_function, draw_events
from tests.network.random_keras import random_model


def softmax(values):
    powers = np.exp(values - values.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def check_read(seed, *, quantised):
    """Compared with Keras here too, by a simpler rule than the reader's own: almost every event agrees closely."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, quantised=quantised)
    network = Network.from_keras(model)
    x = (rng.normal(size=(400, network.n_inputs)) * np.exp2(rng.uniform(-3, 3, (400, 1)))).astype(np.float32)
    received, expected = model.predict(x, verbose=0), network.predict(x)
    if getattr(model.layers[-1], "activation", None) is keras.activations.softmax:
        expected = softmax(expected)
    close = np.abs(received - expected) <= 2e-5 * np.maximum(1, np.abs(expected).max(1, keepdims=True))
    assert close.all(1).mean() > (0.97 if quantised else 0.9999)


@pytest.mark.parametrize("seed", range(12))
def test_random_keras_chains_are_read(seed):
    check_read(seed, quantised=False)


@pytest.mark.parametrize("seed", range(16))
def test_random_qkeras_chains_are_read(seed):
    check_read(100 + seed, quantised=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(150))
def test_many_random_chains_are_read(seed):
    check_read(1000 + seed, quantised=seed % 3 > 0)


def chain(**options):
    rng = np.random.default_rng(0)
    quantizer = FixedPoint(6, 0, False, "RND_CONV", "SAT")
    layers = [DenseLayer("a", rng.normal(size=(5, 8)), rng.normal(size=8), "relu", quantizer=quantizer)]
    return Network((*layers, DenseLayer("b", rng.normal(size=(8, 3)), rng.normal(size=3))), **options)


def test_a_network_agrees_with_itself_in_single_precision():
    network = chain()
    kernels = [(layer.kernel.astype(np.float32), layer.bias.astype(np.float32)) for layer in network.layers]

    def single(x):
        hidden = QuantizedActivation("relu", network.layers[0].quantizer)(x @ kernels[0][0] + kernels[0][1])
        return hidden.astype(np.float32) @ kernels[1][0] + kernels[1][1]

    check_same_function(network, single)


@pytest.mark.parametrize(
    "damage",
    [
        lambda layers: (replace(layers[0], quantizer=None), layers[1]),
        lambda layers: (replace(layers[0], quantizer=replace(layers[0].quantizer, integer=1)), layers[1]),
        lambda layers: (replace(layers[0], quantizer=replace(layers[0].quantizer, width=7)), layers[1]),
        lambda layers: (layers[0], replace(layers[1], bias=layers[1].bias + 1e-4)),
        lambda layers: (replace(layers[0], kernel=layers[0].kernel * 1.01), layers[1]),
        lambda layers: (replace(layers[0], activation="linear"), layers[1]),
    ],
    ids=["no saturation", "other range", "other width", "bias", "kernel", "activation"],
)
def test_a_difference_is_an_error_with_both_numbers(damage):
    network = chain()
    if damage(network.layers)[0].activation == "linear":
        network = Network((replace(network.layers[0], quantizer=None), network.layers[1]))
    with pytest.raises(AgreementError, match=r"by the model and .* by the network") as error:
        check_same_function(network.with_layers(damage(network.layers)), network.predict)
    assert "\n" not in str(error.value)


def test_events_reach_every_saturation_and_stay_below_it():
    network = chain()
    inside, beyond = [], []
    for layer, before in zip(network.layers, network.trace(draw_events(network))):
        if layer.quantizer is not None:
            values = before @ layer.kernel + layer.bias
            inside.append(((values > 0) & (values < layer.quantizer.high)).any(0))
            beyond.append((values > layer.quantizer.high).any(0))
    assert np.all(inside) and np.all(beyond)
