"""Runs side by side in the terminal: a few columns to a table, so that no name and no number is cut."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from codesign._printable import printable
from codesign.report.runs import RunComparison, RunRow
from codesign.report.table_width import WIDTH, column_groups

if TYPE_CHECKING:
    from rich.table import Table


def run_tables(comparison: RunComparison, *, width: int = WIDTH) -> "Iterator[Table]":
    """Yield rich tables of at most five runs: of the picks, the warnings below the last, and of settings that differ.

    Args:
        comparison: from :func:`codesign.report.compare_runs`.
        width: of the terminal, characters; fewer runs stand in a table of less.
    """
    from rich.markup import escape

    shown = column_groups(len(comparison.reports), width)
    picks = [_picks(comparison, places) for places in shown]
    lines = "\n".join(f"warning: {printable(warning)}" for warning in comparison.warnings)
    picks[-1].caption = escape(lines) or None
    picks[-1].caption_justify, picks[-1].caption_style = "left", "yellow"
    yield from picks
    if comparison.settings:
        yield from (_settings(comparison, places) for places in shown)


def _picks(comparison: RunComparison, places: Sequence[int]) -> "Table":
    from rich.markup import escape

    table = _empty(comparison, places, "picks")
    for index, row in enumerate(comparison.rows):
        if index and comparison.rows[index - 1].role != row.role:
            table.add_section()
        table.add_row(escape(printable(f"{row.role}: {row.label}")), *(_cell(row, place) for place in places))
    return table


def _settings(comparison: RunComparison, places: Sequence[int]) -> "Table":
    from rich.markup import escape

    table = _empty(comparison, places, "what differs")
    for row in comparison.settings:
        table.add_row(escape(printable(row.name)), *(escape(printable(row.values[place])) for place in places))
    return table


def _empty(comparison: RunComparison, places: Sequence[int], title: str) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    names, table = list(comparison.reports), Table(title=title, title_justify="left")
    for heading in ("", *(names[place] for place in places)):
        table.add_column(escape(printable(heading)), overflow="fold")
    return table


def _cell(row: RunRow, place: int) -> str:
    from rich.markup import escape

    text, note = row.cell(place)
    return escape(printable(text)) + (f" [dim]({escape(printable(note))})[/]" if note else "")
