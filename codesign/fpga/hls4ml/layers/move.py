"""Moves: reshape, transpose, crop, concatenate, and the cast behind them."""

from collections.abc import Sequence
from functools import reduce
from math import prod

from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode
from codesign.network import FixedPoint
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
    """Add a Cropping2D of (sizes before the axis, the axis, sizes behind it); with a step, one for each value left."""
    op, axis = node.op, event_axis(node.op.axis, value.shape)
    n, kept = value.shape[axis], node.shape[axis]
    if kept == n:
        return _cast(node, layers, value)
    before, behind = prod(value.shape[:axis]), prod(value.shape[axis + 1 :])
    value = layers.reshape(value, (before, n, behind))
    ranges = [(op.start, kept)] if op.step == 1 else [(op.start + op.step * index, 1) for index in range(kept)]
    result = _joined(layers, [_crop(layers, value, *one) for one in ranges], before, value.type)
    return _cast(node, layers, layers.reshape(result, node.shape))


def write_concatenate(node: WrittenNode, layers: LayerList, *values: Value) -> Value:
    """Add Concatenate layers, two by two, of (sizes before the axis, the axis and all behind it)."""
    axis = event_axis(node.op.axis, values[0].shape)
    joined = _joined(layers, values, prod(values[0].shape[:axis]), node.fixed.output.envelope)
    return layers.reshape(joined, node.shape)


def _crop(layers: LayerList, value: Value, start: int, kept: int) -> Value:
    """Some of the values along the second of three axes."""
    before, n, behind = value.shape
    cuts = {"crop_top": 0, "crop_bottom": 0, "crop_left": start, "crop_right": n - start - kept}
    sizes = {"in_height": before, "in_width": n, "out_height": before, "out_width": kept, "n_chan": behind}
    output = ((before, kept, behind), value.type)
    return layers.add("Cropping2D", [value], output, data_format="channels_last", **sizes, **cuts)


def _joined(layers: LayerList, values: Sequence[Value], before: int, result: FixedPoint) -> Value:
    """Values side by side, two by two; `before` is the product of the sizes before the axis."""

    def join(first: Value, second: Value) -> Value:
        sizes = [prod(value.shape) // before for value in (first, second)]
        shapes = [(size,) if before == 1 else (before, size) for size in sizes]
        pair = [layers.reshape(value, shape) for value, shape in zip((first, second), shapes)]
        shape, rank = (*shapes[0][:-1], sum(sizes)), len(shapes[0])
        return layers.add("Concatenate", pair, (shape, result), op=f"concatenate{rank}d", axis=rank)

    return reduce(join, values)


def _cast(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    fixed = node.fixed
    return value if fixed.output is fixed.moved else layers.cast(value, fixed.output.envelope)
