"""Words whose range is the sender's to choose: for each feature the one whose leading bits tell most of the targets."""

from itertools import product

import numpy as np

from codesign.data.word_formats import Format
from codesign.errors import DataError

_BEYOND = (0.001, 0.003, 0.01, 0.03, 0.06, 0.1, 0.15)  # shares of the events that may saturate at one end
_LEADING = {1: 0.5, 2: 0.5, 3: 1.0, 4: 1.0, 6: 2.0}  # what the leading bits count
_EVENTS, _CLASSES = 30_000, 8


def free_formats(x: np.ndarray, y: object, bits: int) -> list[Format]:
    """Return the words of each feature: see :meth:`codesign.data.Words.free`."""
    classes = target_classes(as_targets(y, len(x)))
    part = slice(None, None, max(1, len(x) // _EVENTS))
    ranges = [free_range(column[part], classes[part], bits) for column in x.T]
    return [Format(bits, False, scale, zero) for zero, scale in ranges]


def free_range(values: np.ndarray, classes: np.ndarray, bits: int) -> tuple[float, float]:
    """Return the physical value of code 0 and of one code, for codes from 0 to 2^bits - 1, of one feature.

    Raw bits are keys that cost nothing: a range is better if the leading bits of its codes have more mutual information
    with the classes.

    Args:
        values: (n_events,).
        classes: (n_events,) whole numbers from 0.
        bits: of a code.
    """
    best, found = -1.0, (float(values.min()) - 0.5, 1.0)
    for low, scale in _ranges(values, bits):
        codes = np.clip(np.floor((values - low) / scale), 0, 2**bits - 1).astype(np.int64)
        told = _told(codes, classes, bits)
        if told > best:
            best, found = told, (low + 0.5 * scale, scale)
    return found


def _ranges(values: np.ndarray, bits: int) -> list[tuple[float, float]]:
    """Return lower ends and scales that are tried: powers of two, so that features of one unit can be added."""
    ends = np.quantile(values, _BEYOND), np.quantile(values, 1 - np.array(_BEYOND))
    found = set()
    for low, high in product(np.unique(ends[0]).tolist(), np.unique(ends[1]).tolist()):
        with np.errstate(divide="ignore"):
            power = np.rint(np.log2(max(high - low, 0.0) / 2**bits))
        if -1000 < power < 1000:
            scale = float(2.0**power)
            found |= {(low, scale), (high - scale * 2**bits, scale)}
    return sorted(found)


def as_targets(y: object, n_events: int) -> np.ndarray:
    """Return labels or values of so many events.

    Raises:
        DataError: for another number, or NaN.
    """
    y = np.asarray(y)
    if y.ndim not in (1, 2) or len(y) != n_events or (y.dtype.kind == "f" and not np.isfinite(y).all()):
        raise DataError(f"y: expected {n_events} finite labels or values, one an event. Received: shape {y.shape}")
    return y


def target_classes(y: np.ndarray) -> np.ndarray:
    """Return (n_events,) whole numbers from 0: labels as they are, values, the first of several, by their size."""
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1 and np.allclose(y.sum(1), 1) and y.min() >= 0:
        return y.argmax(1)
    y = y.reshape(len(y), -1)[:, 0]
    labels, places = np.unique(y, return_inverse=True)
    if len(labels) <= _CLASSES or y.dtype.kind in "iub":
        return places
    return np.searchsorted(np.quantile(y, np.arange(1, _CLASSES) / _CLASSES), y, "right")


def _told(codes: np.ndarray, classes: np.ndarray, bits: int) -> float:
    """Return the mutual information of the leading bits of codes with classes, those that count more more often."""
    n_classes = int(classes.max()) + 1
    counts = np.bincount(codes * n_classes + classes, minlength=n_classes << bits).reshape(-1, n_classes)
    return sum(
        weight * _mutual_information(counts.reshape(1 << leading, -1, n_classes).sum(1))
        for leading, weight in _LEADING.items()
        if leading <= bits
    )


def _mutual_information(counts: np.ndarray) -> float:
    """Return nats that rows tell of columns."""
    shares = counts / counts.sum()
    apart = shares.sum(1, keepdims=True) * shares.sum(0, keepdims=True)
    there = shares > 0
    return float((shares[there] * np.log(shares[there] / apart[there])).sum())
