"""What can be said of an op before anything is traced."""

from collections.abc import Sequence

import numpy as np

from codesign.fpga.rtl.traced_ops.dense import check_dense
from codesign.fpga.rtl.traced_ops.embedding import check_embedding
from codesign.fpga.rtl.traced_ops.table import MAX_CODES
from codesign.fpga.rtl.traced_ops.traced import MAX_BITS
from codesign.network import FixedPoint, Node
from codesign.network.ops import (
    MOVES,
    PLACES,
    FixedCodes,
    FixedDense,
    FixedEmbedding,
    FixedOp,
    FixedRelu,
    FixedTable,
    Op,
    Quantize,
)

_NARROW = (FixedRelu, FixedTable, FixedEmbedding)  # no wider than what they take, or than their table


def check_op(node: Node, fixed: FixedOp, inputs: Sequence[FixedPoint]) -> bool:
    """Return whether only tracing tells that an op can be built: its numbers may be too wide.

    Raises:
        PrecisionError, UnsupportedLayerError: if it cannot.
    """
    if isinstance(fixed, FixedDense):
        check_dense(fixed)
        return fixed.accum.width > MAX_BITS
    if isinstance(fixed, FixedEmbedding):
        check_embedding(fixed)
    if isinstance(fixed, FixedCodes) and fixed.input.envelope.width > MAX_CODES.bit_length() - 1:
        return True
    held = [one.envelope for one in inputs]
    span = max(one.integer for one in held) + max(one.fraction for one in held)
    if isinstance(node.op, (*MOVES, *PLACES, Quantize)) or isinstance(fixed, _NARROW):
        return span > MAX_BITS
    bits = max(span, sum(one.width for one in held)) + _constant_bits(node.op)
    return 2 * bits > MAX_BITS  # a quotient takes twice as many


def _constant_bits(op: Op) -> int:
    """Bits of the constants of an op, and of the number of values that it adds, at most."""
    types = getattr(op, "types", None)
    kinds = [kind.envelope for kind in (types.weight, types.bias)] if types is not None else []
    kinds += [op.table] if hasattr(op, "table_size") else []
    return sum(int(np.max(kind.width)) for kind in kinds) + 8
