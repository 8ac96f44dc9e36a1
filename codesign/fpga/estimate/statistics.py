"""What the cost of a dense layer depends on: sizes, widths, and how many signed digits its weights have."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from codesign.network import FixedLayer
from codesign.network.types.signed_digits import count_signed_digits

SHIFT_ADD_CODES = (11, 13)  # three signed digits each, and yet Vivado HLS builds them from shifts and additions
KNOWN = ("weights", "sparsity", "shape")


@dataclass(frozen=True)
class LayerStatistics:
    """Counts over the integer weights of one layer; the estimate needs nothing else.

    A pair is an input and a signed weight that it is multiplied by: HLS computes each distinct one once.

    Args:
        n_in, n_out: shape of the kernel.
        input_width, weight_width, accum_width, output_width: bits of the whole tensor's type.
        largest_width: bits of the largest weight's magnitude.
        nonzero: weights that are not zero.
        powers_of_two: of them, those of one signed digit, which cost no product.
        two_digits: of them, those of two.
        two_digit_pairs: distinct pairs whose weight has two signed digits.
        heavy_pairs: distinct pairs whose weight has three or more.
        shift_add_pairs: of the heavy ones, those of +-11 and +-13.
        activation: as in :class:`codesign.network.DenseLayer`.
        table_bits: bits of the sigmoid or tanh table, 0 without one.
        positions: at which a shared layer stands; all other counts are those of one.
        known: what the counts come from: the ``weights``, or what is expected of their ``sparsity`` or of the
            ``shape`` alone.
    """

    n_in: int
    n_out: int
    input_width: float
    weight_width: int
    accum_width: int
    output_width: int
    largest_width: int
    nonzero: float
    powers_of_two: float = 0.0
    two_digits: float = 0.0
    two_digit_pairs: float = 0.0
    heavy_pairs: float = 0.0
    shift_add_pairs: float = 0.0
    activation: str = "linear"
    table_bits: int = 0
    positions: int = 1
    known: str = "weights"

    @property
    def n_weights(self) -> int:
        """Of the whole kernel, zeros included."""
        return self.n_in * self.n_out

    @property
    def heavy(self) -> float:
        """Weights of three signed digits or more."""
        return max(0.0, self.nonzero - self.powers_of_two - self.two_digits)


@lru_cache(maxsize=64)  # a network's layers, for each of its hardware settings
def layer_statistics(fixed: FixedLayer) -> LayerStatistics:
    """Count what the estimate needs in one layer."""
    codes = fixed.dense.kernel[0]
    precision = fixed.layer.precision
    has_table = fixed.layer.activation in ("sigmoid", "tanh")
    return LayerStatistics(
        n_in=fixed.layer.n_in,
        n_out=fixed.layer.n_out,
        input_width=int(fixed.dense.input.type.envelope.width),
        weight_width=int(precision.weight.envelope.width),
        accum_width=int(fixed.dense.accum.width),
        output_width=int(fixed.output.envelope.width),
        **pair_counts(codes),
        activation=fixed.layer.activation,
        table_bits=int(precision.table_size * precision.table.width) if has_table else 0,
        positions=fixed.positions,
    )


def pair_counts(codes: np.ndarray) -> dict[str, int]:
    """Return the counts of (n_in, n_out) integer weights by their names in :class:`LayerStatistics`."""
    digits = count_signed_digits(codes)
    return {
        "largest_width": int(np.abs(codes).max(initial=0)).bit_length(),
        "nonzero": int(np.count_nonzero(codes)),
        "powers_of_two": int(np.count_nonzero(digits == 1)),
        "two_digits": int(np.count_nonzero(digits == 2)),
        "two_digit_pairs": _distinct(codes, digits == 2),
        "heavy_pairs": _distinct(codes, digits >= 3),
        "shift_add_pairs": _distinct(codes, np.isin(np.abs(codes), SHIFT_ADD_CODES)),
    }


def _distinct(codes: np.ndarray, mask: np.ndarray) -> int:
    """Distinct weights of each input, among those in the mask."""
    return sum(len(np.unique(row[chosen])) for row, chosen in zip(codes, mask))
