"""Thresholds, bits, tables and sums of their entries as layers of codesign, for the writer of Keras models."""

from functools import partial

import numpy as np

from codesign.network.node import Node
from codesign.network.ops import Bit
from codesign.network.ops.table import MOST_KEYS


def write_keys(writer: object, node: Node, value: object) -> object:
    """A layer of thresholds or of bits."""
    from codesign.layers import KeyBits

    op = node.op
    is_bit = isinstance(op, Bit)
    keys = list(zip(op.index.tolist(), (op.weight if is_bit else op.value).tolist()))
    given = {"thresholds": [], "bits": keys} if is_bit else {"thresholds": keys}
    return KeyBits(**given, input_precision=writer.types.get(node.inputs[0]), name=node.name)(value)


def write_table(writer: object, node: Node, value: object) -> object:
    """A layer of tables."""
    from codesign.layers import TableLookup
    from codesign.layers.tables.grown import leaf_grid

    grid = leaf_grid(node.op.entries)
    make = partial(TableLookup, node.op.keys, **grid, max_keys=MOST_KEYS, name=node.name)
    return writer.with_weights(node, make, value, [np.concatenate(node.op.entries)])


def write_segment_sum(writer: object, node: Node, value: object) -> object:
    """A layer of sums of entries."""
    from codesign.layers import SegmentSum as Layer
    from codesign.layers.tables.grown import leaf_grid

    use_offset = bool(node.op.offset.any())
    (step,) = leaf_grid([node.op.offset]).get("step", [None]) if use_offset else [None]
    layer = Layer(node.op.offset.size, node.op.segments, step=step, use_offset=use_offset, name=node.name)
    result = layer(value)
    layer.set_weights([node.op.offset.astype(np.float32)] * layer.use_offset)
    return result
