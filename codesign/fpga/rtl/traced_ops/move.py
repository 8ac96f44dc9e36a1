"""Moves, which cost nothing, and the cast behind them."""

import numpy as np

from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast


def trace_move(node: TracedNode, *values: np.ndarray) -> np.ndarray:
    """Move values about, as :class:`codesign.network.ops.FixedMove` does."""
    fixed = node.fixed
    if fixed.steps is not None:
        values = [aligned(one, precision, fixed.steps) for one, precision in zip(values, fixed.inputs)]
    moved = fixed.move(*(one[np.newaxis] for one in values))[0]
    return moved if fixed.output is fixed.moved else cast(moved, fixed.moved.fraction, fixed.output)
