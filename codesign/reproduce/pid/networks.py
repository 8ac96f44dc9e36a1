"""The networks of the table, all 59-150-6 with ReLU and softmax unless said."""

from collections.abc import Sequence

import numpy as np

from codesign._keras import keras
from codesign.layers import MaskedDense, TopKGate, VariationalDense
from codesign.reproduce.pid.settings import HIDDEN, N_CLASSES, N_FEATURES


def classifier(*hidden_layers: keras.layers.Layer, output: keras.layers.Layer) -> keras.Sequential:
    """Return input, the given layers and a softmax."""
    inputs, softmax = keras.Input((N_FEATURES,), name="inputs"), keras.layers.Activation("softmax", name="softmax")
    return keras.Sequential([inputs, *hidden_layers, output, softmax], name="pid")


def dense_net(units: int = HIDDEN) -> keras.Sequential:
    """Return a plain network."""
    return classifier(keras.layers.Dense(units), keras.layers.ReLU(), output=keras.layers.Dense(N_CLASSES))


def variational_net(**options: object) -> keras.Sequential:
    """Return a network of VariationalDense layers."""
    return classifier(
        VariationalDense(HIDDEN, **options), keras.layers.ReLU(), output=VariationalDense(N_CLASSES, **options)
    )


def normalized_net(hidden: keras.layers.Layer) -> keras.Sequential:
    """Return a network with batch normalisation around the hidden layer, and an output layer in single precision.

    A ternary hidden layer lacks a scale per feature and per unit. Batch normalisation learns them, at a multiplication
    each, or none where it is folded into the standardisation and the output layer. The paper keeps the last layer as it
    is, too.
    """
    before, after = (keras.layers.BatchNormalization(momentum=0.9) for _ in range(2))
    return classifier(before, hidden, after, keras.layers.ReLU(), output=keras.layers.Dense(N_CLASSES))


def gated_net(count: int) -> keras.Sequential:
    """Return a network with an exact-count gate behind its hidden layer."""
    return classifier(
        keras.layers.Dense(HIDDEN), keras.layers.ReLU(), TopKGate(count), output=keras.layers.Dense(N_CLASSES)
    )


def masked_net(
    kernels: Sequence[np.ndarray], biases: Sequence[np.ndarray], masks: Sequence[np.ndarray]
) -> keras.Sequential:
    """Return a network of which only the weights under the masks live.

    Args:
        kernels: (59, 150) and (150, 6); biases (150,) and (6,); masks bool as the kernels.
    """
    layers = [MaskedDense(HIDDEN), MaskedDense(N_CLASSES)]
    model = classifier(layers[0], keras.layers.ReLU(), output=layers[1])
    for layer, kernel, bias, mask in zip(layers, kernels, biases, masks):
        layer.kernel.assign(kernel * mask)
        layer.bias.assign(bias)
        layer.set_mask(mask)
    return model


def binary_nets(units: int = HIDDEN) -> keras.Model:
    """Return one-vs-rest networks 59-150-1 side by side, which share nothing: six trainings in one fit."""
    inputs = keras.Input((N_FEATURES,), name="inputs")
    hidden = [keras.layers.Dense(units, activation="relu")(inputs) for _ in range(N_CLASSES)]
    outputs = [keras.layers.Dense(1, activation="sigmoid")(values) for values in hidden]
    return keras.Model(inputs, keras.layers.Concatenate()(outputs), name="binary")
