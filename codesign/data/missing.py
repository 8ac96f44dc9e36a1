"""Values that may stand for one that does not exist, such as -999, in columns of which nobody has said so."""

import warnings
from collections.abc import Sequence

import numpy as np

from codesign.errors import MissingValueWarning

_NINES = tuple(10.0**digits - 1 for digits in range(2, 7))  # 99, 999, ...: what people write, with either sign
_FEWEST = 3  # events that have it
_LEAST_SHARE = 0.01  # of the events, for any other value
_FAR = 10.0  # ranges of all other values
_MOST_NAMES = 12  # in a message


def find_missing(x: np.ndarray, missing: float | None = None) -> dict[float, list[int]]:
    """Return value -> columns in which it is far from all others, and there again and again.

    The lowest or the highest value of a column is one if at least 3 events have it, and it is one of the nines that
    people write (-999, 9999, ...), beyond the others by more than their standard deviation; or if 1 % of the events
    have it, and it is beyond the others by 10 times their range. So is such a nine that fills a whole column.

    Args:
        x: (n_events, n_features).
        missing: the value of which that is known.
    """
    found: dict[float, list[int]] = {}
    if len(x) < _FEWEST:
        return found
    for value in (x.min(0), x.max(0)):
        counts = (x == value).sum(0)
        for column in np.flatnonzero(counts >= _FEWEST):
            one = float(value[column])
            if one != missing and _stands_apart(x[:, column], one, int(counts[column])):
                columns = found.setdefault(one, [])
                columns += [] if int(column) in columns else [int(column)]
    return found


def warn_of_missing(x: np.ndarray, names: Sequence[str], missing: float | None = None) -> None:
    """Warn in one line of what :func:`find_missing` finds, by the names of the columns.

    Warns:
        MissingValueWarning: it says which value, in which columns, and the option.
    """
    found = find_missing(x, missing)
    if not found:
        return
    given = "None" if missing is None else f"{missing:g}"
    parts = [f"{value:g} in {_listed([str(names[column]) for column in own])}" for value, own in found.items()]
    first = max(found, key=lambda value: len(found[value]))
    warnings.warn(
        f"missing: expected to be told which value stands for one that does not exist. Received: {given}, and values "
        f"far from all others: {'; '.join(parts)}; say missing={first:g} (of EnsembleClassifier, ColliderVectors, "
        "FillMissing), or these events count as measured there",
        MissingValueWarning,
        stacklevel=1,  # one place, so that Python shows one event sample's warning once
    )


def _stands_apart(column: np.ndarray, value: float, count: int) -> bool:
    others = column[column != value]
    is_nine = abs(value) in _NINES
    if not len(others):
        return is_nine
    gap = float(np.abs(others - value).min())
    if is_nine and gap > float(others.std(dtype=np.float64)):
        return True
    spread = float(others.max()) - float(others.min())
    return count >= _LEAST_SHARE * len(column) and gap > _FAR * spread > 0


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
