"""The official file of the HiggsML challenge: its columns, each value looked at; an error says in which line."""

from os import PathLike

import numpy as np

from codesign.data.readers import Opened, files_of, line_of_event, number_of_cell, open_tables
from codesign.errors import DataError, nearest

ID, LABEL, SET, WEIGHT = "EventId", "Label", "KaggleSet", "KaggleWeight"
_CHOICES = {LABEL: ("s", "b"), SET: ("t", "b", "v", "u")}
_CURE = "; fetch the file of CERN Open Data 328 again"


def read_official(path: str | PathLike, features: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the columns by name: of features and weights numbers, of labels and sets their letters.

    Args:
        path: of the file.
        features: columns of numbers that are wanted.

    Raises:
        DataError: for a column that is missing, text or NaN among numbers, a negative weight, another letter, or an
            event that is there twice; it says which column, what is there, and in which line.
    """
    opened = open_tables(files_of(path))
    if len(opened.tables) > 1:
        raise DataError(f"data: expected one file. Received: {len(opened.tables)} of {path}; name one of them")
    wanted = (*features, ID, WEIGHT, *_CHOICES)
    _check_names(opened, wanted, path)
    (columns,) = opened.read([wanted])
    for name in (*features, ID, WEIGHT):
        _check_numbers(name, columns[name], path)
    for name, letters in _CHOICES.items():
        _check_letters(name, columns[name], letters, path)
    if (columns[WEIGHT] < 0).any():
        place = int(np.argmax(columns[WEIGHT] < 0))
        raise _wrong(WEIGHT, "0 or above", path, f"{columns[WEIGHT][place]:g}", place)
    _check_once(columns[ID], path)
    return columns


def _check_names(opened: Opened, wanted: tuple[str, ...], path: object) -> None:
    (table,) = opened.tables
    for name in wanted:
        if name in table.unreadable:
            raise DataError(f"data: {name}: expected numbers in {path}. Received: {table.unreadable[name]}{_CURE}")
        if name not in table.kinds:
            raise DataError(
                f"data: expected the columns of atlas-higgs-challenge-2014-v2 in {path}. Received: no {name}"
                f"{nearest(name, table.kinds)}{_CURE}"
            )


def _check_numbers(name: str, values: np.ndarray, path: object) -> None:
    if values.dtype.kind not in "fiu":
        place = next((index for index, cell in enumerate(values) if number_of_cell(str(cell)) is None), 0)
        raise _wrong(name, "numbers", path, repr(str(values[place]))[:40], place)
    if not np.isfinite(values).all():
        place = int(np.argmin(np.isfinite(values)))
        raise _wrong(name, "finite numbers (what does not exist is -999)", path, f"{values[place]:g}", place)


def _check_letters(name: str, values: np.ndarray, letters: tuple[str, ...], path: object) -> None:
    known = np.isin(values.astype(str), letters)
    if not known.all():
        place = int(np.argmin(known))
        given = f"{values[place]!s}"[:40]
        raise _wrong(name, f"one of {', '.join(letters)}", path, f"{given!r}{nearest(given, letters)}", place)


def _check_once(ids: np.ndarray, path: object) -> None:
    order = np.argsort(ids, kind="stable")
    again = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    if again.size:
        first, second = (int(order[again[0] + step]) for step in (0, 1))
        count = len(ids) - len(np.unique(ids))
        given = f"{ids[first]:.0f} in {line_of_event(path, first)} and again, {count:,} such events,"
        raise _wrong(ID, "each event once", path, given, second)


def _wrong(name: str, expected: str, path: object, given: str, place: int) -> DataError:
    return DataError(f"data: {name}: expected {expected} in {path}. Received: {given} in {line_of_event(path, place)}")
