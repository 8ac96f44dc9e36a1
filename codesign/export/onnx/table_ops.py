"""How thresholds, bits, tables and their sums are written in ONNX: bits are floats, 0 and 1."""

from collections.abc import Sequence

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.export.onnx.graph import OnnxGraph
from codesign.network.ops import Bit, SegmentSum, Shape, Table, Threshold

_FLOAT, _INT64 = 1, 7
_MOST_ENTRIES = 2**24  # places that float32 counts exactly

Values = Sequence[str]
Shapes = Sequence[Shape]


def write_threshold(graph: OnnxGraph, op: Threshold, values: Values, shapes: Shapes) -> str:
    """``x[index] >= value`` as a float."""
    asked = graph.step("Gather", values[0], op.index, axis=1)
    return graph.step("Cast", graph.step("GreaterOrEqual", asked, op.value.astype(np.float32)), to=_FLOAT)


def write_bit(graph: OnnxGraph, op: Bit, values: Values, shapes: Shapes) -> str:
    """``codes - 2 floor(codes / 2)`` with ``codes = floor(x / weight)``."""
    asked = graph.step("Gather", values[0], op.index, axis=1)
    codes = graph.step("Floor", graph.step("Mul", asked, (1 / op.weight).astype(np.float32)))
    halves = graph.step("Floor", graph.step("Mul", codes, np.float32(0.5)))
    return graph.step("Sub", codes, graph.step("Add", halves, halves))


def write_table(graph: OnnxGraph, op: Table, values: Values, shapes: Shapes) -> str:
    """All entries in a row: the bits, times powers of two, say how far behind a table's first one it looks.

    Raises:
        UnsupportedLayerError: for more entries than float32 counts.
    """
    entries = np.concatenate(op.entries).astype(np.float32)
    if entries.size > _MOST_ENTRIES:
        raise UnsupportedLayerError(
            f"ONNX: expected tables of {_MOST_ENTRIES:,} entries together at most. Received: {entries.size:,}"
        )
    first = np.cumsum([0, *(one.size for one in op.entries[:-1])]).astype(np.float32)
    most = max(1, *map(len, op.keys), 1)
    keys, powers = np.zeros((len(op.keys), most), np.int64), np.zeros((len(op.keys), most), np.float32)
    for row, own in enumerate(op.keys):
        keys[row, : len(own)], powers[row, : len(own)] = own, np.exp2(np.arange(len(own)))
    bits = graph.step("Mul", graph.step("Gather", values[0], keys, axis=1), powers)
    place = graph.step("Add", graph.step("ReduceSum", bits, np.array([2], np.int64), keepdims=0), first)
    return graph.step("Gather", entries, graph.step("Cast", place, to=_INT64), axis=0)


def write_segment_sum(graph: OnnxGraph, op: SegmentSum, values: Values, shapes: Shapes) -> str:
    """A product with a matrix of 0 and 1."""
    segments = (op.segments[:, np.newaxis] == np.arange(op.offset.size)).astype(np.float32)
    return graph.step("Gemm", values[0], segments, op.offset.astype(np.float32))
