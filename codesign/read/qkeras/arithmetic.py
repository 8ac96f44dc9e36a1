"""Single precision as QKeras computes in it: the same operations in the same order, so that the bits are the same."""

from collections.abc import Sequence

import numpy as np

EPSILON = np.float32(1e-7)  # keras.backend.epsilon()
_PACKET, _UNROLLED, _LEAST_ROWS = 8, 4, 16  # of TensorFlow on processors of 256-bit registers
_LOG_2 = np.float32(np.log(2.0))
_LOG_ABOVE = np.array([1.0000000190281136, 1.0000000190281063, 0.18256296349849254], np.float32)
_LOG_BELOW = np.array([1.4999999999999927, 0.59923249590823520, 0.049616247954120038], np.float32)
_SIGMOIDS = {"hard_sigmoid": 0.5, "smooth_sigmoid": 0.1875}


def single(value: object) -> np.ndarray:
    """The number or array in single precision."""
    return np.asarray(value, np.float32)


def straight_through(x: np.ndarray, quantised: np.ndarray, noise: object = 1.0, *, use_ste: bool = True) -> np.ndarray:
    """``x + noise (quantised - x)``, whose first sum is rounded before the second."""
    noise = single(noise)
    if use_ste:
        return x + noise * (-x + quantised)
    return (single(1.0) - noise) * x + noise * quantised


def sign(x: np.ndarray) -> np.ndarray:
    """1 from 0 on, else -1."""
    return np.where(x < 0, single(-1), single(1))


def internal_sigmoid(x: np.ndarray, name: str = "hard_sigmoid") -> np.ndarray:
    """QKeras's sigmoid: a straight one, of slope 0.5, unless `set_internal_sigmoid` chose another."""
    if name in _SIGMOIDS:
        return np.clip(single(_SIGMOIDS[name]) * x + single(0.5), single(0), single(1))
    return sigmoid(x)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """``1 / (1 + exp(-x))``."""
    with np.errstate(over="ignore"):
        return single(1) / (single(1) + np.exp(-x))


def nearest_exponent(x: np.ndarray) -> np.ndarray:
    """``round(log2(x))``."""
    return np.round(log(x) / _LOG_2)


def exponent_below(x: np.ndarray) -> np.ndarray:
    """``floor(log2(x))``."""
    return np.floor(log(x) / _LOG_2)


def log(x: np.ndarray) -> np.ndarray:
    """The natural logarithm of positive values, as TensorFlow's: a ratio of polynomials on [sqrt(1/2), sqrt(2)].

    It differs from NumPy's in the last bit of one value in ten, and so in what rounds to an exponent.
    """
    fraction, exponent = np.frexp(x)
    is_low = fraction < single(np.sqrt(0.5))
    m = fraction - single(1) + np.where(is_low, fraction, single(0))
    exponent = single(exponent) - single(is_low)
    above = m * ((m * _LOG_ABOVE[2] + _LOG_ABOVE[1]) * m + _LOG_ABOVE[0])
    below = ((m * _LOG_BELOW[2] + _LOG_BELOW[1]) * m + _LOG_BELOW[0]) * m + single(1)
    found = np.ravel(exponent * _LOG_2 + above / below)
    first = found.size // _PACKET * _PACKET  # the rest of an array is left to the C library, which rounds correctly
    found[first:] = np.log(np.ravel(x)[first:].astype(np.float64))
    return found.reshape(np.shape(x))


def power_of_two(exponent: np.ndarray) -> np.ndarray:
    """``2 ** exponent``; 0 for what single precision has no normal number for."""
    found = np.exp2(single(exponent)).astype(np.float32)
    return np.where(found < np.finfo(np.float32).tiny, single(0), found)


def channel_axes(rank: int, scale_axis: int | None = None) -> tuple[int, ...]:
    """The axes of one scale: all but the last, or all but `scale_axis`; the only one of a vector."""
    if rank == 1:
        return (0,)
    return tuple(axis for axis in range(rank) if axis != (rank - 1 if scale_axis is None else scale_axis))


def least_squares_scale(alpha: str, x: np.ndarray, codes: np.ndarray, scale_axis: int | None = None) -> np.ndarray:
    """``mean(x q) / mean(q q)`` of each channel, for ``auto_po2`` its nearest power of two; of a vector each value has
    its own."""
    products, squares = x * codes, codes * codes
    if x.ndim > 1:
        axes = channel_axes(x.ndim, scale_axis)
        products, squares = mean(products, axes), mean(squares, axes)
    scale = products / (squares + EPSILON)
    if alpha == "auto_po2":
        with np.errstate(invalid="ignore"):
            scale = power_of_two(nearest_exponent(scale + EPSILON))
    return scale


def mean(x: np.ndarray, axes: Sequence[int]) -> np.ndarray:
    """The mean along axes, which stay.

    Over the first axes, as of a kernel, the sums are taken in TensorFlow's order: four sums of every fourth row where
    eight columns are taken at once and rows are 16 or more, one sum else.
    """
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    if kept != list(range(len(axes), x.ndim)):
        return np.mean(x, axis=tuple(axes), keepdims=True, dtype=np.float32)
    rows = x.reshape(-1, int(np.prod([x.shape[axis] for axis in kept])))
    n_rows, n_columns = rows.shape
    n_packed = n_columns // _PACKET * _PACKET if n_rows >= _LEAST_ROWS else 0
    n_unrolled = n_rows // _UNROLLED * _UNROLLED
    parts = [_sum(rows[:n_unrolled, :n_packed][first::_UNROLLED]) for first in range(_UNROLLED)]
    packed = _sum(np.stack([_sum(np.stack(parts)), *rows[n_unrolled:, :n_packed]]))
    found = np.concatenate([packed, _sum(rows[:, n_packed:])]) / single(n_rows)
    return found.reshape([1 if axis in axes else x.shape[axis] for axis in range(x.ndim)])


def _sum(rows: np.ndarray) -> np.ndarray:
    """One row after the other."""
    total = np.zeros(rows.shape[1:], np.float32)
    for row in rows:
        total = total + row
    return total
