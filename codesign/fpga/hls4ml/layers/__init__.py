"""Each op as layers of hls4ml: a table op -> function, one file for each kind of op."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from codesign.errors import UnsupportedLayerError
from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode
from codesign.fpga.hls4ml.layers.activation import write_activation
from codesign.fpga.hls4ml.layers.affine import write_affine
from codesign.fpga.hls4ml.layers.dense import write_dense
from codesign.fpga.hls4ml.layers.embedding import write_embedding
from codesign.fpga.hls4ml.layers.merge import write_dot, write_merge
from codesign.fpga.hls4ml.layers.move import (
    write_concatenate,
    write_quantize,
    write_reshape,
    write_slice,
    write_transpose,
)
from codesign.fpga.hls4ml.layers.reduce import write_pooling, write_sum
from codesign.fpga.hls4ml.layers.window import (
    is_pooling,
    write_convolution,
    write_patches,
    write_window_pooling,
)
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    Concatenate,
    Dense,
    Dot,
    Embedding,
    Flatten,
    Max,
    Maximum,
    Mean,
    Minimum,
    Multiply,
    Op,
    Patches,
    Quantize,
    Reshape,
    Slice,
    Subtract,
    Sum,
    Transpose,
)

WRITTEN: Mapping[type[Op], Callable[..., Value]] = MappingProxyType(
    {
        Dense: write_dense,
        Affine: write_affine,
        Activation: write_activation,
        Embedding: write_embedding,
        Quantize: write_quantize,
        Dot: write_dot,
        **dict.fromkeys((Add, Subtract, Multiply, Maximum, Minimum), write_merge),
        Sum: write_sum,
        **dict.fromkeys((Mean, Max), write_pooling),
        **dict.fromkeys((Reshape, Flatten), write_reshape),
        Transpose: write_transpose,
        Slice: write_slice,
        Patches: write_patches,
        Concatenate: write_concatenate,
    }
)


def write_node(node: WrittenNode, layers: LayerList, *values: Value) -> Value:
    """Add the layers of a node, and return what they give.

    Raises:
        UnsupportedLayerError: for an op that is not in the table.
    """
    if type(node.op) not in WRITTEN:
        raise UnsupportedLayerError(f"hls4ml has no {node.op.name}; build it unrolled, or cut the network before it")
    if any(value.patched is not None for value in values):
        return _write_behind_patches(node, layers, values)
    return WRITTEN[type(node.op)](node, layers, *values)


def _write_behind_patches(node: WrittenNode, layers: LayerList, values: Sequence[Value]) -> Value:
    """A convolution, a pooling, or the window's places and channels as axes of their own."""
    (value,) = values if len(values) == 1 else (None,)
    if value is not None and isinstance(node.op, Dense):
        return write_convolution(node, layers, value)
    if value is not None and isinstance(node.op, Reshape) and node.shape[-1] == value.patched.source.shape[-1]:
        return replace(value, shape=node.shape)
    if value is not None and is_pooling(node, value):
        return write_window_pooling(node, layers, value)
    raise UnsupportedLayerError(
        f"hls4ml has windows for convolutions and pooling alone. Received: {node.op.name} behind patches; build it "
        "unrolled"
    )


__all__ = ["WRITTEN", "write_node"]
