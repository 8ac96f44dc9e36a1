"""Objects and functions that a configuration names, and values that JSON has no words for."""

from collections.abc import Mapping

import numpy as np

from codesign.errors import DataError
from codesign.model_files.known_names import CLASSES_BY_MODULE
from codesign.read.keras_records import Named

_DEEPEST = 40
_PLAYGROUND = ("BinaryDense", "PlaygroundTernaryDense")
_HOMES = ("qkeras", "codesign", "tensorflow_model_optimization", "keras")


def home_of(entry: Mapping[str, object], kind: str) -> str:
    """Return the module of a class: as the file says, else of the package that has one of this name."""
    if _is_bare_operation(entry):
        return "keras.ops"
    known = next((home for home in _HOMES if kind in CLASSES_BY_MODULE[home]), "")
    stated = entry.get("module")
    registered = str(entry.get("registered_name") or "")
    if kind in _PLAYGROUND:  # files name whatever module these were copied to
        return "codesign"
    if isinstance(stated, str) and stated:
        return stated
    package = str(entry.get("class_name")).rpartition(">")[0] or registered.rpartition(">")[0]
    if package and package not in ("Custom", "keras"):
        return package
    return known or ("keras" if kind == "Lambda" else "unknown")


def _is_bare_operation(entry: Mapping[str, object]) -> bool:
    """Whether it is an operation in HDF5 of Keras 3, without what every layer has: a module, whether it is trained."""
    config, calls = entry.get("config"), entry.get("inbound_nodes")
    is_called = isinstance(calls, list) and bool(calls) and all(isinstance(one, Mapping) for one in calls)
    is_bare = isinstance(config, Mapping) and "name" in config and not {"trainable", "dtype"} & set(config)
    return is_called and is_bare and not entry.get("module")


def plain(value: object, depth: int = 0) -> object:
    """Return a value of a configuration as plain data: serialised objects and functions as Named.

    Raises:
        DataError: for a value nested too deep.
    """
    if depth > _DEEPEST:
        raise DataError(f"expected arguments at most {_DEEPEST} deep. Received: deeper ones")
    if isinstance(value, list):
        return [plain(one, depth + 1) for one in value]
    if not isinstance(value, Mapping):
        return value
    kind, inner = value.get("class_name"), value.get("config")
    if kind in ("__tuple__", "TensorShape"):
        return tuple(plain(one, depth + 1) for one in value.get("items") or ())
    if kind == "__ellipsis__":
        return Ellipsis
    if kind in ("slice", "__slice__") and isinstance(inner, Mapping):
        return slice(*(inner.get(name) for name in ("start", "stop", "step")))
    if kind in ("__numpy__", "__tensor__") and isinstance(inner, Mapping):
        return np.asarray(inner.get("value"), np.float64)
    if kind == "function" or (isinstance(inner, str) and kind is not None):
        return Named(str(inner), home_of({**value, "class_name": ""}, str(inner)).partition(".")[0], is_function=True)
    if isinstance(kind, str) and isinstance(inner, Mapping):
        short = kind.rpartition(">")[2]
        return Named(
            short, home_of(value, short).partition(".")[0], {str(k): plain(v, depth + 1) for k, v in inner.items()}
        )
    return {str(key): plain(one, depth + 1) for key, one in value.items()}
