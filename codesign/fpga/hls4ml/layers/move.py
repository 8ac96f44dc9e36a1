"""Moves: reshape, transpose, crop, concatenate, and the cast behind them."""

from functools import reduce
from math import prod

from codesign.errors import UnsupportedLayerError
from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode
from codesign.network.ops.moves import event_axis


def write_quantize(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a cast."""
    return _cast(node, layers, value)


def write_reshape(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a Reshape."""
    return _cast(node, layers, layers.reshape(value, node.shape))


def write_transpose(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a Transpose."""
    return _cast(node, layers, layers.transpose(value, [axis - 1 for axis in node.op.axes]))


def write_slice(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a Cropping2D of (sizes before the axis, the axis, sizes behind it).

    Raises:
        UnsupportedLayerError: for every second value, and the like.
    """
    op, axis = node.op, event_axis(node.op.axis, value.shape)
    n, kept = value.shape[axis], node.shape[axis]
    if op.step > 1 and kept > 1:
        raise UnsupportedLayerError(f"hls4ml has no slice with a step. Received: step={op.step}; build it unrolled")
    if kept == n:
        return _cast(node, layers, value)
    before, behind = prod(value.shape[:axis]), prod(value.shape[axis + 1 :])
    value = layers.reshape(value, (before, n, behind))
    cuts = {"crop_top": 0, "crop_bottom": 0, "crop_left": op.start, "crop_right": n - op.start - kept}
    sizes = {"in_height": before, "in_width": n, "out_height": before, "out_width": kept, "n_chan": behind}
    output = ((before, kept, behind), value.type)
    value = layers.add("Cropping2D", [value], output, data_format="channels_last", **sizes, **cuts)
    return _cast(node, layers, layers.reshape(value, node.shape))


def write_concatenate(node: WrittenNode, layers: LayerList, *values: Value) -> Value:
    """Add Concatenate layers, two by two, of (sizes before the axis, the axis and all behind it)."""
    axis = event_axis(node.op.axis, values[0].shape)
    before, result = prod(values[0].shape[:axis]), node.fixed.output.envelope

    def join(first: Value, second: Value) -> Value:
        sizes = [prod(value.shape) // before for value in (first, second)]
        shapes = [(size,) if before == 1 else (before, size) for size in sizes]
        pair = [layers.reshape(value, shape) for value, shape in zip((first, second), shapes)]
        shape, rank = (*shapes[0][:-1], sum(sizes)), len(shapes[0])
        return layers.add("Concatenate", pair, (shape, result), op=f"concatenate{rank}d", axis=rank)

    return layers.reshape(reduce(join, values), node.shape)


def _cast(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    fixed = node.fixed
    return value if fixed.output is fixed.moved else layers.cast(value, fixed.output.envelope)
