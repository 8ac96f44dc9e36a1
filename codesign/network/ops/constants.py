"""The types of an op's constants."""

from dataclasses import dataclass

import numpy as np

from codesign._argument_kinds import received
from codesign._arguments import as_numbers, checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import aligned


@checked
@dataclass(frozen=True)
class ConstantTypes:
    """Fixed-point types of the constants of a dense or affine op.

    Args:
        weight: of the kernel, or of the factor: of the whole tensor, or per element.
        bias: of the bias, or of the offset.
        accum: of a dense op: each product is cast to it, and the sum is kept in it; None: wide enough to be exact
            (hls4ml's ``auto``).
    """

    weight: FixedPoint
    bias: FixedPoint
    accum: FixedPoint | None = None


def frozen_array(values: object, what: str) -> np.ndarray:
    """Return finite float64 that nobody changes.

    Raises:
        PrecisionError: for NaN or inf.
    """
    if (
        isinstance(values, np.ndarray)
        and values.dtype == np.float64
        and not values.flags.writeable
        and values.base is None
    ):
        return values  # of another op
    array = as_numbers(values, what)
    if not np.isfinite(array).all():
        raise PrecisionError(f"{what}: expected finite weights. Received: NaN or inf; retrain the model")
    array.setflags(write=False)
    return array


def frozen_places(values: object, what: str, *, axes: int | None = 1) -> np.ndarray:
    """Return whole numbers, int64, that nobody changes.

    Args:
        axes: their number; None: any.

    Raises:
        UnsupportedLayerError: for others.
    """
    numbers = as_numbers(values, what)
    places = np.floor(np.nan_to_num(np.clip(numbers, -(2.0**62), 2.0**62))).astype(np.int64)
    if axes not in (None, numbers.ndim) or not np.array_equal(places, numbers):
        shape = ", (n,)" if axes == 1 else ""
        raise UnsupportedLayerError(f"{what}: expected whole numbers{shape}. Received: {received(values)}")
    places.setflags(write=False)
    return places


def aligned_codes(precision: FixedPoint, values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return constants as int64 codes, and their common fraction."""
    return aligned(precision.to_codes(values), precision), int(np.max(precision.fraction))
