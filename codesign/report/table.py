"""A table in the terminal, with the kind of data in its title, and goals below it."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from codesign.data.dataset import kind_text
from codesign.report.result import QUICK_NOTE, goal_line

_MISSING = "-"
_WIDTH_OF_A_FILE = 240
_OF_A_TABLE, _OF_A_COLUMN = 1, 3  # characters of lines and spaces
_LEAST_KEYS, _MOST_KEYS = 16, 0.35  # characters, and share of the width, that what names a row may take


def make_console() -> Console:
    """Return a console as wide as the terminal, or wide enough for every table where the output goes to a file."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_FILE)


def print_table(
    title: str,
    data_kind: str | None,
    columns: Mapping[str, Sequence[object]],
    *,
    console: Console | None = None,
    notes: Sequence[str] = (),
    n_keys: int = 1,
) -> None:
    """Print columns of equal length side by side, the first one to the left, under a title that names the kind of data.

    Where the console is too narrow, the columns stand in several tables below each other, the keys in each.

    Args:
        data_kind: REAL, GENERATED, STAND-IN or not stated; None: no events were used.
        columns: heading -> one entry per row; None becomes a dash.
        notes: lines below the table.
        n_keys: the first columns, which name a row.
    """
    console = console or make_console()
    texts = {heading: [_MISSING if cell is None else str(cell) for cell in cells] for heading, cells in columns.items()}
    kind = "" if data_kind is None else f" [{kind_text(data_kind)}]"
    console.print(escape(f"{title}{kind}"), style="italic", soft_wrap=True)
    for part in _parts(texts, n_keys, console.width):
        console.print(_table_of(part, console.width))
    for note in notes:
        console.print(escape(note), style="dim", soft_wrap=True)


def _table_of(texts: Mapping[str, Sequence[str]], most: int) -> Table:
    """Words of headings, and of what names a row, may stand below each other; numbers are broken only where one alone
    is too wide."""
    table = Table(header_style="bold")
    for index, (heading, cells) in enumerate(texts.items()):
        width = None if index == 0 else min(_width(heading, cells), most - _LEAST_KEYS - 3 * _OF_A_COLUMN)
        table.add_column(escape(heading), justify="right" if index else "left", overflow="fold", min_width=width)
    for row in zip(*texts.values(), strict=True):
        table.add_row(*map(escape, row))
    return table


def _parts(texts: Mapping[str, Sequence[str]], n_keys: int, width: int) -> list[dict[str, Sequence[str]]]:
    """The columns side by side if they fit; else in several tables, the keys of a row joined in the first column."""
    room = width - _OF_A_TABLE
    if sum(_width(heading, cells) + _OF_A_COLUMN for heading, cells in texts.items()) <= room:
        return [dict(texts)]
    headings = list(texts)
    keys = " ".join(headings[:n_keys])
    named = [" ".join(row) for row in zip(*(texts[one] for one in headings[:n_keys]), strict=True)]
    most = max(_LEAST_KEYS, int(_MOST_KEYS * width))
    left = room - min(most, _width(keys, named)) - _OF_A_COLUMN
    parts, taken = [{keys: named}], 0
    for heading in headings[n_keys:]:
        needed = _width(heading, texts[heading]) + _OF_A_COLUMN
        if taken + needed > left and len(parts[-1]) > 1:
            parts.append({keys: named})
            taken = 0
        taken += needed
        parts[-1][heading] = texts[heading]
    return parts


def _width(heading: str, cells: Sequence[str]) -> int:
    """Characters that a column takes whose heading may be broken between words."""
    return max(map(cell_len, (*heading.split(), *cells)), default=0)


def print_goals(goals: Sequence[dict], *, console: Console | None = None, quick: bool = False) -> None:
    """Print each goal with its measured value and its verdict; of a `quick` run, that it has none."""
    console = console or make_console()
    if quick:
        console.print(QUICK_NOTE, style="yellow", soft_wrap=True)
    for entry in goals:
        console.print(escape(goal_line(entry)), style="green" if entry["met"] else "bold red", soft_wrap=True)
