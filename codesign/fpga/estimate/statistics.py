"""What the cost of a dense layer depends on: sizes, widths, and how many signed digits its weights have."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from codesign.network import FixedLayer
from codesign.network.types.signed_digits import count_signed_digits

_SHIFT_ADD_CODES = (11, 13)  # three signed digits each, and yet Vivado HLS builds them from shifts and additions


@dataclass(frozen=True)
class LayerStatistics:
    """Counts over the integer weights of one layer; the estimate needs nothing else.

    Args:
        n_in, n_out: shape of the kernel.
        input_width, weight_width, accum_width, output_width: bits of the whole tensor's type.
        nonzero: weights that are not zero.
        extra_digits: signed digits beyond the first, summed over the weights.
        light_digits: the same, over the weights that are built without a multiplier whatever the widths: those of two
            digits, and +-11, +-13.
        heavy_products: distinct (input, signed weight) pairs of all other weights: HLS computes each product once.
        activation: as in :class:`codesign.network.DenseLayer`.
        table_bits: bits of the sigmoid or tanh table, 0 without one.
        positions: at which a shared layer stands; all other counts are those of one.
    """

    n_in: int
    n_out: int
    input_width: int
    weight_width: int
    accum_width: int
    output_width: int
    nonzero: int
    extra_digits: int
    light_digits: int
    heavy_products: int
    activation: str = "linear"
    table_bits: int = 0
    positions: int = 1


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
        **digit_counts(codes),
        activation=fixed.layer.activation,
        table_bits=int(precision.table_size * precision.table.width) if has_table else 0,
        positions=fixed.positions,
    )


def digit_counts(codes: np.ndarray) -> dict[str, int]:
    """Return the counts of (n_in, n_out) integer weights by their names in :class:`LayerStatistics`."""
    digits = count_signed_digits(codes)
    heavy = (digits >= 3) & ~np.isin(np.abs(codes), _SHIFT_ADD_CODES)
    extra = np.maximum(digits - 1, 0)
    return {
        "nonzero": int(np.count_nonzero(codes)),
        "extra_digits": int(extra.sum()),
        "light_digits": int(extra[~heavy].sum()),
        "heavy_products": sum(len(np.unique(row[mask])) for row, mask in zip(codes, heavy)),
    }
