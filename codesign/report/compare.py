"""Reports of any tools side by side, each column with its source, and a warning where the sources differ in kind."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from codesign._arguments import checked
from codesign.errors import ConfigError, ReportError
from codesign.fpga.design.parts import find_part
from codesign.fpga.design.report import RESOURCES, SOURCES, DesignReport
from codesign.report.clocks import latency_reached_ns, missed, missed_sentence, slack_ns
from codesign.report.table_width import WIDTH

if TYPE_CHECKING:
    from rich.table import Table

_ROWS = (
    ("lut", "LUT", ""),
    ("ff", "FF", ""),
    ("dsp", "DSP", ""),
    ("bram_18k", "BRAM", "18 kb"),
    ("uram", "URAM", ""),
    ("latency_cycles", "latency", "cycles"),
    ("latency_ns", "latency", "ns"),
    ("initiation_interval", "initiation interval", "cycles"),
    ("clock_target_ns", "clock target", "ns"),
    ("clock_estimated_ns", "clock reached", "ns"),
)
_SAID = {"latency_ns": "latency_cycles", "latency_reached_ns": "latency_cycles", "slack_ns": "clock_estimated_ns"}
_OF_A_MISSED_CLOCK = (
    ("slack_ns", "slack", "ns", slack_ns),
    ("latency_reached_ns", "latency at the clock reached", "ns", latency_reached_ns),
)
# Measured over the public hls4ml designs that come with both reports.
_CSYNTH_WARNING = (
    "csynth LUTs are not vsynth LUTs: the median ratio vsynth/csynth was 0.54 over 159 designs "
    "(10 % below 0.11, 10 % above 0.98); FF 0.84, DSP 1.00"
)
_INTEL_WARNING = (
    "an Intel ALUT is not an AMD LUT6, and an M20K (20 kb) is not a block of 18 kb: their counts do not compare"
)
_LATTICE_WARNING = (
    "a LUT of Lattice's ECP5, iCE40 or Nexus has 4 inputs, an AMD LUT6 has 6: their counts do not compare"
)


@dataclass(frozen=True)
class ComparisonRow:
    """One quantity of every report; None where a report does not say.

    Args:
        key: the field of DesignReport; where a clock was missed, ``slack_ns`` and ``latency_reached_ns`` too.
        label, unit: for people; the unit is empty for counts.
        values: one per report.
        ratios: value over the first report's value.
        shares: value over the part's capacity, 0 to 1 and above; resources only.
        sources: who says each value; None for one that nobody says, and for the target clock, which was asked for.
    """

    key: str
    label: str
    unit: str
    values: tuple[float | None, ...]
    ratios: tuple[float | None, ...]
    shares: tuple[float | None, ...]
    sources: tuple[str | None, ...]

    @property
    def differences(self) -> tuple[float | None, ...]:
        """Each value less the first report's; picoseconds are the last digits of times."""
        first = self.values[0]
        return tuple(
            None if None in (value, first) else value - first if isinstance(value, int) else round(value - first, 6)
            for value in self.values
        )


@dataclass(frozen=True)
class ReportComparison:
    """Reports side by side: `rows` of quantities, and `warnings` of one line each."""

    reports: Mapping[str, DesignReport]
    rows: tuple[ComparisonRow, ...]
    warnings: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """What the reports say of themselves, one line each, with the name of the report."""
        return [f"{name}: {note}" for name, report in self.reports.items() for note in report.notes]

    def as_dict(self) -> dict:
        """Return the comparison for JSON."""
        columns = [
            {"name": name, "source": one.source, "tool": one.tool, "tool_version": one.tool_version, "part": one.part}
            for name, one in self.reports.items()
        ]
        rows = [{**asdict(row), "differences": row.differences} for row in self.rows]
        modules = {name: [asdict(one) for one in report.modules] for name, report in self.reports.items()}
        return {
            "columns": columns,
            "rows": rows,
            "modules": modules,
            "warnings": list(self.warnings),
            "notes": self.notes,
        }

    def to_tables(self, *, width: int = WIDTH) -> "Iterator[Table]":
        """Yield a table for each few reports, and for each report that lists modules one of what they cost."""
        from codesign.report.comparison_table import comparison_tables
        from codesign.report.module_table import module_table

        yield from comparison_tables(self, width=width)
        yield from (module_table(name, report, width=width) for name, report in self.reports.items() if report.modules)

    def to_text(self, *, width: int = WIDTH) -> str:
        """Return the table as plain text, at most `width` characters wide."""
        from rich.console import Console

        console = Console(file=io.StringIO(), width=width, color_system=None)
        for table in self.to_tables(width=width):
            console.print(table)
        return console.file.getvalue()


@checked
def compare_reports(reports: Mapping[str, DesignReport]) -> ReportComparison:
    """Compare reports by name; ratios are to the first. Quantities that no report knows are left out.

    Raises:
        ReportError: without reports.

    Example:
        >>> from codesign import DesignReport, compare_reports
        >>> reports = {"old": DesignReport("csynth", lut=1000, ff=900), "new": DesignReport("csynth", lut=800, ff=900)}
        >>> compare_reports(reports).rows[0].ratios
        (1.0, 0.8)
    """
    if not reports:
        raise ReportError("reports: expected at least one report to compare. Received none")
    rows = [_row(names, list(reports.values()), attrgetter(names[0])) for names in _ROWS]
    if any(map(missed, reports.values())):
        rows += [_row(names, list(reports.values()), of) for *names, of in _OF_A_MISSED_CLOCK]
    known = tuple(row for row in rows if any(value is not None for value in row.values))
    return ReportComparison(dict(reports), known, tuple(_warnings(reports, known)))


def capacity(report: DesignReport, resource: str, part: str = "") -> int | None:
    """Return how many the part has: as the report prints it, else from the table of parts, None if nobody knows.

    `part` stands in where the report names none.
    """
    if resource in report.available:
        return report.available[resource]
    try:
        return getattr(find_part(report.part or part), resource)
    except ConfigError:
        return None


def difference_text(row: ComparisonRow, index: int) -> str:
    """Return the difference to the first report as text, with its sign; empty where one is not known."""
    change = row.differences[index]
    if change is None:
        return ""
    return "0" if not change else f"{change:+,}" if isinstance(change, int) else f"{change:+,.4g}"


def _row(
    names: Sequence[str], reports: Sequence[DesignReport], of: Callable[[DesignReport], float | None]
) -> ComparisonRow:
    key, label, unit = names
    values = tuple(map(of, reports))
    ratios = tuple(value / values[0] if value is not None and values[0] else None for value in values)
    limits = [capacity(report, key) if key in RESOURCES else None for report in reports]
    shares = tuple(value / limit if value is not None and limit else None for value, limit in zip(values, limits))
    said = _SAID.get(key, key)
    sources = tuple(report.sources.get(said) if value is not None else None for report, value in zip(reports, values))
    return ComparisonRow(key, label, unit, values, ratios, shares, sources)


def _warnings(reports: Mapping[str, DesignReport], rows: Sequence[ComparisonRow]) -> list[str]:
    kinds: dict[str, dict[str, None]] = {}
    for row in rows:
        said = {name: SOURCES[source] for name, source in zip(reports, row.sources) if source is not None}
        for name, kind in said.items() if len(set(said.values())) > 1 else ():
            kinds.setdefault(kind, {})[name] = None
    found = []
    if kinds:
        listed = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items())
        found.append(
            f"the numbers come from sources of different kinds ({listed}): a ratio mixes the designs with the tools"
        )
    if "an HLS compiler" in kinds and {"logic synthesis", "place and route"} & set(kinds):
        found.append(_CSYNTH_WARNING)
    clocks = {report.latency_clock: name for name, report in reports.items() if report.latency_ns is not None}
    if len(clocks) > 1:
        target, reached = clocks["target"], clocks["reached"]
        found.append(f"latency in ns is at the target clock in {target}, at the clock reached in {reached}")
    intel = {"oneAPI" in report.tool or "Quartus" in report.tool for report in reports.values()}
    lattice = {"nextpnr" in report.tool and "Xilinx" not in report.tool for report in reports.values()}
    found += [_INTEL_WARNING] * (len(intel) > 1) + [_LATTICE_WARNING] * (len(lattice) > 1)
    found += [missed_sentence(name, report) for name, report in reports.items() if missed(report)]
    return found
