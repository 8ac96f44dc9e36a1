"""Tensors that torch.save wrote into an archive, read from the list of what its pickle would do; nothing is unpickled.

Only what tensors need is followed: mappings, numbers, texts, and the two functions that put a tensor together.
"""

import pickletools  # nosec B403  # it lists what a pickle would do, and does not do it
from collections.abc import Mapping
from dataclasses import dataclass

import ml_dtypes
import numpy as np

from codesign.errors import UnreadableError
from codesign.read.torch.storage import strided

_MOST_STEPS = 2_000_000
_STORAGES: Mapping[str, np.dtype] = {
    "torch FloatStorage": np.dtype("<f4"),
    "torch DoubleStorage": np.dtype("<f8"),
    "torch HalfStorage": np.dtype("<f2"),
    "torch BFloat16Storage": np.dtype(ml_dtypes.bfloat16),
    "torch LongStorage": np.dtype("<i8"),
    "torch IntStorage": np.dtype("<i4"),
    "torch ShortStorage": np.dtype("<i2"),
    "torch CharStorage": np.dtype("i1"),
    "torch ByteStorage": np.dtype("u1"),
    "torch BoolStorage": np.dtype(bool),
}
_MARK = object()


@dataclass(frozen=True)
class _Name:
    """A function or a class that a pickle names."""

    name: str


class PickledTensors:
    """The tensors of one archive of torch.save.

    Args:
        pickle: its ``data.pkl``.
        read: gives the bytes of a storage by its key.
        where: for messages.
    """

    def __init__(self, pickle: bytes, read: object, where: str) -> None:
        self._read, self._where = read, where
        self._stack: list = []
        self._memo: dict[int, object] = {}
        self._pickle = pickle

    def read(self) -> object:
        """Return what was saved: mappings and lists of arrays.

        Raises:
            UnreadableError: for a damaged pickle, or one that holds more than tensors.
        """
        try:
            for number, (operation, argument, _) in enumerate(pickletools.genops(self._pickle)):
                if number > _MOST_STEPS:
                    raise UnreadableError(f"{self._where}: more than {_MOST_STEPS:,} steps")
                if operation.name == "STOP":
                    return self._stack[-1]
                self._step(operation.name, argument)
        except (IndexError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
            pass
        raise UnreadableError(f"{self._where}: damaged, or more than tensors; save the program again")

    def _step(self, name: str, argument: object) -> None:
        if name in _VALUES:
            self._stack.append(_VALUES[name] if name in _CONSTANT else argument)
        elif name in _MEMO_WRITE:
            self._memo[len(self._memo) if name == "MEMOIZE" else argument] = self._stack[-1]
        elif name in _MEMO_READ:
            self._stack.append(self._memo[argument])
        elif name in _STEPS:
            _STEPS[name](self)
        elif name == "GLOBAL":
            self._stack.append(_Name(str(argument)))
        elif name not in ("PROTO", "FRAME"):
            raise UnreadableError(f"{self._where}: expected tensors alone. Received: a pickle that does {name}")

    def _since_mark(self) -> list:
        place = max(index for index, one in enumerate(self._stack) if one is _MARK)
        items = self._stack[place + 1 :]
        del self._stack[place:]
        return items

    def _pop(self) -> object:
        return self._stack.pop()

    def _tuple(self, size: int | None) -> None:
        items = self._since_mark() if size is None else [self._pop() for _ in range(size)][::-1]
        self._stack.append(tuple(items))

    def _name(self) -> None:
        name, module = self._pop(), self._pop()
        self._stack.append(_Name(f"{module} {name}"))

    def _set_items(self, items: list) -> None:
        self._stack[-1].update(zip(items[::2], items[1::2]))

    def _reduce(self) -> None:
        arguments, function = self._pop(), self._pop()
        name = function.name if isinstance(function, _Name) else ""
        if name == "collections OrderedDict" and not arguments:
            self._stack.append({})
        elif name == "torch._utils _rebuild_tensor_v2":
            raw, dtype = arguments[0]
            offset, sizes, strides = arguments[1:4]
            self._stack.append(strided(raw, dtype, sizes, strides, offset, where=self._where))
        elif name == "torch._utils _rebuild_parameter":
            self._stack.append(arguments[0])
        else:
            raise UnreadableError(f"{self._where}: expected tensors alone. Received: a call of {name[:60]}")

    def _storage(self) -> None:
        kind, storage, key, *_ = self._pop()
        if kind != "storage" or not isinstance(storage, _Name) or storage.name not in _STORAGES:
            raise UnreadableError(f"{self._where}: expected storages of numbers. Received: {str(storage)[:60]}")
        self._stack.append((self._read(str(key)), _STORAGES[storage.name]))


_CONSTANT = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_NUMBERS = "BININT BININT1 BININT2 INT LONG1 LONG4 LONG BINFLOAT FLOAT".split()
_TEXTS = "BINUNICODE SHORT_BINUNICODE UNICODE BINUNICODE8".split()
_VALUES = {**_CONSTANT, **dict.fromkeys((*_NUMBERS, *_TEXTS))}
_MEMO_WRITE = frozenset({"BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"})
_MEMO_READ = frozenset({"BINGET", "LONG_BINGET", "GET"})
_STEPS = {
    "MARK": lambda self: self._stack.append(_MARK),
    "EMPTY_DICT": lambda self: self._stack.append({}),
    "EMPTY_LIST": lambda self: self._stack.append([]),
    "EMPTY_TUPLE": lambda self: self._stack.append(()),
    "TUPLE": lambda self: self._tuple(None),
    "TUPLE1": lambda self: self._tuple(1),
    "TUPLE2": lambda self: self._tuple(2),
    "TUPLE3": lambda self: self._tuple(3),
    "STACK_GLOBAL": PickledTensors._name,
    "SETITEMS": lambda self: self._set_items(self._since_mark()),
    "SETITEM": lambda self: self._set_items([self._pop(), self._pop()][::-1]),
    "APPEND": lambda self: self._stack[-2].append(self._pop()),
    "APPENDS": lambda self: (items := self._since_mark(), self._stack[-1].extend(items)),
    "REDUCE": PickledTensors._reduce,
    "BINPERSID": PickledTensors._storage,
    "BUILD": PickledTensors._pop,  # the attributes of a mapping, such as versions of its modules
}
