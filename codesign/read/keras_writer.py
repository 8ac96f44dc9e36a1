"""Write a Network as a Keras model that computes the same."""

from typing import TYPE_CHECKING

import numpy as np

from codesign.network import FixedPoint

if TYPE_CHECKING:
    from codesign._keras import keras
    from codesign.network.network import Network


def write_keras(network: "Network") -> "keras.Model":
    """Return a Keras model, not compiled: Dense layers, and the quantizers that belong to the function; a design's types stay behind."""
    from codesign._keras import keras

    inputs = values = keras.Input((network.n_inputs,), name="network_input")
    values = _quantised(values, network.input_quantizer, "network_input_quantizer")
    for layer in network.layers:
        values = keras.layers.Dense(layer.n_out, activation=layer.activation, name=layer.name)(values)
        values = _quantised(values, layer.quantizer, f"{layer.name}_quantizer")
    model = keras.Model(inputs, values)
    model.set_weights(
        [np.asarray(array, np.float32) for layer in network.layers for array in (layer.kernel, layer.bias)]
    )
    return model


def _quantised(values: object, quantizer: FixedPoint | None, name: str) -> object:
    if quantizer is None:
        return values
    from codesign.layers import FixedPointQuantizer

    modes = {"signed": quantizer.signed, "rounding": quantizer.rounding, "overflow": quantizer.overflow}
    return FixedPointQuantizer(quantizer.width, quantizer.integer, **modes, name=name)(values)
