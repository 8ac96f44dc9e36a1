"""Write a Network as a Keras model of plain Dense layers."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from codesign._keras import keras
    from codesign.network.network import Network


def write_keras(network: "Network") -> "keras.Model":
    """Return a compiled-free Keras model with the same float weights; types stay behind, since Keras has none."""
    from codesign._keras import keras

    inputs = values = keras.Input((network.n_inputs,), name="network_input")
    for layer in network.layers:
        values = keras.layers.Dense(layer.n_out, activation=layer.activation, name=layer.name)(values)
    model = keras.Model(inputs, values)
    model.set_weights([np.asarray(array, np.float32) for layer in network.layers for array in (layer.kernel, layer.bias)])
    return model
