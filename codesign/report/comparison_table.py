"""Reports side by side in the terminal: a few columns to a table, so that no name and no number is cut."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from codesign._printable import printable
from codesign.report.compare import ComparisonRow, ReportComparison, difference_text
from codesign.report.table_width import WIDTH, column_groups

if TYPE_CHECKING:
    from rich.table import Table

    from codesign.fpga.design.report import DesignReport


def comparison_tables(comparison: ReportComparison, *, width: int = WIDTH) -> "Iterator[Table]":
    """Yield rich tables of at most five reports; the warnings and notes of all are below the last one.

    Args:
        comparison: from :func:`codesign.report.compare_reports`; ratios stay those to its first report.
        width: of the terminal, characters; fewer reports stand in a table of less.
    """
    from rich.markup import escape

    tables = [_table(comparison, shown) for shown in column_groups(len(comparison.reports), width)]
    notes = [f"warning: {one}" for one in comparison.warnings] + [f"note: {one}" for one in comparison.notes]
    tables[-1].caption = escape("\n".join(map(printable, notes)))
    tables[-1].caption_justify, tables[-1].caption_style = "left", "yellow"
    yield from tables


def _table(comparison: ReportComparison, shown: Sequence[int]) -> "Table":
    """Some of the reports; each column is headed by the source of its resources and its tool."""
    from rich.table import Table

    reports, table = list(comparison.reports.items()), Table()
    table.add_column("", overflow="fold")
    for index in shown:
        table.add_column(_head(*reports[index]), justify="right", overflow="fold")
    is_pair = len(reports) == 2
    if is_pair:
        table.add_column("difference", justify="right", overflow="fold")
    for row in comparison.rows:
        unit = f" [dim]({row.unit})[/]" if row.unit else ""
        cells = [_cell(row, index, reports[index][1].source) for index in shown]
        table.add_row(row.label + unit, *cells, *([difference_text(row, 1)] if is_pair else []))
    return table


def _head(name: str, report: "DesignReport") -> str:
    from rich.markup import escape

    tool = f"{report.tool} {report.tool_version}".strip()
    source = f"[{_style(report.source)}]{report.source}[/]"
    return "\n".join([escape(printable(name)), source, escape(tool), escape(report.part)]).rstrip()


def _cell(row: ComparisonRow, index: int, usual_source: str) -> str:
    if row.values[index] is None:
        return "[dim]-[/]"
    number = f"{row.values[index]:,}" if isinstance(row.values[index], int) else f"{row.values[index]:,.4g}"
    ratio, share = row.ratios[index], row.shares[index]
    notes = [f"x{ratio:.3g}"] if index and ratio is not None else []
    notes += [_percent(share)] if share is not None else []
    notes += [row.sources[index]] if row.sources[index] not in (None, usual_source) else []
    return f"{number} [dim]({', '.join(notes)})[/]" if notes else number


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 or share == 0 else "<0.1%"


def _style(source: str) -> str:
    return {"estimate": "yellow", "rtl-sim": "cyan", "csynth": "magenta"}.get(source, "green")
