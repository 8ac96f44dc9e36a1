"""The tables of a firmware as they lie in files."""

from collections.abc import Mapping
from dataclasses import fields

from codesign.errors import DataError
from codesign.network.ops import FirmwareSoftmax, FirmwareTable
from codesign.network.storage.values import (
    is_number,
    unpack_array,
    unpack_object,
    unpack_text,
    unpack_type,
    unpack_whole,
)

_ARRAYS = ("entries", "exponentials", "inverses")
_TEXTS = ("address", "sign", "implementation")
_FLAGS = ("floors", "from_largest", "skips_sign")
_WHOLE = ("reach", "index_bits")
_LARGEST = 2**20


def unpack_firmware(packed: object, where: str) -> FirmwareTable | FirmwareSoftmax | None:
    """Return the tables of an activation, or None.

    Raises:
        DataError: naming the key.
    """
    if packed is None:
        return None
    kind = FirmwareSoftmax if isinstance(packed, dict) and "implementation" in packed else FirmwareTable
    names = tuple(field.name for field in fields(kind))
    entry = unpack_object(packed, names, where)
    return kind(**{name: _unpacked(name, entry, where, kind) for name in names})


def _unpacked(name: str, entry: Mapping[str, object], where: str, kind: type) -> object:
    value, place = entry[name], f"{where}: {name}"
    if name in _ARRAYS:
        return unpack_array(value, place, axes=1)
    if name in _TEXTS and not (name == "address" and kind is FirmwareSoftmax):
        return unpack_text(value, place)
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise DataError(f"{place}: expected true or false. Received: {value!r:.60}")
        return value
    if name in _WHOLE:
        return unpack_whole(value, place, 1, _LARGEST)
    if kind is FirmwareTable:
        if not is_number(value, whole=False):
            raise DataError(f"{place}: expected a number. Received: {value!r:.60}")
        return float(value)
    found = unpack_type(value, (), place)
    if found is None:
        raise DataError(f"{place}: expected a type. Received: null")
    return found
