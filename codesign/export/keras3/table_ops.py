"""How thresholds, bits, tables and sums of their entries are written in Keras 3."""

from collections.abc import Sequence

import numpy as np

from codesign.export.keras3.graph import KerasGraph, Tensor
from codesign.export.keras3.places import as_number, gathered, reshaped
from codesign.network.ops import Bit, SegmentSum, Shape, Table, Threshold

Taken = Sequence[Tensor]


def write_threshold(graph: KerasGraph, op: Threshold, taken: Taken, shape: Shape) -> Tensor:
    """Add comparisons with constants."""
    asked = gathered(graph, taken[0], op.index)
    above = graph.operation("numpy.GreaterEqual", [asked, op.value.astype(np.float32)], shape, dtype="bool")
    return as_number(graph, above)


def write_bit(graph: KerasGraph, op: Bit, taken: Taken, shape: Shape) -> Tensor:
    """Add bits of words."""
    asked = gathered(graph, taken[0], op.index)
    turns = graph.operation("numpy.Multiply", [asked, (1 / op.weight).astype(np.float32)], shape)
    whole = graph.operation("numpy.Floor", [turns], shape)
    halves = graph.operation("numpy.Multiply", [whole, np.asarray(0.5, np.float32)], shape)
    halves = graph.operation("numpy.Floor", [halves], shape)
    doubled = graph.operation("numpy.Multiply", [halves, np.asarray(2, np.float32)], shape)
    return graph.operation("numpy.Subtract", [whole, doubled], shape)


def write_table(graph: KerasGraph, op: Table, taken: Taken, shape: Shape) -> Tensor:
    """The place of an entry is a sum of keys, each with its power of two; all entries lie behind each other."""
    sizes = [len(entries) for entries in op.entries]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    kernel = np.zeros((taken[0].shape[0], len(sizes)))
    for table, keys in enumerate(op.keys):
        for place, key in enumerate(keys):
            kernel[key, table] += 2.0**place
    place = graph.layer("Dense", taken, shape, kernel, starts, units=len(sizes))
    entries = np.concatenate(op.entries)[:, np.newaxis]
    found = graph.layer("Embedding", [place], (*shape, 1), entries, input_dim=len(entries), output_dim=1)
    return reshaped(graph, found, shape)


def write_segment_sum(graph: KerasGraph, op: SegmentSum, taken: Taken, shape: Shape) -> Tensor:
    """Add sums of groups of values, as a product with zeros and ones."""
    kernel = np.zeros((len(op.segments), op.offset.size))
    kernel[np.arange(len(op.segments)), op.segments] = 1
    return graph.layer("Dense", taken, shape, kernel, op.offset, units=op.offset.size)
