"""Quantizers as layers of architecture ``fixed_point``, described in ``export/lwtnn/chain.schema.json``."""

from collections.abc import Mapping

import numpy as np

from codesign.errors import CodesignError, DataError
from codesign.network import FixedPoint
from codesign.network.types.single_precision import Rounding

QUANTIZER = "fixed_point"
_KEYS = ("width", "integer", "signed", "rounding", "overflow")


def unpack_quantizer(packed: Mapping[str, object], n: int, where: str) -> FixedPoint:
    """Return the quantizer of n values.

    Raises:
        DataError: for a missing key or a wrong value, or a type that single precision cannot hold; beginning with
            `where`.
    """
    missing = [key for key in _KEYS if key not in packed]
    if missing:
        raise DataError(f"{where}expected the key '{missing[0]}'. Received: {', '.join(packed)[:80]}")
    signed, rounding, overflow = (packed[key] for key in _KEYS[2:])
    if isinstance(signed, list):
        signed = _bits(signed, n, f"{where}expected 0 and 1 for 'signed'")
        if not np.isin(signed, (0, 1)).all():
            raise DataError(f"{where}expected 0 and 1 for 'signed'. Received: {signed.min()} to {signed.max()}")
    elif not isinstance(signed, bool):
        raise DataError(f"{where}expected true or false for 'signed'. Received: {str(signed)[:60]}")
    width, integer = (_bits(packed[key], n, f"{where}expected whole numbers of bits for '{key}'") for key in _KEYS[:2])
    try:
        quantizer = FixedPoint(width, integer, signed, str(rounding), str(overflow))
        Rounding.of(quantizer, (n,))
    except CodesignError as error:
        raise DataError(f"{where}{error}") from None
    return quantizer


def _bits(value: object, n: int, expected: str) -> int | np.ndarray:
    """JSON's numbers are floats here."""
    numbers = value if isinstance(value, list) else [value]
    is_whole = all(isinstance(number, float) and number.is_integer() and abs(number) < 1000 for number in numbers)
    if not is_whole or (isinstance(value, list) and len(value) != n):
        raise DataError(f"{expected}, one or one for each of {n} values. Received: {str(value)[:60]}")
    return np.array(value, np.int64) if isinstance(value, list) else int(value)
