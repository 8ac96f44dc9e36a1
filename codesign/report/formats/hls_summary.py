"""``csynth.rpt`` of Vitis HLS 2020.2 and later: the summary of all modules in one table (AMD UG1399).

The table has the modules and loops of the design, the top one first. ``-`` is none of a resource, and a latency that is
not known. It holds no clock: the target is the latency in ns over that in cycles.
"""

import re

from codesign.errors import ReportError
from codesign.fpga.design.module_cost import ModuleCost
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal, optional_whole, table_rows, whole

_RESOURCES = {"LUT": "lut", "FF": "ff", "DSP": "dsp", "BRAM": "bram_18k", "URAM": "uram"}
_TABLE = re.compile(r"^\+ Performance & Resource Estimates:(.*?)^==", re.MULTILINE | re.DOTALL)


def is_hls_summary(text: str) -> bool:
    """Whether the text is such a summary, judged by its title."""
    return re.search(r"^\s*== Synthesis Summary Report of '", text[:2000], re.MULTILINE) is not None


def parse_hls_summary(text: str) -> DesignReport:
    """Read the row of the top module, and those of the others as its modules; loops have no resources of their own.

    Raises:
        ReportError: if the table is not complete, or a number is missing.
    """
    table = _TABLE.search(text)
    if table is None:
        raise ReportError(
            "csynth.rpt: 'Performance & Resource Estimates' is missing or not complete; the file is truncated, run C "
            "synthesis again"
        )
    columns, rows = _columns(table[1])
    modules = [dict(zip(columns, cells)) for cells in rows if cells[0].startswith("+") and len(cells) == len(columns)]
    if not modules:
        raise ReportError("csynth.rpt: no module in 'Performance & Resource Estimates'; the file is damaged")
    top, *others = modules
    version = re.search(r"^\s*\* Version:\s+(\S+)", text, re.MULTILINE)
    part = re.search(r"^\s*\* Target device:\s+(\S+)", text, re.MULTILINE)
    return DesignReport(
        "csynth",
        tool="Vitis HLS",
        tool_version=version[1] if version else "",
        part=part[1] if part else "",
        **_costs(top),
        clock_target_ns=_clock_ns(top),
        modules=tuple(ModuleCost(_name(one), **_costs(one)) for one in others),
    )


def _columns(table: str) -> tuple[list[str], list[list[str]]]:
    """The names of the columns, which the table prints over two lines, and the rows below."""
    rows = list(table_rows(table))
    if len(rows) < 3 or rows[0][0] != "Modules" or len(rows[0]) != len(rows[1]):
        raise ReportError("csynth.rpt: 'Performance & Resource Estimates' has no header; the file is damaged")
    return [" ".join(" ".join(pair).split()) for pair in zip(rows[0], rows[1])], rows[2:]


def _name(row: dict[str, str]) -> str:
    return next(iter(row.values())).removeprefix("+").strip().removesuffix("*")


def _costs(row: dict[str, str]) -> dict[str, int | None]:
    missing = [column for column in ("LUT", "FF", "DSP", "BRAM", "Latency (cycles)", "Interval") if column not in row]
    if missing:
        raise ReportError(f"csynth.rpt: no column {', '.join(missing)}; the report is damaged or of a new version")
    counts = {name: _used(row[column], column) for column, name in _RESOURCES.items() if column in row}
    cycles = optional_whole(row["Latency (cycles)"], "Latency (cycles)")
    return {**counts, "latency_cycles": cycles, "initiation_interval": optional_whole(row["Interval"], "Interval")}


def _used(cell: str, name: str) -> int:
    """A count from ``2134 (4%)``, 0 from ``-``."""
    return 0 if cell == "-" else whole(re.sub(r"\s*\([^)]*\)$", "", cell), name)


def _clock_ns(row: dict[str, str]) -> float | None:
    """The clock asked for; None where the time is not printed to the picosecond, as 1.036e+03 is not."""
    time, cycles = row.get("Latency (ns)", ""), row["Latency (cycles)"]
    if not re.fullmatch(r"\d+\.\d{3}", time) or not cycles.isdigit() or not int(cycles):
        return None
    return round(decimal(time, "Latency (ns)") / int(cycles), 3)
