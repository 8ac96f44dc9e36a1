"""Parcels: any value as bytes, without the arrays that both sides have, so that what items share travels once."""

import hashlib
import io
import pickle  # nosec B403  # of what this program packed
from collections import ChainMap
from collections.abc import Callable, Mapping

import cloudpickle
import numpy as np

_LARGE_BYTES = 100_000  # travels by itself
_NAMED_BYTES = 1_000  # of the work: travels with it, and not with what shares it


class Packer:
    """Packs the work and its items, and opens what came of them; each array has a name by its content.

    Args:
        keep: called once for each large array, with its name, before a parcel that needs it is returned.
    """

    def __init__(self, keep: Callable[[str, np.ndarray], None]) -> None:
        self._keep = keep
        self._names: dict[int, tuple[np.ndarray, str]] = {}  # the arrays too, so that no id is given twice
        self._large: dict[str, np.ndarray] = {}
        self._small: dict[str, np.ndarray] = {}

    def begin(self, work: object) -> tuple[bytes, tuple[str, ...]]:
        """Return the work of the items that follow as bytes, and the names of the large arrays that it needs."""
        self._small, small = {}, {}

        def name_of(array: np.ndarray) -> str:
            name = _name_by_content(array)
            small[name] = array
            return name

        stream, needed = self._packed(work, name_of)
        self._small = small
        return pickle.dumps((stream, small), pickle.HIGHEST_PROTOCOL), needed

    def pack(self, item: object) -> tuple[bytes, tuple[str, ...]]:
        """Return an item as bytes, and the names of the large arrays that it needs."""
        return self._packed(item, lambda array: _known(array, self._small))

    def open(self, parcel: bytes) -> object:
        """Return what came of an item; what it shares with the work is the work's own, as where it is done here."""
        return unpack(parcel, ChainMap(self._small, self._large))

    def _packed(self, value: object, small: Callable[[np.ndarray], str | None]) -> tuple[bytes, tuple[str, ...]]:
        needed: dict[str, None] = {}

        def name_of(array: np.ndarray) -> str | None:
            if array.nbytes < _LARGE_BYTES:
                return small(array)
            name = self._name(array)
            needed[name] = None
            return name

        return _pack(value, name_of), tuple(needed)

    def _name(self, array: np.ndarray) -> str:
        if id(array) not in self._names:
            name = _name_by_content(array)
            self._names[id(array)] = array, name
            if name not in self._large:
                self._keep(name, array)
                self._large[name] = array
        return self._names[id(array)][1]


class Opened:
    """The work as a worker has it.

    Args:
        parcel: of :meth:`Packer.begin`.
        large: the large arrays that it needs, by name.
    """

    def __init__(self, parcel: bytes, large: Mapping[str, np.ndarray]) -> None:
        stream, small = pickle.loads(parcel)  # nosec B301  # of what this program packed
        self._arrays = ChainMap(small, large)
        self.work = unpack(stream, self._arrays)

    def item(self, parcel: bytes, large: Mapping[str, np.ndarray]) -> object:
        """Return an item, with the large arrays that it needs."""
        return unpack(parcel, ChainMap(self._arrays, large))

    def pack(self, value: object) -> bytes:
        """Return what came of an item as bytes, for :meth:`Packer.open`."""
        return _pack(value, lambda array: _known(array, self._arrays))


def unpack(parcel: bytes, arrays: Mapping[str, np.ndarray]) -> object:
    """Return the value of a parcel that this program packed."""
    return _Unpickler(io.BytesIO(parcel), arrays).load()


def _pack(value: object, name_of: Callable[[np.ndarray], str | None]) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream, name_of).dump(value)
    return stream.getvalue()


class _Pickler(cloudpickle.Pickler):
    def __init__(self, stream: io.BytesIO, name_of: Callable[[np.ndarray], str | None]) -> None:
        super().__init__(stream)
        self._name_of = name_of

    def persistent_id(self, value: object) -> str | None:
        if type(value) is np.ndarray and value.nbytes >= _NAMED_BYTES and not value.dtype.hasobject:
            return self._name_of(value)
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(stream)
        self._arrays = arrays

    def persistent_load(self, name: str) -> np.ndarray:
        return self._arrays[name]


def _known(array: np.ndarray, arrays: Mapping[str, np.ndarray]) -> str | None:
    """The name of an array that is among these, equal to the bit: one of the work's that was changed is another."""
    name = _name_by_content(array)
    return name if name in arrays else None


def _name_by_content(array: np.ndarray) -> str:
    is_fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    digest = hashlib.sha256(f"{array.dtype.descr} {array.shape} {is_fortran}".encode())
    digest.update(np.ascontiguousarray(array).view(np.uint8))
    return digest.hexdigest()
