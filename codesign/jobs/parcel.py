"""Parcels: any value as bytes, large arrays left out, so that what many items share travels once."""

import hashlib
import io
import pickle  # nosec B403  # of what this program packed
from collections.abc import Callable, Mapping

import cloudpickle
import numpy as np

_LARGE_BYTES = 100_000


class Packer:
    """Packs values, and gives each large array a name by its content.

    Args:
        keep: called once for each array, with its name, before a parcel that needs it is returned.
    """

    def __init__(self, keep: Callable[[str, np.ndarray], None]) -> None:
        self._keep = keep
        self._names: dict[int, tuple[np.ndarray, str]] = {}  # the arrays too, so that no id is given twice
        self._kept: set[str] = set()

    def pack(self, value: object) -> tuple[bytes, tuple[str, ...]]:
        """Return a value as bytes, and the names of the arrays that it needs."""
        stream, needed = io.BytesIO(), {}

        def name_of(array: np.ndarray) -> str:
            name = self._name(array)
            needed[name] = None
            return name

        _Pickler(stream, name_of).dump(value)
        return stream.getvalue(), tuple(needed)

    def _name(self, array: np.ndarray) -> str:
        if id(array) not in self._names:
            name = _name_by_content(array)
            self._names[id(array)] = array, name
            if name not in self._kept:
                self._keep(name, array)
                self._kept.add(name)
        return self._names[id(array)][1]


def unpack(parcel: bytes, arrays: Mapping[str, np.ndarray]) -> object:
    """Return the value of a parcel that this program packed."""
    return _Unpickler(io.BytesIO(parcel), arrays).load()


class _Pickler(cloudpickle.Pickler):
    def __init__(self, stream: io.BytesIO, name_of: Callable[[np.ndarray], str]) -> None:
        super().__init__(stream)
        self._name_of = name_of

    def persistent_id(self, value: object) -> str | None:
        if type(value) is np.ndarray and value.nbytes >= _LARGE_BYTES and not value.dtype.hasobject:
            return self._name_of(value)
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(stream)
        self._arrays = arrays

    def persistent_load(self, name: str) -> np.ndarray:
        return self._arrays[name]


def _name_by_content(array: np.ndarray) -> str:
    is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    digest = hashlib.sha256(f"{array.dtype.descr} {array.shape} {is_fortran}".encode())
    digest.update(np.ascontiguousarray(array).view(np.uint8))
    return digest.hexdigest()
