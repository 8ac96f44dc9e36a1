"""Types as signatures write them: whether a value is of one, and what it is called in a message."""

import numbers
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from inspect import Parameter
from os import PathLike, fspath
from pathlib import Path
from typing import Union, get_args, get_origin

import numpy as np

_LARGEST_WHOLE, _LARGEST = 2**63 - 1, 1e300  # what the arrays of NumPy and TensorFlow hold
_LONGEST = 60  # characters of a value in a message


def holds(value: object, kind: object) -> bool:
    """Whether a value is of a type as signatures write it."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in _UNIONS:
        takes_path = not _PATHS.isdisjoint(inside)
        return any(holds(value, PathLike if takes_path and one is str else one) for one in inside)
    if origin is tuple:
        return _is_tuple(value, inside)
    if origin in (dict, Mapping):
        return _is_mapping(value, inside)
    if origin in _LISTS:
        return _is_list(value, inside[0])
    if origin is Callable:
        return callable(value)
    if kind in _KINDS:
        return _KINDS[kind][1](value)
    return not isinstance(kind, type) or kind is Parameter.empty or isinstance(value, kind)


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and abs(int(value)) <= _LARGEST_WHOLE


def is_number(value: object) -> bool:
    """Whether a value is a real number, and no flag."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        return False
    return not isinstance(value, int) or abs(value) <= _LARGEST


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_path(value: object) -> bool:
    if not isinstance(value, (str, PathLike)):
        return False
    try:
        text = fspath(value)
    except TypeError:
        return False
    return isinstance(text, str) and text != "" and "\0" not in text


def _is_array(value: object) -> bool:
    """Anything that NumPy makes an array of numbers or text of; the numbers in it are for whoever reads them."""
    if isinstance(value, (list, tuple)):
        try:
            return np.asarray(value).dtype.kind in "biufUS"
        except (TypeError, ValueError, OverflowError):
            return False
    return hasattr(value, "__array__") and not isinstance(value, np.generic)


def _is_list(value: object, kind: object) -> bool:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable) or not isinstance(value, Sized):
        return False
    return getattr(value, "ndim", 1) > 0 and all(holds(one, kind) for one in value)


def _is_tuple(value: object, kinds: tuple) -> bool:
    if kinds[-1] is Ellipsis:
        return _is_list(value, kinds[0])
    return _is_list(value, object) and len(value) == len(kinds) and all(map(holds, value, kinds))


def _is_mapping(value: object, kinds: tuple) -> bool:
    return isinstance(value, Mapping) and all(all(map(holds, item, kinds)) for item in value.items())


def describe(kind: object) -> str:
    """Return what a type is called in a message: a list of Design, a whole number or None."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in _UNIONS:
        takes_path = not _PATHS.isdisjoint(inside)
        return " or ".join(describe(one) for one in inside if not (takes_path and one is str))
    if origin in (dict, Mapping):
        return f"a mapping from {describe(inside[0])} to {describe(inside[1])}"
    if origin is tuple and inside[-1] is not Ellipsis:
        return f"{len(inside)} values: {', '.join(map(describe, inside))}"
    if origin in _LISTS:
        plural = "s" if inside[0] in (int, float) else ""
        return f"a list of {re.sub('^an? ', '', describe(inside[0]))}{plural}"
    if origin is Callable:
        return "a function"
    name = getattr(kind, "__name__", str(kind))
    article = "an" if name[:1] in "AEIOU" else "a"
    return _KINDS[kind][0] if kind in _KINDS else f"{article} {name}"


def classes(kind: object) -> Iterator[type]:
    """Yield every class that a type names, those of its elements too."""
    if isinstance(kind, type) and not get_args(kind):
        yield kind
    for one in get_args(kind):
        yield from classes(one)


def received(value: object, kind: object = object) -> str:
    """Return a value for a message if it is short enough to show, else its type and size, and what in a list is wrong.

    Args:
        kind: that was expected.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and abs(value) > _LARGEST_WHOLE:
        return f"a whole number of {value.bit_length()} bits"
    if value is None or isinstance(value, (numbers.Number, str, bytes)):
        return f"{value!r:.{_LONGEST}}"
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{type(value).__name__} of shape {shape}"
    size = f" of {len(value)}" if isinstance(value, Sized) else ""
    wrong = _wrong_element(value, kind)
    return f"{type(value).__name__}{size}{f' with {received(wrong[0])}' if wrong else ''}"


def _wrong_element(value: object, kind: object) -> list[object]:
    """Return the first element of a list that is of another type, or nothing."""
    lists = [one for one in (kind, *get_args(kind)) if get_origin(one) in _LISTS]
    lists = [one for one in lists if get_args(one)[1:] in ((), (Ellipsis,))]
    if not lists or not _is_list(value, object):
        return []
    return [one for one in value if not any(holds(one, get_args(kind)[0]) for kind in lists)][:1]


_UNIONS, _PATHS, _LISTS = (Union, types.UnionType), {PathLike, Path}, (tuple, list, Sequence, Iterable)
_KINDS: dict[object, tuple[str, Callable[[object], bool]]] = {
    int: ("a whole number", _is_whole),
    float: ("a number", is_number),
    bool: ("True or False", lambda value: isinstance(value, (bool, np.bool_))),
    str: ("text", _is_text),
    PathLike: ("a path, as text or a pathlib.Path", _is_path),
    Path: ("a path, as text or a pathlib.Path", _is_path),
    type(None): ("None", lambda value: value is None),
    np.ndarray: ("an array of numbers", _is_array),
}
