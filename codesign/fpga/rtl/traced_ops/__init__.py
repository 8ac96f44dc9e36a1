"""Each op as additions of traced values of da4ml: a table op -> function, one file for each kind of op."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.fpga.rtl.traced_ops.activation import trace_activation
from codesign.fpga.rtl.traced_ops.affine import trace_affine
from codesign.fpga.rtl.traced_ops.checks import check_op
from codesign.fpga.rtl.traced_ops.choice import trace_argmax, trace_compare, trace_matmul, trace_select
from codesign.fpga.rtl.traced_ops.dense import trace_dense
from codesign.fpga.rtl.traced_ops.embedding import trace_embedding
from codesign.fpga.rtl.traced_ops.merge import trace_dot, trace_merge
from codesign.fpga.rtl.traced_ops.move import trace_move
from codesign.fpga.rtl.traced_ops.reduce import trace_mean, trace_reduce
from codesign.fpga.rtl.traced_ops.tables import trace_bit, trace_lookup, trace_segment_sum, trace_threshold
from codesign.fpga.rtl.traced_ops.traced import TracedNode
from codesign.network.ops import (
    MOVES,
    PLACES,
    Activation,
    Add,
    Affine,
    ArgMax,
    Bit,
    Compare,
    Dense,
    Dot,
    Embedding,
    MatMul,
    Max,
    Maximum,
    Mean,
    Min,
    Minimum,
    Multiply,
    Op,
    Quantize,
    SegmentSum,
    Select,
    Subtract,
    Sum,
    Table,
    Threshold,
)

TRACED: Mapping[type[Op], Callable[..., np.ndarray]] = MappingProxyType(
    {
        Dense: trace_dense,
        Affine: trace_affine,
        Activation: trace_activation,
        Embedding: trace_embedding,
        Dot: trace_dot,
        Mean: trace_mean,
        Threshold: trace_threshold,
        Bit: trace_bit,
        Table: trace_lookup,
        SegmentSum: trace_segment_sum,
        **dict.fromkeys((Add, Subtract, Multiply, Maximum, Minimum), trace_merge),
        **dict.fromkeys((Sum, Max, Min), trace_reduce),
        **dict.fromkeys((*MOVES, *PLACES, Quantize), trace_move),
        Compare: trace_compare,
        Select: trace_select,
        ArgMax: trace_argmax,
        MatMul: trace_matmul,
    }
)


def traced(node: TracedNode, *values: np.ndarray) -> np.ndarray:
    """Return what a node gives.

    Raises:
        UnsupportedLayerError: for an op that is not in the table.
    """
    if type(node.op) not in TRACED:
        raise UnsupportedLayerError(
            f"an adder graph has no {node.op.name}; build it as hls4ml-latency, or cut the network before it"
        )
    return TRACED[type(node.op)](node, *values)


__all__ = ["TRACED", "TracedNode", "check_op", "traced"]
