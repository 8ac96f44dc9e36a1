"""The numbers that make a fixed-point format: of the whole tensor, or one for each element."""

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.types.codes import MAX_WIDTH

EXAMPLE = "write it as hls4ml does, for example ap_fixed<16,6> or ap_ufixed<8,2,AP_RND,AP_SAT>"


def as_bits(value: object, name: str) -> int | np.ndarray:
    """Return a number of bits, or one for each element; PrecisionError for what is no whole number."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.array(None)  # lists of different lengths
    if array.dtype.kind not in "iu" or not array.size or (array.dtype.kind == "u" and array.max(initial=0) > MAX_WIDTH):
        raise PrecisionError(f"{name}: expected an integer number of bits. Received: {value}; {EXAMPLE}")
    if array.ndim == 0:
        return int(array)
    bits = array.astype(np.int64)
    bits.setflags(write=False)
    return bits


def as_signs(value: object) -> bool | np.ndarray:
    """Return whether a type is signed: one flag where all elements are alike, or one for each."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.array(None)  # lists of different lengths
    if array.dtype.kind not in "biu" or not array.size:
        raise PrecisionError(f"signed: expected true or false, or one for each element. Received: {value!r:.60}")
    signs = array.astype(bool)
    if signs.all() or not signs.any():
        return bool(signs.flat[0])
    signs.setflags(write=False)
    return signs
