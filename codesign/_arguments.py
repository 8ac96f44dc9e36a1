"""The front door: what a signature says of its arguments is held, in one line where it is not.

``@checked`` stands above a public function or class. Numbers that only a room knows the range of are checked there, by
:func:`check_range`.
"""

import inspect
import numbers
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from functools import wraps
from os import PathLike, fspath
from pathlib import Path
from typing import TypeVar, Union, get_args, get_origin

import numpy as np

from codesign.errors import ConfigError

_Named = TypeVar("_Named")
_LARGEST_WHOLE, _LARGEST = 2**63 - 1, 1e300  # what the arrays of NumPy and TensorFlow hold
_OPEN = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
_LONGEST = 60  # characters of a value in a message
_CURES = {
    "Network": "Network.from_keras(model) makes one, Network.load(path) reads one",
    "FloatChain": "load_chain(path) reads one, codesign.export.FloatChain.from_network(network) makes one",
    "Dataset": "load_dataset(path) reads one",
    "Model": "a file is read by load_model(path)",
    "Budget": "such as Budget(lut=20_000, latency_ns=500); of a mapping: Budget(**limits)",
    "Design": "sweep(...) gives them",
    "DesignReport": "parse_report(path) reads one",
    "DenseLayer": "such as DenseLayer('fc', kernel, bias)",
    "FixedPoint": "FixedPoint.parse('ap_fixed<8,3>') makes one",
    "Grid": "such as Grid(weights=[4, 6], activations=8)",
}


def checked(named: _Named) -> _Named:
    """Hold the arguments of a function, or of a class's constructor, to the types in its signature.

    A whole number may be NumPy's, a number a whole one, a list anything with a length but text and mappings; flags are no
    numbers, and numbers no paths. ``object``, and names in quotes, can be anything.

    Raises:
        ConfigError: when it is called, for an argument of another type.
    """
    if isinstance(named, type):
        named.__init__ = checked(named.__init__)
        return named
    kinds = {name: one.annotation for name, one in inspect.signature(named).parameters.items() if one.kind not in _OPEN}
    names = tuple(kinds)

    @wraps(named)
    def call(*given: object, **options: object) -> object:
        for name, value in (*zip(names, given), *options.items()):
            if name in kinds:
                check_type(value, kinds[name], name)
        return named(*given, **options)

    return call


def check_type(value: object, kind: object, argument: str, *, expected: str = "") -> None:
    """Check a value against a type as signatures write it.

    Args:
        expected: what the type is called in the message; by default as it is written.

    Raises:
        ConfigError: it says which argument, what was expected, what came, and what to do.
    """
    if _holds(value, kind):
        return
    cure = next((f"; {_CURES[one.__name__]}" for one in _classes(kind) if one.__name__ in _CURES), "")
    raise ConfigError(f"{argument}: expected {expected or _describe(kind)}. Received: {received(value)}{cure}")


def check_range(value: float, argument: str, low: float, high: float) -> float:
    """Return a number as a float if it is within its limits, which NaN is not.

    Raises:
        ConfigError: for any other.
    """
    if not _is_number(value) or not low <= value <= high:
        raise ConfigError(f"{argument}: expected a number from {low:,} to {high:,}. Received: {received(value)}")
    return float(value)


def check_path(path: object, argument: str = "path") -> None:
    """Check that it is the path of a file or folder: text or a PathLike, and no number, which is a file that is open.

    Raises:
        ConfigError: for anything else, and for text that is empty, or holds a NUL.
    """
    check_type(path, str | PathLike, argument)


def as_numbers(value: object, argument: str, kind: type = np.float64) -> np.ndarray:
    """Return a new array of floats; text is no number, and flags are 0 and 1.

    Raises:
        ConfigError: for what no array can be made of, or one that holds anything but real numbers.
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(f"{argument}: expected an array of numbers. Received: {received(value)}, its rows not of one length") from None
    if array.dtype.kind not in "biuf":
        raise ConfigError(f"{argument}: expected an array of numbers. Received: {received(value)}, of {array.dtype}; convert it with astype(float)")
    with np.errstate(over="ignore"):
        return np.array(array, kind)


def check_seed(seed: object) -> None:
    """Check the seed of a random generator.

    Raises:
        ConfigError: for anything but a whole number from 0 to 2^31 - 1.
    """
    check_type(seed, int, "seed")
    check_range(seed, "seed", 0, 2**31 - 1)


def received(value: object) -> str:
    """Return a value for a message where it is short enough to show, else its type and size."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and abs(value) > _LARGEST_WHOLE:
        return f"a whole number of {value.bit_length()} bits"
    if value is None or isinstance(value, (numbers.Number, str, bytes)):
        return f"{value!r:.{_LONGEST}}"
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{type(value).__name__} of shape {shape}"
    return f"{type(value).__name__}{f' of {len(value)}' if isinstance(value, Sized) else ''}"


def _holds(value: object, kind: object) -> bool:
    origin, inside = get_origin(kind), get_args(kind)
    if origin in _UNIONS:
        takes_path = not _PATHS.isdisjoint(inside)
        return any(_holds(value, PathLike if takes_path and one is str else one) for one in inside)
    if origin is tuple:
        return _is_tuple(value, inside)
    if origin in (dict, Mapping):
        return _is_mapping(value, inside)
    if origin in (list, Sequence, Iterable):
        return _is_list(value, inside[0])
    if origin is Callable:
        return callable(value)
    if kind in _KINDS:
        return _KINDS[kind][1](value)
    return not isinstance(kind, type) or kind is inspect.Parameter.empty or isinstance(value, kind)


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and abs(int(value)) <= _LARGEST_WHOLE


def _is_number(value: object) -> bool:
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
    return getattr(value, "ndim", 1) > 0 and all(_holds(one, kind) for one in value)


def _is_tuple(value: object, kinds: tuple) -> bool:
    if kinds[-1] is Ellipsis:
        return _is_list(value, kinds[0])
    return _is_list(value, object) and len(value) == len(kinds) and all(map(_holds, value, kinds))


def _is_mapping(value: object, kinds: tuple) -> bool:
    return isinstance(value, Mapping) and all(_holds(one, kind) for item in value.items() for one, kind in zip(item, kinds))


def _describe(kind: object) -> str:
    """What a type is called in a message: a list of Design, a whole number or None."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in _UNIONS:
        takes_path = not _PATHS.isdisjoint(inside)
        return " or ".join(_describe(one) for one in inside if not (takes_path and one is str))
    if origin in (dict, Mapping):
        return f"a mapping from {_describe(inside[0])} to {_describe(inside[1])}"
    if origin is tuple and inside[-1] is not Ellipsis:
        return f"{len(inside)} values: {', '.join(map(_describe, inside))}"
    if origin in (tuple, list, Sequence, Iterable):
        plural = "s" if inside[0] in (int, float) else ""
        return f"a list of {re.sub('^an? ', '', _describe(inside[0]))}{plural}"
    if origin is Callable:
        return "a function"
    name = getattr(kind, "__name__", str(kind))
    article = "an" if name[:1] in "AEIOU" else "a"
    return _KINDS[kind][0] if kind in _KINDS else f"{article} {name}"


def _classes(kind: object) -> Iterator[type]:
    """Every class that a type names, those of its elements too."""
    if isinstance(kind, type) and not get_args(kind):
        yield kind
    for one in get_args(kind):
        yield from _classes(one)


_UNIONS, _PATHS = (Union, types.UnionType), {PathLike, Path}
_KINDS: dict[object, tuple[str, Callable[[object], bool]]] = {
    int: ("a whole number", _is_whole),
    float: ("a number", _is_number),
    bool: ("True or False", lambda value: isinstance(value, (bool, np.bool_))),
    str: ("text", _is_text),
    PathLike: ("a path, as text or a pathlib.Path", _is_path),
    Path: ("a path, as text or a pathlib.Path", _is_path),
    type(None): ("None", lambda value: value is None),
    np.ndarray: ("an array of numbers", _is_array),
}
