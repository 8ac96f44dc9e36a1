"""Vivado's ``report_utilization``, after synthesis or after routing (AMD UG835).

A *Block RAM Tile* is 36 kb and counts as two of 18 kb (half a tile is printed as 0.5). Rows are named ``Slice LUTs``
on 7 series, ``CLB LUTs`` on UltraScale; a ``*`` marks a footnote. The report holds no latency and no clock.
"""

import re

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal, table_rows

# The state of the design -> who counted: opt_design, which hls4ml's script ends with, is still logic synthesis.
SOURCES = {
    **dict.fromkeys(("Synthesized", "Optimized"), "vsynth"),
    **dict.fromkeys(("Routed", "Fully Routed", "Physopt postRoute"), "post-route"),
}
_ROWS = {
    "lut": ("CLB LUTs", "Slice LUTs"),
    "ff": ("CLB Registers", "Slice Registers", "Registers"),
    "dsp": ("DSPs", "DSP Slices"),
    "bram_18k": ("Block RAM Tile",),
    "uram": ("URAM",),
}


def is_vivado_utilization(text: str) -> bool:
    """Whether the text is a utilization report of Vivado, judged by its head."""
    return "| Tool Version : Vivado" in text[:2000] and "Utilization Design Information" in text[:3000]


def parse_vivado_utilization(text: str) -> DesignReport:
    """Read a utilization report; *Design State* decides between ``vsynth`` and ``post-route``.

    Raises:
        ReportError: if it is truncated, hierarchical, or of a design that is neither synthesized nor routed.
    """
    _check_complete(text)
    state = header(text, "Design State")
    if state not in SOURCES:
        raise unknown_state(state)
    used, available = _counts(text)
    version = re.match(r"Vivado v\.?(\S+)", header(text, "Tool Version"))
    return DesignReport(
        source=SOURCES[state],
        tool="Vivado",
        tool_version=version[1] if version else "",
        part=vivado_part(text),
        **used,
        available=available,
    )


def header(text: str, key: str) -> str:
    """Return a line of the head of a report of Vivado, empty if it is missing."""
    found = re.search(rf"^\| {key}\s*: (.+?)\s*$", text, re.MULTILINE)
    return found[1] if found else ""


def vivado_part(text: str) -> str:
    """Return the part that the head of a report names; older versions print 7z020clg400-1."""
    part = header(text, "Device")
    return part if part.startswith("x") or not part else f"xc{part}"


def unknown_state(state: str) -> ReportError:
    """Return the error for a design that is neither synthesized nor routed."""
    cure = "report after synth_design or route_design"
    return ReportError(f"Design State: expected Synthesized or Routed. Received: {state!r}; {cure}")


def _check_complete(text: str) -> None:
    """The table of contents names the last section: a report without it is cut."""
    contents = re.search(r"^Table of Contents\n-+\n((?:\d[\d.]* .+\n)+)\n", text, re.MULTILINE)
    if contents is None:
        raise ReportError(
            "report_utilization: no complete table of contents; expected the whole file, the report is truncated"
        )
    last = contents[1].splitlines()[-1].strip()
    if not re.search(rf"^{re.escape(last)}\s*\n-", text[contents.end() :], re.MULTILINE):
        raise ReportError(f"report_utilization: section '{last}' is missing; the report is truncated, write it again")


def _counts(text: str) -> tuple[dict[str, int], dict[str, int]]:
    used, available = {}, {}
    for name, cells in _site_rows(text).items():
        factor = 2 if name == "bram_18k" else 1
        used[name] = _sites(cells["Used"], name, factor)
        if cells.get("Available"):
            available[name] = _sites(cells["Available"], name, factor)
    missing = [name for name in ("lut", "ff", "dsp", "bram_18k") if name not in used]
    if missing:
        raise ReportError(
            f"report_utilization: no row for {', '.join(missing)}; expected the flat report, not -hierarchical"
        )
    return used, available


def _site_rows(text: str) -> dict[str, dict[str, str]]:
    """Return the first row of each resource; later tables repeat the names per SLR."""
    header, found = [], {}
    for cells in table_rows(text):
        if cells[0] == "Site Type":
            header = cells if "Used" in cells else []
        elif header and len(cells) == len(header):
            site = cells[0].rstrip("*")
            name = next((name for name, sites in _ROWS.items() if site in sites), None)
            if name:
                found.setdefault(name, dict(zip(header, cells)))
    return found


def _sites(cell: str, name: str, factor: int) -> int:
    count = factor * decimal(cell, name)
    if not count.is_integer():
        raise ReportError(f"report_utilization: {name}: expected a whole number of sites. Received: {cell}")
    return int(count)
