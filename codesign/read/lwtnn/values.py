"""Values in the objects of a JSON file, each checked; a message begins with `where` and names the key."""

import numpy as np

from codesign.errors import DataError


def typed(packed: object, key: str, kind: type, where: str) -> object:
    """Return the value of a key, of a kind that JSON has."""
    if not isinstance(packed, dict) or key not in packed:
        found = ", ".join(packed) if isinstance(packed, dict) else type(packed).__name__
        raise DataError(f"{where}expected the key '{key}'. Received: {found[:80]}")
    if not isinstance(packed[key], kind):
        names = {list: "an array", str: "a string", float: "a number"}
        raise DataError(f"{where}expected {names[kind]} for '{key}'. Received: {type(packed[key]).__name__}")
    return packed[key]


def number(packed: object, key: str, where: str) -> float:
    """Return a number that is finite in float32."""
    return float(_finite([typed(packed, key, float, where)], key, where)[0])


def numbers(packed: object, key: str, where: str) -> np.ndarray:
    """Return an array of numbers that are finite in float32."""
    values = typed(packed, key, list, where)
    strange = [value for value in values if not isinstance(value, float)]
    if strange:
        raise DataError(f"{where}expected numbers in '{key}'. Received: {type(strange[0]).__name__}")
    return _finite(values, key, where)


def _finite(values: list[float], key: str, where: str) -> np.ndarray:
    array = np.array(values, np.float64)
    wrong = array[~(np.abs(array) <= np.finfo(np.float32).max)]
    if wrong.size:
        raise DataError(f"{where}expected finite float32 numbers in '{key}'. Received: {wrong[0]}")
    return array.astype(np.float32)


def whole(packed: object, key: str, where: str, end: int) -> int:
    """Return a whole number from 0 to below `end`."""
    value = typed(packed, key, float, where)
    if not value.is_integer() or not 0 <= value < end:
        raise DataError(f"{where}expected a whole number from 0 to {end - 1} for '{key}'. Received: {value:g}")
    return int(value)
