"""Columns of a study's tables: which number of a row, under which heading, written how."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_MISSING = "-"


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        key: of the rows; a row without it, or with None, has a dash there.
        heading: of the column.
        format: of the value: a format such as ``,.0f``, or a function that returns its text.
        error: key of the standard error, which follows in units of the last digit.
    """

    key: str
    heading: str
    format: str | Callable[[object], str] = ""
    error: str = ""

    def cell(self, row: Mapping) -> str | None:
        """Return the text of a row's value."""
        value = row.get(self.key)
        if value is None:
            return None
        text = self.format(value) if callable(self.format) else format(value, self.format)
        return with_error(value, row[self.error], digits=len(text.partition(".")[2])) if self.error else text


@dataclass(frozen=True)
class Table:
    """One table.

    Args:
        title: printed above it with the kind of data.
        columns: from the left.
        rows: in order.
        notes: lines below it.
        data_kind: None for that of the study's data.
        empty: what is said in place of a table without rows.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping]
    notes: Sequence[str] = ()
    data_kind: str | None = None
    empty: str = "nothing to show"

    def cells(self) -> dict[str, list[str | None]]:
        """Return heading -> one text per row."""
        return {column.heading: [column.cell(row) for row in self.rows] for column in self.columns}


def mean_and_error(values: Sequence[float]) -> tuple[float, float | None]:
    """Return the mean over seeds and its standard error, ``s / sqrt(n)`` with s from n - 1; None for a single seed."""
    values = np.asarray(values, np.float64)
    error = float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None
    return float(values.mean()), error


def means(results: Sequence[Mapping], keys: Sequence[str]) -> dict[str, float | None]:
    """Return ``key`` and ``key_error``, mean and standard error over the results, for every key."""
    found: dict[str, float | None] = {}
    for key in keys:
        found[key], found[f"{key}_error"] = mean_and_error([one[key] for one in results])
    return found


def with_error(mean: float | None, error: float | None, *, digits: int = 4) -> str:
    """Return ``0.9513(4)``: the error in units of the last digit, to which both are rounded."""
    if mean is None:
        return _MISSING
    text = f"{mean:.{digits}f}"
    if error is None:
        return text
    return f"{text}({max(1, round(error * 10**digits)) if error else 0})"
