"""A softmax: a table of exponentials, their sum, a table of inverses, and products."""

from typing import TYPE_CHECKING

import numpy as np

from codesign.fpga.rtl.adder_values import balanced, floor_shift, larger, relu, wrap
from codesign.fpga.rtl.traced_ops.table import check_size, look_up
from codesign.fpga.rtl.traced_ops.traced import aligned, cast, check_bits
from codesign.network.ops.fixed_softmax import FixedSoftmax

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable


def trace_softmax(fixed: FixedSoftmax, values: np.ndarray) -> np.ndarray:
    """Return what the softmax gives in integers, along the last axis.

    Raises:
        UnsupportedLayerError: for tables that are too large.
    """
    check_size("softmax", 1 << fixed.inverse_bits)
    rows = aligned(values, fixed.input).reshape(-1, fixed.n)
    products = np.array([_row(fixed, row) for row in rows], dtype=object).reshape(values.shape)
    check_bits(products)
    return cast(products, 2 * int(fixed.given.fraction), fixed.output)


def _row(fixed: FixedSoftmax, row: np.ndarray) -> list["FixedVariable"]:
    largest = balanced(larger, row)
    kept = fixed.difference.width - fixed.exponential_bits
    entries = []
    for value in row:
        address = floor_shift(wrap(relu(largest - value), fixed.difference), kept)
        entries.append(look_up(address, lambda codes: fixed.exponentials[codes]))
    total = balanced(lambda a, b: a + b, entries)
    inverse = look_up(floor_shift(total, fixed.given.width - fixed.inverse_bits), lambda codes: fixed.inverses[codes])
    return [entry * inverse for entry in entries]
