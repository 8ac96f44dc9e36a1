"""Normalisation over the values of an event: LayerNormalization, GroupNormalization, UnitNormalization, RMS."""

import numpy as np

from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.parts.norms import group_normalised, normalised, scaled, unit_length

_EPSILON = 1e-3
_RMS_EPSILON = 1e-6
_SMALLEST_LENGTH = 1e-6  # TensorFlow's l2_normalize divides by the root of at least 1e-12


def read_layer_normalization(builder: GraphBuilder, call: Call) -> Value:
    """``gamma (x - mean) / sqrt(variance + epsilon) + beta`` over some axes."""
    axes, epsilon = _axes(call), float(call.config.get("epsilon", _EPSILON))
    is_rms = bool(call.config.get("rms_scaling"))
    value = normalised(builder, call.name, call.value, axes, epsilon=epsilon, centred=not is_rms)
    return scaled(
        builder, call.name, value, _weight(call, "gamma", "scale", axes), _weight(call, "beta", "center", axes)
    )


def read_rms_normalization(builder: GraphBuilder, call: Call) -> Value:
    """RMSNormalization: ``scale x / sqrt(mean(x^2) + epsilon)``."""
    axes, epsilon = _axes(call), float(call.config.get("epsilon", _RMS_EPSILON))
    value = normalised(builder, call.name, call.value, axes, epsilon=epsilon, centred=False)
    return scaled(builder, call.name, value, _over(call, call.weight("scale"), axes), None)


def read_group_normalization(builder: GraphBuilder, call: Call) -> Value:
    """GroupNormalization: over all places and the channels of each group."""
    axis = _axes(call)[0]
    size, groups = call.value.shape[axis], int(call.config.get("groups", 32))
    groups = size if groups == -1 else groups
    value = group_normalised(
        builder, call.name, call.value, groups, float(call.config.get("epsilon", _EPSILON)), axis=axis
    )
    return scaled(
        builder, call.name, value, _weight(call, "gamma", "scale", [axis]), _weight(call, "beta", "center", [axis])
    )


def read_unit_normalization(builder: GraphBuilder, call: Call) -> Value:
    """UnitNormalization: of length 1 over some axes."""
    return unit_length(builder, call.name, call.value, _axes(call), smallest=_SMALLEST_LENGTH)


def _axes(call: Call) -> list[int]:
    """The axes, 0 the first of an event."""
    rank = len(call.value.shape) + 1
    return sorted(int(axis) % rank - 1 for axis in np.ravel(call.config.get("axis", -1)))


def _weight(call: Call, name: str, flag: str, axes: list[int]) -> np.ndarray | None:
    return _over(call, call.weight(name), axes) if call.config.get(flag, True) else None


def _over(call: Call, values: np.ndarray, axes: list[int]) -> np.ndarray:
    """One number for each index of some axes, in the place of these."""
    shape = [size if axis in axes else 1 for axis, size in enumerate(call.value.shape)]
    array = np.asarray(values, np.float64).reshape(shape)
    while array.ndim > 1 and len(array) == 1:
        array = array[0]
    return array
