"""hls4ml's sigmoid and tanh tables: `size` entries over [-8, 8) for sigmoid, over [-4, 4) for tanh.

Source: hls4ml 1.3, templates/vivado/nnet_utils/nnet_activation.h. The C++ evaluates the function in single precision.
"""

from functools import lru_cache

import numpy as np

from codesign.network.types.fixed_point import FixedPoint

RANGE = {"sigmoid": 8, "tanh": 4}
_INT64_SAFE = 40  # bits that leave room for the table's size and range


@lru_cache(maxsize=64)
def activation_table(activation: str, precision: FixedPoint, size: int) -> np.ndarray:
    """Return the (size,) int64 codes of the table."""
    x = (
        np.float32(2 * RANGE[activation])
        * (np.arange(size, dtype=np.float32) - np.float32(size / 2))
        / np.float32(size)
    )
    wide = x.astype(np.float64)
    if activation == "tanh":
        values = np.tanh(wide)
    else:
        exponential = np.exp(-wide).astype(np.float32)
        values = (1.0 / (np.float32(1) + exponential).astype(np.float64)).astype(np.float32)
    return precision.to_codes(values)


def table_indices(codes: np.ndarray, fraction: int | np.ndarray, activation: str, size: int) -> np.ndarray:
    """Return the entry that hls4ml looks up for each int64 code: x * size / range, truncated to 0, plus size / 2."""
    reach = 2 * RANGE[activation]
    fraction = np.asarray(fraction)
    if np.max(fraction, initial=0) > _INT64_SAFE or np.abs(codes).max(initial=0) >> _INT64_SAFE:
        codes, fraction = codes.astype(object), fraction.astype(object)  # Python integers do not overflow
    scaled = codes * size << np.maximum(-fraction, 0)
    divisor = (0 * codes + reach) << np.maximum(fraction, 0)
    towards_zero = np.where(scaled < 0, -(-scaled // divisor), scaled // divisor)
    return np.clip(towards_zero + (reach // 2) * size // reach, 0, size - 1).astype(np.int64)
