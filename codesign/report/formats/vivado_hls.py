"""Reports of Vivado HLS and Vitis HLS: ``csynth.xml`` and ``csynth.rpt`` (AMD UG902 and UG1399).

Latency and initiation interval are the worst case. Vivado HLS says ``DSP48E`` where Vitis HLS says ``DSP``: the same
thing.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from codesign._untrusted import parse_xml
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import nanoseconds, optional_whole, table_rows, whole
from codesign.report.formats.hls_modules import RESOURCE_NAMES, modules_of_rpt, modules_of_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # nosec B405  # a type's name

_HEADING = re.compile(r"^\s*== (.+?)\s*$", re.MULTILINE)


def is_csynth_xml(text: str) -> bool:
    """Whether the text is a ``csynth.xml``, judged by its first elements."""
    return "<profile>" in text[:500] and "<ReportVersion>" in text[:500]


def is_csynth_rpt(text: str) -> bool:
    """Whether the text is a ``csynth.rpt``, judged by its title."""
    return re.search(r"^\s*== (Vivado|Vitis) HLS Report for '", text[:2000], re.MULTILINE) is not None


def parse_csynth_xml(text: str) -> DesignReport:
    """Read a ``csynth.xml``.

    Raises:
        ReportError: if it is truncated, or a resource is missing.
    """
    try:
        root = parse_xml(text)
    except UnreadableError as error:
        raise ReportError(
            f"csynth.xml: not complete XML ({error}); the file is truncated, run C synthesis again"
        ) from None
    used = {child.tag: child.text for child in _element(root, "AreaEstimates/Resources")}
    available = {child.tag: child.text for child in _element(root, "AreaEstimates/AvailableResources")}
    latency = _element(root, "PerformanceEstimates/SummaryOfOverallLatency")
    timing = _element(root, "PerformanceEstimates/SummaryOfTimingAnalysis")
    return DesignReport(
        source="csynth",
        tool="Vivado HLS" if "DSP48E" in used else "Vitis HLS",
        tool_version=(root.findtext("ReportVersion/Version") or "").strip(),
        part=(root.findtext("UserAssignments/Part") or "").strip(),
        **resources(used),
        latency_cycles=optional_whole(latency.findtext("Worst-caseLatency"), "Worst-caseLatency"),
        latency_cycles_min=optional_whole(latency.findtext("Best-caseLatency"), "Best-caseLatency"),
        initiation_interval=optional_whole(latency.findtext("Interval-max"), "Interval-max"),
        clock_target_ns=nanoseconds(root.findtext("UserAssignments/TargetClockPeriod"), "TargetClockPeriod"),
        clock_estimated_ns=nanoseconds(timing.findtext("EstimatedClockPeriod"), "EstimatedClockPeriod"),
        available=capacities(available),
        modules=modules_of_xml(root),
    )


def parse_csynth_rpt(text: str) -> DesignReport:
    """Read a ``csynth.rpt``, with the columns of Vivado HLS 2018 to Vitis HLS 2024.

    Raises:
        ReportError: if a section is missing or does not end where the next begins.
    """
    performance, utilization = _section(text, "Performance Estimates"), _section(text, "Utilization Estimates")
    clock = _row_after(performance, lambda cells: "Estimated" in cells and "Target" in cells, "Timing")
    latency = _row_after(performance, lambda cells: cells[:2] == ["min", "max"], "Latency")
    columns, used, available = _summary(utilization)
    return DesignReport(
        source="csynth",
        tool=f"{_line(text, r'== (Vivado|Vitis) HLS Report for')} HLS",
        tool_version=_line(text, r"\* Version:\s+(\S+)"),
        part=_line(text, r"\* Target device:\s+(\S+)"),
        **resources(dict(zip(columns, used))),
        latency_cycles=optional_whole(latency[1], "Latency max"),
        latency_cycles_min=optional_whole(latency[0], "Latency min"),
        initiation_interval=optional_whole(latency[-2], "Interval max"),
        clock_target_ns=nanoseconds(clock[1], "Timing Target"),
        clock_estimated_ns=nanoseconds(clock[2], "Timing Estimated"),
        available=capacities(dict(zip(columns, available))),
        modules=modules_of_rpt(performance, utilization),
    )


def resources(cells: Mapping[str, str | None]) -> dict[str, int | None]:
    """Return the counts by our names; LUT, FF, DSP and BRAM must be there, URAM may be missing (old versions)."""
    found = {RESOURCE_NAMES[key]: optional_whole(value, key) for key, value in cells.items() if key in RESOURCE_NAMES}
    missing = [name for name in ("lut", "ff", "dsp", "bram_18k") if found.get(name) is None]
    if missing:
        raise ReportError(
            f"utilization: no number for {', '.join(missing)}; the report is damaged or of an unknown version"
        )
    return found


def capacities(cells: Mapping[str, str | None]) -> dict[str, int]:
    """Return the capacities of the part by our names."""
    return {
        RESOURCE_NAMES[key]: whole(value, f"Available {key}") for key, value in cells.items() if key in RESOURCE_NAMES
    }


def _element(root: "Element", path: str) -> "Element":
    found = root.find(path)
    if found is None:
        raise ReportError(f"csynth.xml: no element {path}; C synthesis did not finish, run it again")
    return found


def _section(text: str, title: str) -> str:
    headings = list(_HEADING.finditer(text))
    for heading, following in zip(headings, headings[1:]):
        if heading[1] == title:
            return text[heading.end() : following.start()]
    raise ReportError(
        f"csynth.rpt: section '{title}' is missing or not complete; the file is truncated, run C synthesis again"
    )


def _row_after(section: str, is_header: object, name: str) -> list[str]:
    rows = table_rows(section)
    header = next((cells for cells in rows if is_header(cells)), None)
    row = next(rows, None)
    if header is None or row is None or len(row) != len(header):
        raise ReportError(f"csynth.rpt: no complete '{name}' summary; the file is damaged or of an unknown version")
    return row


def _summary(section: str) -> tuple[list[str], list[str], list[str]]:
    """Return header, Total and Available; the first table of the section has them, later ones are per instance."""
    columns, found = None, {}
    for cells in table_rows(section):
        if columns is None:
            columns = cells if "LUT" in cells and "FF" in cells else None
        elif len(cells) == len(columns):
            found.setdefault(cells[0], cells)
    if columns is None or not {"Total", "Available"} <= set(found):
        raise ReportError("csynth.rpt: no Total and Available in 'Utilization Estimates'; the file is damaged")
    return columns, found["Total"], found["Available"]


def _line(text: str, pattern: str) -> str:
    found = re.search(rf"^\s*{pattern}", text, re.MULTILINE)
    return found[1] if found else ""
