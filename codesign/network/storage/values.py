"""Values in a network's JSON, each checked: a number of another kind or a key too many is refused, never rounded."""

from collections.abc import Mapping

import numpy as np

from codesign.errors import DataError, nearest
from codesign.network.types.fixed_point import FixedPoint

_DIGITS = {True: (int,), False: (int, float)}


def unpack_type(packed: object, shape: tuple[int, ...], where: str) -> FixedPoint | None:
    """Return the type of a tensor of this shape: of all of it, or per element."""
    if packed is None:
        return None
    if isinstance(packed, str):
        return FixedPoint.parse(packed)
    entry = unpack_object(packed, ("width", "integer", "signed", "rounding", "overflow"), where)
    bits = {name: _bits(entry[name], shape, f"{where}: {name}") for name in ("width", "integer")}
    signed = _signs(entry["signed"], shape, f"{where}: signed")
    return FixedPoint(**bits, signed=signed, rounding=entry["rounding"], overflow=entry["overflow"])


def _signs(value: object, shape: tuple[int, ...], where: str) -> bool | np.ndarray:
    """True or false, or nested lists of 0 and 1."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list):
        raise DataError(f"{where}: expected true or false, or a list of 0 and 1. Received: {value!r:.60}")
    signs = _bits(value, shape, where)
    if not np.isin(signs, (0, 1)).all():
        raise DataError(f"{where}: expected 0 and 1. Received: {signs.min()} to {signs.max()}")
    return signs


def _bits(value: object, shape: tuple[int, ...], where: str) -> int | np.ndarray:
    if is_number(value, whole=True):
        return value
    array = unpack_array(value, where, axes=len(shape), whole=True)
    if any(size not in (1, wanted) for size, wanted in zip(array.shape, shape)):
        raise DataError(
            f"{where}: expected a number of bits for each element of {shape}. Received: shape {array.shape}"
        )
    return array


def unpack_array(values: object, where: str, *, axes: int, whole: bool = False) -> np.ndarray:
    """Return nested lists of numbers as an array; lists of different lengths and anything but numbers are refused."""
    rows, shape = [values], []
    for _ in range(axes):
        if not all(isinstance(row, list) for row in rows) or len({len(row) for row in rows}) > 1:
            raise DataError(f"{where}: expected lists of equal lengths, {axes} deep. Received: others")
        shape.append(len(rows[0]) if rows else 0)
        rows = [value for row in rows for value in row]
    strange = next((value for value in rows if not is_number(value, whole=whole)), None)
    if strange is not None or None in rows:
        kind = "whole numbers" if whole else "numbers"
        raise DataError(f"{where}: expected {kind}. Received: {'null' if None in rows else repr(strange)[:60]}")
    try:
        return np.array(rows, np.int64 if whole else np.float64).reshape(shape)
    except OverflowError:
        raise DataError(f"{where}: expected numbers of 64 bits. Received: larger ones") from None


def is_number(value: object, *, whole: bool) -> bool:
    """Whether a value is a number, and no flag."""
    return isinstance(value, _DIGITS[whole]) and not isinstance(value, bool)


def unpack_object(
    packed: object, keys: tuple[str, ...], where: str, *, optional: tuple[str, ...] = ()
) -> Mapping[str, object]:
    if not isinstance(packed, dict):
        raise DataError(f"{where}: expected an object with {', '.join(keys)}. Received: {kind_of(packed)}")
    known = (*keys, *optional)
    for key in packed:
        if key not in known:
            raise DataError(f"{where}: unknown key '{key}'{nearest(key, known)}; known: {', '.join(known)}")
    missing = [key for key in keys if key not in packed]
    if missing:
        raise DataError(f"{where}: expected the key '{missing[0]}'. Received: {', '.join(packed) or 'nothing'}")
    return packed


def unpack_text(value: object, where: str) -> str:
    """Return printable text."""
    if not isinstance(value, str) or not value.isprintable():
        raise DataError(f"{where}: expected a printable text. Received: {value!r:.60}")
    return value


def unpack_list(value: object, where: str) -> list:
    """Return a list."""
    if not isinstance(value, list):
        raise DataError(f"{where}: expected a list. Received: {kind_of(value)}")
    return value


def unpack_whole(value: object, where: str, low: int, high: int) -> int:
    """Return a whole number within limits."""
    if not is_number(value, whole=True) or not low <= value <= high:
        raise DataError(f"{where}: expected a whole number from {low:,} to {high:,}. Received: {value!r:.60}")
    return value


def kind_of(value: object) -> str:
    """What a value is called in a message."""
    return {dict: "an object", list: "a list", str: "text", type(None): "null", bool: "true or false"}.get(
        type(value), "a number"
    )
