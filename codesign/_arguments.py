"""The front door: what a signature says of its arguments is held, in one line where it is not.

``@checked`` stands above a public function or class. Numbers that only a room knows the range of are checked there, by
:func:`check_range`.
"""

import inspect
from functools import wraps
from os import PathLike
from typing import TypeVar

import numpy as np

from codesign._argument_kinds import classes, describe, holds, is_number, received
from codesign.errors import CodesignError, ConfigError

_Named = TypeVar("_Named")
_OPEN = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
_CURES = {
    "Op": "such as Add() or Dense(kernel, bias), of codesign.network.ops",
    "Node": "Network.chain(layers) takes dense layers in a row",
    "Network": "load_network(model) makes one of a model or a file, Network.load(path) reads one",
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

    A whole number may be NumPy's, a number a whole one, a list anything with a length but text and mappings; flags are
    no numbers, and numbers no paths. ``object``, and names in quotes, can be anything.

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


def check_type(
    value: object, kind: object, argument: str, *, expected: str = "", error: type[CodesignError] = ConfigError
) -> None:
    """Check a value against a type as signatures write it.

    Args:
        expected: what the type is called in the message; by default as it is written.
        error: to raise.

    Raises:
        ConfigError: or `error`; it says which argument, what was expected, what came, and what to do.
    """
    if holds(value, kind):
        return
    cure = next((f"; {_CURES[one.__name__]}" for one in classes(kind) if one.__name__ in _CURES), "")
    raise error(f"{argument}: expected {expected or describe(kind)}. Received: {received(value, kind)}{cure}")


def check_range(
    value: float, argument: str, low: float, high: float, *, error: type[CodesignError] = ConfigError
) -> float:
    """Return a number as a float if it is within its limits, which NaN is not.

    Raises:
        ConfigError: for any other; or `error`.
    """
    if not is_number(value) or not low <= value <= high:
        raise error(f"{argument}: expected a number from {low:,} to {high:,}. Received: {received(value)}")
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
        given = f"{received(value)}, its rows not of one length"
        raise ConfigError(f"{argument}: expected an array of numbers. Received: {given}") from None
    if array.dtype.kind not in "biuf":
        given = f"{received(value)}, of {array.dtype}; convert it with astype(float)"
        raise ConfigError(f"{argument}: expected an array of numbers. Received: {given}")
    with np.errstate(over="ignore"):
        return np.array(array, kind)


def check_seed(seed: object) -> None:
    """Check the seed of a random generator.

    Raises:
        ConfigError: for anything but a whole number from 0 to 2^31 - 1.
    """
    check_type(seed, int, "seed")
    check_range(seed, "seed", 0, 2**31 - 1)
