"""Layers that are one factor and one offset per value: batch normalisation, Normalization, Rescaling."""

import numpy as np

from codesign.network.ops import Affine
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.qkeras import quantise

_BATCH_EPSILON = 1e-3
_EPSILON = 1e-7  # keras.backend.epsilon(), which Normalization divides by at least

Line = tuple[np.ndarray, np.ndarray]


def read_batch_normalization(builder: GraphBuilder, call: Call) -> Value:
    """BatchNormalization and QBatchNormalization, as at inference."""
    axes = np.ravel(call.config.get("axis", -1)).tolist()
    rank = len(call.value.shape) + 1
    from_end = [int(axis) - rank if axis >= 0 else int(axis) for axis in axes]
    if len(from_end) != 1:
        raise refusal(call, "batch normalisation along one axis", f"axis={axes}")
    return _add(builder, call, _batch_normalization(call), from_end[0])


def read_normalization(builder: GraphBuilder, call: Call) -> Value:
    """Normalization: the mean and variance of the data that it was adapted to."""
    mean, variance = (_kept_axes(call, _statistic(call, name)) for name in ("mean", "variance"))
    std = np.maximum(np.sqrt(variance), _EPSILON)
    line = (std, mean) if call.config.get("invert", False) else (1 / std, -mean / std)
    return _add(builder, call, line)


def read_rescaling(builder: GraphBuilder, call: Call) -> Value:
    """``scale x + offset``."""
    line = tuple(np.asarray(call.config.get(name, 0.0), np.float64) for name in ("scale", "offset"))
    return _add(builder, call, line)


def _add(builder: GraphBuilder, call: Call, line: Line, axis: int = -1) -> Value:
    """One number for all values of a vector becomes one for each; constants are the same where the layer is called
    again."""
    shape = call.value.shape
    factor, offset = (_squeezed(values.reshape(values.shape + (1,) * (-1 - axis))) for values in line)
    if len(shape) == 1:
        factor, offset = (np.broadcast_to(values, shape).copy() for values in (factor, offset))
    op = builder.constants.setdefault(call.layer, Affine(factor, offset))
    return builder.add(call.name, op, call.value)


def _squeezed(values: np.ndarray) -> np.ndarray:
    """Without axes of size 1 in front."""
    return _squeezed(values[0]) if values.ndim > 1 and len(values) == 1 else values


def _batch_normalization(call: Call) -> Line:
    mean, variance = (_quantised(call, f"moving_{name}", name) for name in ("mean", "variance"))
    gamma = _quantised(call, "gamma", "gamma") if call.config.get("scale", True) else np.ones_like(mean)
    beta = _quantised(call, "beta", "beta") if call.config.get("center", True) else 0.0
    factor = gamma / np.sqrt(variance + call.config.get("epsilon", _BATCH_EPSILON))
    return factor, beta - mean * factor


def _quantised(call: Call, weight: str, quantizer: str) -> np.ndarray:
    """A weight as the layer uses it: QBatchNormalization quantises what it holds."""
    values = np.asarray(call.weight(weight))
    named = call.config.get(f"{quantizer}_quantizer")
    return values.astype(np.float64) if named is None else quantise(named, values, call.layer.name)


def _statistic(call: Call, name: str) -> np.ndarray:
    """The mean or the variance: trained, or given as an argument."""
    given = call.config.get(name)
    return np.asarray(call.weight(name) if given is None else given, np.float64)


def _kept_axes(call: Call, values: np.ndarray) -> np.ndarray:
    """One value for each index of the axes that are kept, in the place of these."""
    rank = len(call.value.shape) + 1
    axes = call.config.get("axis", -1)
    kept = [] if axes is None else sorted(int(axis) % rank for axis in np.ravel(axes))
    sizes = [size if axis in kept else 1 for axis, size in enumerate((1, *call.value.shape))]
    values = np.broadcast_to(values, [sizes[axis] for axis in kept]) if values.ndim <= len(kept) else values
    return values.reshape(sizes[1:] if kept else ())
