"""Two or more values: hls4ml's Merge takes two, so more go two by two, exactly until the last."""

from functools import reduce

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode
from codesign.network.ops import Tensor


def write_merge(node: WrittenNode, layers: LayerList, *values: Value) -> Value:
    """Add Merge layers.

    Raises:
        UnsupportedLayerError: for shapes of which the smaller is not that of the last axes of the larger.
    """

    def exact(first: Value, second: Value) -> Value:
        kinds = [Tensor(one.shape, one.type) for one in (first, second)]
        return _merge(node, layers, (first, second), node.op.bind(kinds, None).output)

    *before, last = values
    return _merge(node, layers, (reduce(exact, before), last), node.fixed.output.envelope)


def write_dot(node: WrittenNode, layers: LayerList, *values: Value) -> Value:
    """Add a Dot with an accumulator that is exact."""
    accum = node.op.bind(node.inputs, None).output
    return layers.add("Dot", values, (node.shape, node.fixed.output.envelope), types={"accum": accum}, op="dot1d")


def _merge(node: WrittenNode, layers: LayerList, pair: tuple[Value, Value], output: object) -> Value:
    shape = np.broadcast_shapes(*(value.shape for value in pair))
    for value in pair:
        own = value.shape[next((i for i, size in enumerate(value.shape) if size > 1), len(value.shape)) :]
        if own != shape[len(shape) - len(own) :]:
            raise UnsupportedLayerError(
                f"hls4ml repeats values along the first axes alone. Received: {pair[0].shape} and {pair[1].shape}; "
                "build it unrolled"
            )
    return layers.add("Merge", pair, (shape, output), op=node.op.name)
