"""What is expected of a layer's weights where only its shape, its widths and perhaps its sparsity are known."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil, exp, log, sqrt

import numpy as np

from codesign.fpga.estimate.statistics import SHIFT_ADD_CODES, LayerStatistics
from codesign.network.types.signed_digits import count_signed_digits

_TWO_DIGIT_SPREAD = 1.4  # kinds of signed weights for each magnitude: 2, of which small ones are likelier
_SHIFT_ADD_SHARES = {4: 1.0, 5: 0.15, 6: 0.075, 7: 0.012, 8: 0.01}  # of heavy pairs, by bits of the largest weight
_MOST_FRACTIONAL_BITS = 14  # beyond which finer steps change no count
_TABLED = ("sigmoid", "tanh", "elu", "selu", "softplus", "softsign")  # what hls4ml reads from a table
_TABLE_BITS = 1024 * 18
_MOST_BITS = 15  # of a magnitude, for the same reason


def expected_statistics(
    shape: tuple[int, int],
    widths: Sequence[int],
    weight_integer_bits: int | None = None,
    sparsity: float | None = None,
    activation: str = "linear",
) -> LayerStatistics:
    """Return the counts that are expected of weights drawn from a Laplace distribution and rounded to their type.

    Training keeps the variance of what a layer gives near that of what it takes, so that n weights that are not zero
    of an output have a variance of 1 / n, where n counts the mean of inputs and outputs if those are fewer (Glorot and
    Bengio 2010); penalties on their magnitude give the distribution its peak and its tails.

    Args:
        shape: of the kernel, (n_in, n_out).
        widths: bits of the input, the weights, the accumulator and the output.
        weight_integer_bits: the sign among them; None: 1, or 6 of weights of 12 bits or more, as ``ap_fixed<16,6>``.
        sparsity: share of weights that are zero, in [0, 1]; None: those that rounding makes zero.
        activation: as in :class:`codesign.network.DenseLayer`.

    Example:
        >>> from codesign.fpga.estimate.shape import expected_statistics
        >>> layer = expected_statistics((16, 64), (16, 6, 16, 16), sparsity=0.75)
        >>> layer.nonzero, layer.known
        (256.0, 'sparsity')
    """
    n_in, n_out = shape
    input_width, weight_width, accum_width, output_width = widths
    integer = weight_integer_bits if weight_integer_bits is not None else (1 if weight_width < 12 else 6)
    density = 1.0 if sparsity is None else max(1.0 / (n_in * n_out), 1.0 - sparsity)
    sigma = 1 / sqrt(min(n_in, (n_in + n_out) / 2) * density)
    scale = 2.0 ** min(weight_width - integer, _MOST_FRACTIONAL_BITS) * sigma / sqrt(2)
    most = 2 ** max(1, min(weight_width - 1, _MOST_BITS)) - 1
    nonzero = n_in * n_out * (exp(-0.5 / scale) if sparsity is None else 1.0 - sparsity)
    tallest = max(1.0, scale * log(max(2.0, nonzero)))
    finer = max(0, weight_width - integer - _MOST_FRACTIONAL_BITS)
    largest = max(1, min(weight_width - 1, int(tallest).bit_length() + finer))
    expected = _expected_counts(min(most, ceil(tallest)), scale, nonzero / n_in)
    counts = {name: n_in * value for name, value in expected.items()}
    return LayerStatistics(
        n_in, n_out, input_width, weight_width, accum_width, output_width,
        largest_width=largest, nonzero=nonzero, **counts,
        activation=activation, table_bits=_TABLE_BITS if activation in _TABLED else 0,
        known="shape" if sparsity is None else "sparsity",
    )  # fmt: skip


def counted_statistics(
    shape: tuple[int, int], widths: Sequence[int], counts: Mapping[str, float], activation: str = "linear"
) -> LayerStatistics:
    """Return the counts of weights that are known by some of them: the others are expected from those.

    Args:
        shape: of the kernel, (n_in, n_out).
        widths: bits of the input, the weights, the accumulator and the output.
        counts: ``nnz`` weights that are not zero, ``pow2`` of them of one signed digit, ``c3`` of three or more,
            ``umul`` distinct pairs of an input and such a weight, ``wmax`` bits of the largest.
        activation: as in :class:`codesign.network.DenseLayer`.
    """
    n_in, n_out = shape
    input_width, weight_width, accum_width, output_width = widths
    largest = int(counts["wmax"])
    two_digits = max(0.0, counts["nnz"] - counts["pow2"] - counts["c3"])
    return LayerStatistics(
        n_in, n_out, input_width, weight_width, accum_width, output_width,
        largest_width=largest, nonzero=counts["nnz"], powers_of_two=counts["pow2"], two_digits=two_digits,
        two_digit_pairs=n_in * _distinct_of(_TWO_DIGIT_SPREAD * codes_of(largest, 2), two_digits / n_in),
        heavy_pairs=counts["umul"], shift_add_pairs=counts["umul"] * _shift_add_share(largest),
        activation=activation, table_bits=_TABLE_BITS if activation in _TABLED else 0,
    )  # fmt: skip


def _distinct_of(kinds: float, drawn: float) -> float:
    """Distinct ones among `drawn` of `kinds` equally likely kinds."""
    if not drawn or not kinds:
        return 0.0
    return kinds * (1 - (1 - 1 / max(kinds, 1.001)) ** drawn)


@cache
def codes_of(bits: int, digits: int) -> int:
    """Return how many magnitudes of up to so many bits have so many signed digits."""
    codes = np.arange(1, 2 ** min(bits, _MOST_FRACTIONAL_BITS))
    return int(np.count_nonzero(count_signed_digits(codes) == digits))


def _shift_add_share(largest_width: int) -> float:
    """The share of heavy pairs that are +-11 and +-13."""
    return _SHIFT_ADD_SHARES.get(largest_width, 0.0 if largest_width > max(_SHIFT_ADD_SHARES) else 1.0)


def _expected_counts(most: int, scale: float, per_input: float) -> dict[str, float]:
    """Counts for one input with `per_input` non-zero weights: of a code of chance p, 1 - (1 - p)**n distinct ones."""
    magnitudes, digits = _digits_up_to(most)
    share = np.exp(-(magnitudes - 1.0) / scale)
    share /= share.sum()
    distinct = -2 * np.expm1(per_input * np.log1p(-share / 2))  # either sign
    return {
        "powers_of_two": float(per_input * share[digits == 1].sum()),
        "two_digits": float(per_input * share[digits == 2].sum()),
        "two_digit_pairs": float(distinct[digits == 2].sum()),
        "heavy_pairs": float(distinct[digits >= 3].sum()),
        "shift_add_pairs": float(distinct[np.isin(magnitudes, SHIFT_ADD_CODES)].sum()),
    }


@cache
def _digits_up_to(most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the magnitudes from 1, and how many signed digits each has."""
    magnitudes = np.arange(1, most + 1)
    return magnitudes, count_signed_digits(magnitudes)
