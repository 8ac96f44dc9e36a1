"""Layers that are one factor and one offset per value: batch normalisation, Normalization, Rescaling."""

import numpy as np

from codesign.network.ops import Affine
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal

_EPSILON = 1e-7  # keras.backend.epsilon(), which Normalization divides by at least

Line = tuple[np.ndarray, np.ndarray]


def read_batch_normalization(builder: GraphBuilder, call: Call) -> Value:
    """BatchNormalization and QBatchNormalization, as at inference."""
    layer = call.layer
    axes = np.ravel(layer.axis)
    rank = layer.input_spec.ndim if getattr(layer, "input_spec", None) is not None else len(call.value.shape) + 1
    from_end = [int(axis) - rank if axis >= 0 else int(axis) for axis in axes]
    if len(from_end) != 1:
        raise refusal(call, "batch normalisation along one axis", f"axis={layer.axis}")
    return _add(builder, call, _batch_normalization(layer), from_end[0])


def read_normalization(builder: GraphBuilder, call: Call) -> Value:
    """Normalization: the mean and variance of the data that it was adapted to."""
    layer = call.layer
    mean, variance = (np.asarray(values, np.float64) for values in (layer.mean, layer.variance))
    mean, variance = (
        values.reshape(values.shape[1:]) if values.ndim > len(call.value.shape) else values
        for values in (mean, variance)
    )
    std = np.maximum(np.sqrt(variance), _EPSILON)
    line = (std, mean) if getattr(layer, "invert", False) else (1 / std, -mean / std)
    return _add(builder, call, line)


def read_rescaling(builder: GraphBuilder, call: Call) -> Value:
    """``scale x + offset``."""
    return _add(builder, call, (np.asarray(call.layer.scale, np.float64), np.asarray(call.layer.offset, np.float64)))


def _add(builder: GraphBuilder, call: Call, line: Line, axis: int = -1) -> Value:
    """One number for all values of a vector becomes one for each; constants are the same where the layer is called
    again."""
    shape = call.value.shape
    factor, offset = (_squeezed(values.reshape(values.shape + (1,) * (-1 - axis))) for values in line)
    if len(shape) == 1:
        factor, offset = (np.broadcast_to(values, shape).copy() for values in (factor, offset))
    op = builder.constants.setdefault(id(call.layer), Affine(factor, offset))
    return builder.add(call.name, op, call.value)


def _squeezed(values: np.ndarray) -> np.ndarray:
    """Without axes of size 1 in front."""
    return _squeezed(values[0]) if values.ndim > 1 and len(values) == 1 else values


def _batch_normalization(layer: object) -> Line:
    mean, variance = (_quantised(layer, f"moving_{name}", name) for name in ("mean", "variance"))
    gamma = _quantised(layer, "gamma", "gamma") if layer.scale else np.ones_like(mean)
    beta = _quantised(layer, "beta", "beta") if layer.center else 0.0
    factor = gamma / np.sqrt(variance + layer.epsilon)
    return factor, beta - mean * factor


def _quantised(layer: object, weight: str, quantizer: str) -> np.ndarray:
    """A weight as the layer uses it: QBatchNormalization quantises what it holds."""
    values = getattr(layer, weight)
    if getattr(layer, f"{quantizer}_quantizer", None):
        values = getattr(layer, f"{quantizer}_quantizer_internal")(values)
    return np.asarray(values, np.float64)
