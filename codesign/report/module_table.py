"""What the modules of one report cost, as a table: where the resources of a design go."""

from typing import TYPE_CHECKING

from codesign._printable import printable
from codesign.fpga.design.module_cost import ModuleCost
from codesign.fpga.design.report import DesignReport
from codesign.report.table_width import WIDTH

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = {
    "lut": "LUT",
    "ff": "FF",
    "dsp": "DSP",
    "bram_18k": "BRAM (18 kb)",
    "uram": "URAM",
    "latency_cycles": "latency (cycles)",
    "initiation_interval": "initiation interval (cycles)",
}
_MOST_ROWS, _LEAST_WIDTH = 30, 60  # of the table, characters: its title has room


def module_columns(report: DesignReport) -> dict[str, str]:
    """Return the columns that any module of a report has a number for: field -> heading."""
    used = {key for key in COLUMNS for one in report.modules if getattr(one, key) not in (None, 0)}
    return {key: text for key, text in COLUMNS.items() if key in used or key == "lut"}


def largest_modules(report: DesignReport) -> tuple[list[ModuleCost], int]:
    """Return the modules to show, in the order of the report, and how many smaller ones are left out."""
    order = sorted(report.modules, key=lambda one: -(one.lut or 0))[:_MOST_ROWS]
    shown = [one for one in report.modules if any(one is large for large in order)]
    return shown, len(report.modules) - len(shown)


def module_table(name: str, report: DesignReport, *, width: int = WIDTH) -> "Table":
    """Return a rich table of the modules of a report, a share of its LUTs beside each where both are of one source.

    Args:
        name, report: what it is of.
        width: of the terminal, characters.
    """
    from rich.markup import escape
    from rich.table import Table

    columns, (shown, left) = module_columns(report), largest_modules(report)
    source = report.modules[0].source
    title = escape(printable(f"{name}, module by module ({source})"))
    table = Table(title=title, title_justify="left", min_width=min(_LEAST_WIDTH, width))
    table.add_column("", overflow="fold")
    for heading in columns.values():
        table.add_column(heading, justify="right", overflow="fold")
    for one in shown:
        table.add_row(escape(one.name), *(module_cell(one, key, report) for key in columns))
    if left:
        table.caption, table.caption_justify = f"{left:,} smaller ones are left out; --json has all", "left"
    return table


def module_cell(module: ModuleCost, key: str, report: DesignReport) -> str:
    """Return a number of a module as text, a LUT count with its share of the report's if both have one source."""
    value = getattr(module, key)
    if value is None:
        return "-"
    total = report.lut if key == "lut" and report.sources.get("lut") == module.source else None
    return f"{value:,} ({value / total:.1%})" if total else f"{value:,}"
