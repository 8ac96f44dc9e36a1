"""Pooling: under windows of one to three axes, and over all places."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.network import constant_type
from codesign.network.ops import Affine, ConstantTypes, Mean, Multiply, Op, Sum
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.windows import along, channels_last, is_first, patches_of
from codesign.read.parts.axes import divided
from codesign.read.parts.windows import pool, pool_all
from codesign.read.qkeras import kernel_and_type

Read = Callable[[GraphBuilder, Call], Value]


def pooling(op: type[Op]) -> Read:
    """Return what reads a layer that pools under a window."""

    @channels_last
    def read(builder: GraphBuilder, call: Call, value: Value) -> Value:
        size = call.config.get("pool_size", 2)
        patches = patches_of(call, value.shape[:-1], "pool_size", strides=size)
        return pool(builder, call.name, value, patches, op)

    return read


def global_pooling(op: type[Op]) -> Read:
    """Return what reads a layer that pools over all places."""

    @channels_last
    def read(builder: GraphBuilder, call: Call, value: Value) -> Value:
        return pool_all(builder, call.name, value, op, keepdims=bool(call.config.get("keepdims")))

    return read


def quantised_pooling(op_of: Callable[[type[Op]], Read], area_of: Callable[[Call], int]) -> Read:
    """Return what reads QAveragePooling2D or QGlobalAveragePooling2D: the sum times a rounded factor, then rounded.

    Args:
        op_of: :func:`pooling` or :func:`global_pooling`.
        area_of: gives the number of values under the window.
    """

    def read(builder: GraphBuilder, call: Call) -> Value:
        quantizer = call.config.get("average_quantizer")
        if quantizer is None:
            value = op_of(Mean)(builder, call)
        else:
            area = area_of(call)
            factor, kind = kernel_and_type(np.array([1 / area], np.float32), quantizer, call.layer.name)
            inner = replace(call, name=f"{call.name}_sum")
            is_valid = str(call.config.get("padding", "valid")).lower() == "valid"
            value = op_of(Sum if is_valid else Mean)(builder, inner)
            factor = factor[0] if is_valid else factor[0] * area
            types = None if kind is None or not is_valid else ConstantTypes(kind, constant_type(np.zeros(1)))
            value = builder.add(call.name, Affine(np.array(factor), np.zeros(()), types), value)
        return activate(builder, call, call.config.get("activation"), value)

    return read


def window_area(call: Call) -> int:
    """The values under the window."""
    return int(np.prod(along(call, "pool_size", len(call.value.shape) - 1, 2)))


def whole_area(call: Call) -> int:
    """All places."""
    return int(np.prod(call.value.shape[1:] if is_first(call) else call.value.shape[:-1]))


def read_global_average(builder: GraphBuilder, call: Call) -> Value:
    """GlobalAveragePooling1D: over the steps that a mask leaves."""
    mask = builder.masks.get(call.value.name)
    if mask is None or is_first(call):
        return global_pooling(Mean)(builder, call)
    keepdims = bool(call.config.get("keepdims"))
    kept = builder.add(call.name, Multiply(), call.value, mask, name=f"{call.name}_kept")
    total = builder.add(call.name, Sum(1, keepdims), kept, name=f"{call.name}_sum")
    return divided(builder, call.name, total, builder.add(call.name, Sum(1, keepdims), mask, name=f"{call.name}_steps"))
