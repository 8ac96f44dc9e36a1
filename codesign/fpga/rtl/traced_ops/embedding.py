"""An embedding: a table for each value of a row."""

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.fpga.rtl.adder_values import clip, floor_shift
from codesign.fpga.rtl.traced_ops.table import look_up
from codesign.fpga.rtl.traced_ops.traced import TracedNode, elements
from codesign.network.ops import FixedEmbedding

_MAX_ENTRIES = 1024


def trace_embedding(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return what :class:`codesign.network.ops.FixedEmbedding` gives.

    Numbers outside the table take its first or last row.

    Raises:
        UnsupportedLayerError: see :func:`check_embedding`.
    """
    fixed, entries = node.fixed, node.fixed.codes
    check_embedding(fixed)
    shape = (*values.shape, entries.shape[1])
    kinds = elements(fixed.output, shape)
    fractions = np.broadcast_to(fixed.input.fraction, values.shape)
    found = np.empty(shape, dtype=object)
    for index in np.ndindex(values.shape):
        row = clip(floor_shift(values[index], int(fractions[index])), 0, len(entries) - 1)
        for column in range(shape[-1]):
            codes = kinds[(*index, column)].requantize(entries[:, column], np.asarray(fixed.op.type.fraction))
            found[(*index, column)] = look_up(row, codes.__getitem__)
    return found


def check_embedding(fixed: FixedEmbedding) -> None:
    """Check that a table can be built of LUTs.

    Raises:
        UnsupportedLayerError: for too many entries.
    """
    if len(fixed.codes) > _MAX_ENTRIES:
        raise UnsupportedLayerError(
            f"an adder graph takes embeddings of at most {_MAX_ENTRIES:,} entries. Received: {len(fixed.codes):,}; "
            "build it as hls4ml-latency, or merge rare categories"
        )
