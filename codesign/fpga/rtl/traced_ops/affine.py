"""A factor and an offset of each value: shifts and additions."""

import numpy as np

from codesign.fpga.rtl.traced_ops.traced import TracedNode, aligned, cast, each


def trace_affine(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return what :class:`codesign.network.ops.FixedAffine` gives."""
    fixed = node.fixed
    line = each(lambda x, a, b: x * float(a) + float(b), aligned(values, fixed.input), fixed.factor, fixed.offset)
    return cast(line, fixed.fraction, fixed.output)
