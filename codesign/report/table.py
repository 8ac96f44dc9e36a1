"""A table in the terminal, with the kind of data in its title, and goals below it."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from codesign.data.dataset import kind_text
from codesign.report.result import QUICK_NOTE, goal_line

_MISSING = "-"
_WIDTH_OF_A_FILE = 240


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
) -> None:
    """Print columns of equal length side by side, the first one to the left, under a title that names the kind of data.

    Args:
        data_kind: REAL, GENERATED, STAND-IN or not stated; None: no events were used.
        columns: heading -> one entry per row; None becomes a dash.
        notes: lines below the table.
    """
    console = console or make_console()
    table = Table(header_style="bold")
    for index, heading in enumerate(columns):
        table.add_column(heading, justify="right" if index else "left", no_wrap=index == 0, overflow="fold")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(_MISSING if cell is None else escape(str(cell)) for cell in row))
    kind = "" if data_kind is None else f" [{kind_text(data_kind)}]"
    console.print(escape(f"{title}{kind}"), style="italic", soft_wrap=True)
    console.print(table)
    for note in notes:
        console.print(escape(note), style="dim", soft_wrap=True)


def print_goals(goals: Sequence[dict], *, console: Console | None = None, quick: bool = False) -> None:
    """Print each goal with its measured value and its verdict; of a `quick` run, that it has none."""
    console = console or make_console()
    if quick:
        console.print(QUICK_NOTE, style="yellow", soft_wrap=True)
    for entry in goals:
        console.print(escape(goal_line(entry)), style="green" if entry["met"] else "bold red", soft_wrap=True)
