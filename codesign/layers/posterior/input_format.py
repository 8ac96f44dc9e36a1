"""The fixed-point format of a PosteriorDense's inputs, as it is read out and as a detector prescribes it."""

import re

import numpy as np

from codesign.errors import ConfigError
from codesign.network import FixedPoint

_PRESCRIBED = re.compile(r"ap_fixed<\s*(\d+)\s*,\s*(-?\d+)\s*(?:,\s*(?:AP_)?RND\s*,\s*(?:AP_)?SAT\s*)?>")
_MAX_WIDTH = 24  # float32 holds every code


def format_of_steps(step: np.ndarray, span: np.ndarray, *, signed: bool, truncated: bool) -> FixedPoint:
    """Return the format of multiples of `step` over ranges of size `span`, (n_in,) powers of two each.

    Truncated inputs wrap (``TRN``, ``WRAP``), others round half up and saturate (``RND``, ``SAT``).
    """
    integer, fraction = (np.rint(np.log2(size)).astype(np.int64) for size in (span, 1 / step))
    return FixedPoint(integer + fraction, integer, signed, *(("TRN", "WRAP") if truncated else ("RND", "SAT")))


def parse_input_precision(text: str | None) -> tuple[int, int] | None:
    """Return (width, integer) of ``ap_fixed<width,integer>``, in bits, or None for None.

    Raises:
        ConfigError: for any other text, or widths outside 1 to 24.
    """
    if text is None:
        return None
    match = _PRESCRIBED.fullmatch(str(text).strip())
    if not match or not 1 <= int(match[1]) <= _MAX_WIDTH:
        raise ConfigError(
            f"input_precision: expected ap_fixed<W,I> of 1 to {_MAX_WIDTH} bits, signed, which rounds and saturates. "
            f"Received: {text}; None learns the format of each input"
        )
    return int(match[1]), int(match[2])
