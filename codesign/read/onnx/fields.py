"""Fields of ONNX's messages: texts, numbers, and lists of them, packed or not."""

from collections.abc import Sequence

import numpy as np

from codesign._untrusted.protobuf import fields_of, packed_varints, signed
from codesign.errors import UnreadableError

_DAMAGED = "a damaged ONNX file; copy or export it again"

Fields = dict[int, list]


def message_fields(content: memoryview) -> Fields:
    """Return the values of each field of a message, by its number."""
    found: Fields = {}
    for number, value in fields_of(content):
        found.setdefault(number, []).append(value)
    return found


def as_message(value: object) -> memoryview:
    """Return the bytes of a field; a damaged file has a number there."""
    if not isinstance(value, memoryview):
        raise UnreadableError(_DAMAGED)
    return value


def as_text(value: object) -> str:
    """Return the text of a field."""
    return bytes(as_message(value)).decode(errors="replace")


def text_of(found: Fields, number: int) -> str:
    """Return the text of the last field of a number; empty: there is none."""
    return as_text(found[number][-1]) if found.get(number) else ""


def number_of(found: Fields, number: int) -> int:
    """Return the whole number of the last field of a number; 0: there is none."""
    value = found[number][-1] if found.get(number) else 0
    if not isinstance(value, int):
        raise UnreadableError(_DAMAGED)
    return value


def whole_numbers(values: Sequence[object]) -> np.ndarray:
    """Return int64 of a repeated field of whole numbers, packed or not."""
    parts = [
        packed_varints(one) if isinstance(one, memoryview) else np.array([signed(one)], np.int64) for one in values
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def real_numbers(values: Sequence[object], kind: str = "<f4") -> np.ndarray:
    """Return a repeated field of floating-point numbers, packed or not.

    Raises:
        UnreadableError: for bytes that are no such numbers.
    """
    size = np.dtype(kind).itemsize
    raw = b"".join(
        bytes(one) if isinstance(one, memoryview) else (one % 2 ** (8 * size)).to_bytes(size, "little")
        for one in values
    )
    if len(raw) % size:
        raise UnreadableError(_DAMAGED)
    return np.frombuffer(raw, kind)
