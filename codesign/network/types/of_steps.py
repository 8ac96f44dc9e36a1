"""The type of numbers of which a step and a range are known."""

import numpy as np

from codesign.network.types.fixed_point import FixedPoint


def format_of_steps(step: np.ndarray, span: np.ndarray, *, signed: bool, truncated: bool) -> FixedPoint:
    """Return the format of multiples of `step` over ranges of size `span`, (n_in,) powers of two each.

    Truncated inputs wrap (``TRN``, ``WRAP``), others round half up and saturate (``RND``, ``SAT``).
    """
    integer, fraction = (np.rint(np.log2(size)).astype(np.int64) for size in (span, 1 / step))
    return FixedPoint(integer + fraction, integer, signed, *(("TRN", "WRAP") if truncated else ("RND", "SAT")))
