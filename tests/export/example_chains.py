"""Chains and Keras models that the exporters' tests share."""

import numpy as np

from codesign.network import DenseLayer, Network
from codesign.network.ends import split_standardisation, with_softmax, with_standardisation
from codesign.network.interpreter import run
from codesign.network.ops import Quantize
from codesign.network.types.single_precision import Rounding


def chain_of(*layers, offset=None, scale=None, input_quantizer=None):
    """A float32 network of (kernel, bias, activation, quantizer) each, the last two if there are; softmax last."""
    dense = []
    for index, (kernel, bias, *more) in enumerate(layers):
        activation, quantizer = (*more, *("linear", None)[len(more) :])
        arrays = [np.asarray(array, np.float32) for array in (kernel, bias)]
        dense.append(
            DenseLayer(f"layer_{index}", *arrays, activation.replace("softmax", "linear"), quantizer=quantizer)
        )
    network = Network.chain(dense, input_quantizer=input_quantizer)
    network = with_softmax(network) if "softmax" in layers[-1][2:3] else network
    return with_standardisation(network, offset, scale)


def random_chain(sizes=(6, 5, 3), activations=("relu", "linear"), *, seed=0):
    """A chain with weights as training gives them, and features whose means and widths differ by powers of ten."""
    rng = np.random.default_rng(seed)
    layers = [
        (rng.normal(size=(n_in, n_out)) / np.sqrt(n_in), rng.normal(size=n_out) / 3, activation)
        for n_in, n_out, activation in zip(sizes, sizes[1:], activations)
    ]
    std = 10.0 ** rng.integers(-3, 5, sizes[0])
    return chain_of(*layers, offset=-std * rng.normal(size=sizes[0]), scale=1 / std)


def events_of(network, n, *, seed=1):
    """(n, n_inputs) float32, standard normal behind the standardisation."""
    drawn = np.random.default_rng(seed).normal(size=(n, network.n_inputs))
    for affine in split_standardisation(network)[0].values():
        drawn = (drawn - affine.offset) / affine.factor
    return drawn.astype(np.float32)


def evaluate(network, x):
    """Outputs in float64, of NaN and inf too, which a Network does not take."""
    shapes = network.shapes

    def call(node):
        if not isinstance(node.op, Quantize):
            return node.op.evaluate
        rounding = Rounding.of(node.op.type, shapes[node.name])
        return lambda values: rounding(values.reshape(len(values), -1)).reshape(values.shape)

    values = network.input_layout.split(np.asarray(x, np.float64))
    return network.output_layout.join(run(network.nodes, values, call, network.outputs))


def keras_classifier():
    """A Keras model with a Normalization layer and a softmax."""
    from codesign._keras import keras

    keras.utils.set_random_seed(0)
    normalization = keras.layers.Normalization(mean=[1, 20, 0, -3], variance=[1, 400, 0.01, 9])
    dense = [keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(3, activation="softmax")]
    return keras.Sequential([keras.Input((4,)), normalization, *dense])
