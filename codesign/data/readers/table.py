"""Table: the columns of events of one file, or frame, which are read when they are asked for."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

NUMBERS, TEXT = "numbers", "text"


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of the same events.

    Args:
        place: what the table is called in a message, such as the path of its file.
        kinds: of each column, NUMBERS or TEXT.
        read: of names of columns their values by name, (n_events,), or (n_events, n) of a column with several numbers;
            they are float64, or float32 where that holds them.
        shapes: of an event in a column that has more numbers than one for each.
        unreadable: why, of each column that is neither numbers nor text.
        part: ``train`` or ``test`` where the file says which events are for what, else empty.
        labels: names of the numbers in a column of several, where the file has them; ``classes``: of the labels.
    """

    place: str
    kinds: Mapping[str, str]
    read: Callable[[Sequence[str]], dict[str, np.ndarray]] | None = None
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names_in(self, column: str) -> tuple[str, ...]:
        """Return the names of the numbers in a column: its own, or one for each of several."""
        if column not in self.shapes:
            return (column,)
        return self.labels.get(column) or tuple(f"{column}{index}" for index in range(math.prod(self.shapes[column])))


def narrowed(values: np.ndarray) -> np.ndarray:
    """Return numbers as float32 if their type fits into it, else as float64; text as it is.

    Whole numbers of 32 and 64 bits do not fit: a float32 holds 24.
    """
    if values.dtype.kind not in "fiub":
        return values
    return values.astype(np.float32 if np.can_cast(values.dtype, np.float32) else np.float64, copy=False)


def table_of(place: str, columns: Mapping[str, np.ndarray], **options: object) -> Table:
    """Return the table of arrays that are in memory; an event of several axes is a row of what is read."""
    kinds = {name: NUMBERS if values.dtype.kind in "fiub" else TEXT for name, values in columns.items()}
    shapes = {name: values.shape[1:] for name, values in columns.items() if math.prod(values.shape[1:]) != 1}

    def read(names: Sequence[str]) -> dict[str, np.ndarray]:
        return {name: narrowed(as_rows(columns[name])) for name in names}

    return Table(place, kinds, read, shapes, **options)


def as_rows(values: np.ndarray) -> np.ndarray:
    """Return (n_events,) of one value for each event, (n_events, n) of more."""
    return values.reshape(len(values)) if math.prod(values.shape[1:]) == 1 else values.reshape(len(values), -1)
