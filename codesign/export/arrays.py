"""Arrays that go with a network: means and widths of the features, events for a calibration."""

from os import PathLike
from pathlib import Path

import numpy as np

from codesign._untrusted import parse_json, read_arrays, read_text
from codesign.errors import DataError, UnreadableError

_EVENTS = ("x", "x_train")
_SMALLEST_STD = 1e-38  # its inverse is a float32


def read_standardisation(path: str | PathLike) -> tuple[np.ndarray, np.ndarray]:
    """Return (offset, scale), each (n_inputs,), of ``mean`` and ``std`` in a .npz, or in a .json with two lists.

    Raises:
        DataError: for a missing or damaged file, or one without the two.
    """
    arrays = _read(Path(path))
    missing = [name for name in ("mean", "std") if name not in arrays]
    if missing:
        raise DataError(f"standardize: expected 'mean' and 'std' in {path}. Missing: {', '.join(missing)}")
    return standardisation(arrays["mean"], arrays["std"])


def standardisation(mean: np.ndarray, std: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (offset, scale): ``-mean`` and ``1 / std``.

    Raises:
        DataError: unless both have one finite number per feature, and every std is positive.
    """
    mean, std = (_numbers(values, name) for values, name in ((mean, "mean"), (std, "std")))
    if mean.shape != std.shape:
        raise DataError(f"mean, std: expected as many of one as of the other. Received: {mean.size} and {std.size}")
    if not (std > _SMALLEST_STD).all():
        raise DataError(
            f"std: expected positive numbers. Received: {std.min()}; drop constant features, or give them 1"
        )
    return -mean, 1 / std


def read_events(path: str | PathLike) -> np.ndarray:
    """Return the events in a .npz: ``x`` or ``x_train``, or its only array; of another table its training events.

    Raises:
        DataError: for a missing or damaged file, or one without such an array.
    """
    from codesign.data import load_events  # with every reader of events

    if Path(path).suffix not in (".npz", ".npy"):
        return load_events(path).x_train
    arrays = _read(Path(path))
    found = [arrays[name] for name in _EVENTS if name in arrays] or list(arrays.values())
    if len(found) != 1 and not any(name in arrays for name in _EVENTS):
        raise DataError(
            f"calibration: expected an array 'x' or 'x_train' in {path}. Received: {', '.join(arrays) or 'none'}"
        )
    return found[0]


def _numbers(values: object, name: str) -> np.ndarray:
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{name}: expected numbers. Received: {str(values)[:60]}") from None
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise DataError(f"{name}: expected one finite number per feature. Received: shape {array.shape}, or NaN or inf")
    return array


def _read(path: Path) -> dict[str, object]:
    try:
        content = parse_json(read_text(path)) if path.suffix == ".json" else read_arrays(path)
    except UnreadableError as error:
        raise DataError(f"path: expected a readable .npz or .json. Received: {path} ({error})") from None
    if not isinstance(content, dict):
        raise DataError(f"path: expected an object with lists of numbers. Received: {path} ({type(content).__name__})")
    return content
