"""Read a Keras model into a FloatChain: what standardises the inputs stays in front, where single precision loses least."""

from collections.abc import Sequence

import numpy as np

from codesign._layer_graph import INERT
from codesign.export.float_chain import FloatChain, Reference
from codesign.network.same_function import SINGLE, check_same_function
from codesign.read.keras_arithmetic import read_affine
from codesign.read.keras_model import count_features, keras_model, rounding_error
from codesign.read.keras_reader import plain_layers, read_layers

_STANDARDISING = ("Normalization", "BatchNormalization", "QBatchNormalization", "Rescaling")


def read_chain(model: object) -> FloatChain:
    """Read a model, and compare what was read with it; see :meth:`FloatChain.from_keras`."""
    model = keras_model(model)
    layers, n_features = plain_layers(model), count_features(model)
    standardisation, rest = _split(layers, n_features)
    network, softmax = read_layers(rest, n_features)
    epsilon = max(SINGLE, rounding_error(model))  # a chain is float32, of a float64 model too
    reference = Reference(lambda x: np.asarray(model(x, training=False)), epsilon)
    offset, scale = standardisation or (None, None)
    chain = FloatChain.from_network(network, softmax=softmax, offset=offset, scale=scale, reference=reference)
    options = {"softmax": softmax, "epsilon": epsilon, "standardisation": (chain.offset, chain.scale)}
    check_same_function(chain.network, reference.predict, **options)
    return chain


def _split(layers: Sequence[object], n_features: int) -> tuple[tuple[np.ndarray, np.ndarray] | None, Sequence[object]]:
    """Return offset and scale of the layers that standardise, and the layers behind them; None where there is no such layer.

    A factor of 0, whose offset would be infinite, is left to the layers.
    """
    factor, shift, end = np.ones(n_features), np.zeros(n_features), 0
    for index, layer in enumerate(layers):
        kind = type(layer).__name__
        if kind in _STANDARDISING:
            own, offset = read_affine(layer)
            factor, shift, end = factor * own, shift * own + offset, index + 1
        elif kind not in INERT:
            break
    limits = np.finfo(np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = shift / factor
    is_held = (np.abs(factor) > limits.tiny) & (np.abs(factor) < limits.max) & (np.abs(offset) < limits.max)
    return ((offset, factor), layers[end:]) if end and is_held.all() else (None, layers)
