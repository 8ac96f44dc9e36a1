"""CSV and its like: text with a row for each event, and maybe names above; read in blocks of rows."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np

from codesign._untrusted.text import open_file
from codesign.data.readers.table import Table, table_of
from codesign.errors import UnreadableError

GZIP = b"\x1f\x8b"
_BLOCK = 20_000  # rows
_DELIMITERS = ",;\t|"
_WORDS = {"": np.nan, "na": np.nan, "n/a": np.nan, "null": np.nan, "none": np.nan, "true": 1.0, "false": 0.0}
_LONGEST_ROW = 1_000_000  # characters
_MOST_COLUMNS = 10_000
_LONGEST_TEXT = 256  # characters of a label

Row = tuple[int, list[str]]  # the number of its line, its cells


def open_csv(path: Path) -> Table:
    """Read a file of rows, separated by commas, semicolons, tabs, bars or blanks.

    Names stand in the first row, unless it holds numbers alone: then columns are column0, column1, ... An empty cell is
    NaN, and ``true`` and ``false`` are 1 and 0. The text may be packed by gzip.

    Raises:
        UnreadableError: for what is no such text; it names the line.
    """
    with open_text(path) as text:
        rows = _rows(text)
        first = next(rows, None)
        if first is None:
            raise UnreadableError("empty")
        names, rest = _header(first)
        columns = [_Column() for _ in names]
        rows = chain(rest, rows)
        while block := list(islice(rows, _BLOCK)):
            _check_widths(block, len(names))
            lines = [line for line, _ in block]
            for column, cells in zip(columns, zip(*(cells for _, cells in block))):
                column.take(cells, lines)
    if not columns[0].blocks and not columns[0].strange:
        raise UnreadableError("names and no events")
    found = dict(zip(names, columns))
    unreadable = {name: column.strange for name, column in found.items() if column.strange}
    arrays = {name: np.concatenate(column.blocks) for name, column in found.items() if name not in unreadable}
    return table_of(str(path), arrays, unreadable=unreadable)


def line_of_row(path: Path, index: int) -> int:
    """Return the number of the line that an event ends in, of those that :func:`open_csv` reads, counted from 0."""
    with open_text(path) as text:
        rows = _rows(text)
        _, own = _header(next(rows))
        return next(islice(chain(own, rows), index, None))[0]


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open the text of a file, unpacked if it is packed by gzip.

    Raises:
        UnreadableError: for a file that cannot be opened, or whose packed bytes end early or are damaged.
    """
    with open_file(path) as file:
        is_packed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        content = gzip.GzipFile(fileobj=file) if is_packed else file
        try:
            with io.TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
                yield text
        except EOFError:
            raise UnreadableError("packed by gzip, and it ends early; fetch it again") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableError(f"packed by gzip, and damaged: {error}") from None


def _rows(text: TextIO) -> Iterator[Row]:
    """Yield the rows that hold anything."""
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        return
    counts = {sign: first.count(sign) for sign in _DELIMITERS}
    delimiter = max(counts, key=counts.get)
    lines = chain([first.removeprefix("#").lstrip() if first.startswith("#") else first], lines)
    try:
        if counts[delimiter]:
            reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
            yield from ((reader.line_num, row) for row in reader if row)
        else:
            yield from ((number, row) for number, line in enumerate(lines, 1) if (row := line.split()))
    except csv.Error as error:
        raise UnreadableError(f"line {reader.line_num:,}: no CSV ({error})") from None


def _lines(text: TextIO) -> Iterator[str]:
    number = 0
    try:
        while line := text.readline(_LONGEST_ROW + 1):
            number += 1
            if len(line) > _LONGEST_ROW or "\0" in line:
                raise UnreadableError(f"no text of rows: line {number:,} is too long, or holds a NUL")
            yield line
    except UnicodeDecodeError:
        raise UnreadableError(f"no text in UTF-8, behind line {number:,}") from None


def _header(first: Row) -> tuple[list[str], list[Row]]:
    """Return the names of the columns, and the first row again if it is an event."""
    cells = [cell.strip() for cell in first[1]]
    if len(cells) > _MOST_COLUMNS:
        raise UnreadableError(f"{len(cells):,} columns; expected at most {_MOST_COLUMNS:,}")
    counted = [str(index) for index in range(len(cells))]  # names of pandas, maybe behind that of the index
    is_counted = len(cells) > 1 and (cells == counted or cells == ["", *counted[:-1]])
    if not is_counted and all(number_of_cell(cell) is not None for cell in cells):
        return [f"column{index}" for index in range(len(cells))], [first]
    twice = [name for index, name in enumerate(cells) if name in cells[:index]]
    if twice:
        raise UnreadableError(f"the column '{twice[0]}' is there twice")
    return cells, []


def _check_widths(block: Sequence[Row], width: int) -> None:
    for line, cells in block:
        if len(cells) != width:
            raise UnreadableError(f"line {line:,}: {len(cells)} cells, and {width} columns")


def number_of_cell(cell: str) -> float | None:
    """Return what a cell of numbers means, NaN for an empty one; None for text."""
    try:
        return None if "_" in cell else float(cell)  # Python's 1_000 is no number in a file
    except ValueError:
        return _WORDS.get(cell.strip().lower())


class _Column:
    """The values of one column: numbers, or text if its first block holds any.

    `strange` says what a column of numbers holds instead of one.
    """

    def __init__(self) -> None:
        self.blocks: list[np.ndarray] = []
        self.strange = ""
        self._is_text = False

    def take(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Add a block of cells, each in its line."""
        if self.strange:
            return
        values = None if self._is_text else self._numbers(cells)
        if values is None and self.blocks and not self._is_text:
            index = next(index for index, cell in enumerate(cells) if number_of_cell(cell) is None)
            self.strange, self.blocks = f"{cells[index]!r:.40} in line {lines[index]:,}, no number", []
        elif values is None and max(map(len, cells)) > _LONGEST_TEXT:
            self.strange, self.blocks = f"text of more than {_LONGEST_TEXT} characters", []
        else:
            self._is_text = values is None
            self.blocks.append(np.array(cells) if values is None else values)

    def _numbers(self, cells: Sequence[str]) -> np.ndarray | None:
        try:
            if "_" not in "".join(cells):
                return np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            pass  # words among them
        numbers = [number_of_cell(cell) for cell in cells]
        return None if None in numbers else np.array(numbers)
