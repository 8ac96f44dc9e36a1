"""Exact numbers inside da4ml 0.6.0, for designs of any depth and width.

da4ml scales every value by a power of two relative to the first layer's inputs, and the powers grow from layer to
layer. Two of its limits are reached by networks of usual size: decimals of 28 digits round 2**-41, and constants that
are multiples of more than 2**31, or have more than 32 fraction bits, come out wrong without a word.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, localcontext
from types import ModuleType

from codesign.tools.find import require_tool

_DIGITS = 300
_FRACTION_OF_ZERO = -32  # da4ml's own; a zero has no bits whatever its step


@contextmanager
def exact_da4ml() -> Iterator[ModuleType]:
    """Give ``da4ml.trace``, exact while the block lasts; in one thread, because it patches da4ml.

    Raises:
        ToolError: if da4ml is not installed.
    """
    require_tool("da4ml")
    import da4ml.trace
    from da4ml.trace import fixed_variable, tracer

    modules, original = (fixed_variable, tracer), fixed_variable._const_f
    for module in modules:
        module._const_f = fraction_bits
    try:
        with localcontext(prec=_DIGITS):
            yield da4ml.trace
    finally:
        for module in modules:
            module._const_f = original


def fraction_bits(constant: float | Decimal) -> int:
    """Return the smallest f for which ``constant * 2**f`` is whole: negative for a multiple of two."""
    numerator, denominator = constant.as_integer_ratio()
    if numerator == 0:
        return _FRACTION_OF_ZERO
    trailing_zeros = (numerator & -numerator).bit_length() - 1
    return denominator.bit_length() - 1 - trailing_zeros
