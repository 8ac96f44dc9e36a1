"""What nextpnr says after place and route: ``--report`` JSON, or its log.

Cells are named by family: of ECP5 and iCE40 a LUT has 4 inputs, not the 6 of AMD's. Of several clocks the one that is
furthest from what was asked for counts.
"""

import re
from collections.abc import Mapping

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal, load_json, whole

# family -> cell: (resource, how many of it). A block of 4 kb (iCE40) is none of 18 kb, and is left out.
_FAMILIES = {
    "Xilinx": {
        "SLICE_LUTX": ("lut", 1),
        "SLICE_FFX": ("ff", 1),
        "RAMB18E1": ("bram_18k", 1),
        "RAMB36E1": ("bram_18k", 2),
        **dict.fromkeys(("DSP48E1", "DSP48E1_DSP48E1"), ("dsp", 1)),
        "RAMB18E1_RAMB18E1": ("bram_18k", 1),
        "RAMB36E1_RAMB36E1": ("bram_18k", 2),
    },
    "ECP5": {
        "TRELLIS_COMB": ("lut", 1),
        "TRELLIS_FF": ("ff", 1),
        "DP16KD": ("bram_18k", 1),
        "MULT18X18D": ("dsp", 1),
    },
    "iCE40": {"ICESTORM_LC": ("lut", 1), "ICESTORM_DSP": ("dsp", 1)},
    "Nexus": {"OXIDE_COMB": ("lut", 1), "OXIDE_FF": ("ff", 1), "OXIDE_EBR": ("bram_18k", 1)},
}
_CLOCK = re.compile(r"Max frequency for clock\s+'([^']*)':\s+([\d.]+) MHz(?: \(\w+ at ([\d.]+) MHz\))?")
_CELL = re.compile(r"^Info:\s+(\w+):\s*(\d+)/\s*(\d+)\s+\d+%", re.MULTILINE)


def is_nextpnr_json(text: str) -> bool:
    """Whether the text is a report of nextpnr in JSON, or the beginning of one."""
    return (
        text.lstrip().startswith("{") and '"fmax"' in text and ('"utilization"' in text or '"critical_paths"' in text)
    )


def is_nextpnr_log(text: str) -> bool:
    """Whether the text is a log of nextpnr that got to the placement."""
    return re.search(r"^Info: Device utilisation:", text, re.MULTILINE) is not None


def parse_nextpnr_json(text: str) -> DesignReport:
    """Read cells and clocks of a JSON report.

    Raises:
        ReportError: if it is truncated, or its cells are of a family that is not known.
    """
    report = load_json(text, "nextpnr report")
    cells, clocks = report.get("utilization"), report.get("fmax")
    if not isinstance(cells, dict) or not isinstance(clocks, dict):
        raise ReportError("nextpnr report: expected objects utilization and fmax; write it with nextpnr --report")
    for name, one in {**cells, **clocks}.items():
        if not isinstance(one, dict):
            raise ReportError(f"nextpnr report: {name}: expected an object. Received: {type(one).__name__}")
    used = {cell: (one.get("used"), one.get("available")) for cell, one in cells.items()}
    return _report(used, {name: (one.get("achieved"), one.get("constraint")) for name, one in clocks.items()})


def parse_nextpnr_log(text: str) -> DesignReport:
    """Read cells and clocks of a log; clocks are printed after placement too, and the last ones are those of routing.

    Raises:
        ReportError: if the log does not end with a routed design.
    """
    if "Program finished normally." not in text:
        raise ReportError("nextpnr log: no 'Program finished normally.' at its end; it is truncated, or routing failed")
    start = text.index("Device utilisation:")
    listed = re.match(r".*\n((?:Info:[ \t]+\w+:.*\n)*)", text[start:])[1]
    cells = {name: (used, available) for name, used, available in _CELL.findall(listed)}
    clocks = {name: (achieved, asked or None) for name, achieved, asked in _CLOCK.findall(text)}
    version = re.search(r"\(Version (?:nextpnr-)?([\w.+-]+)\)", text)
    return _report(cells, clocks, version[1] if version else "")


def _report(cells: Mapping, clocks: Mapping, version: str = "") -> DesignReport:
    family = next((name for name, known in _FAMILIES.items() if any(cell in known for cell in cells)), None)
    if family is None:
        known = ", ".join(_FAMILIES)
        raise ReportError(f"nextpnr: expected cells of {known}. Received: {', '.join(cells)[:80] or 'none'}")
    used, available = {}, {}
    for cell, (resource, factor) in _FAMILIES[family].items():
        if cell in cells:
            count, limit = (factor * whole(number, cell) for number in cells[cell])
            used[resource], available[resource] = used.get(resource, 0) + count, available.get(resource, 0) + limit
    target, reached = _slowest(clocks)
    described = {"tool": f"nextpnr ({family})", "tool_version": version, "available": available}
    return DesignReport("post-route", **described, **used, clock_target_ns=target, clock_estimated_ns=reached)


def _slowest(clocks: Mapping) -> tuple[float | None, float | None]:
    """Periods in ns, asked for and reached, of the clock that is furthest from what was asked for."""
    found = []
    for name, (achieved, asked) in clocks.items():
        reached = _period_ns(achieved, name)
        target = None if asked is None else _period_ns(asked, name)
        found.append((reached / target if target else reached, target, reached))
    return max(found, key=lambda one: one[0])[1:] if found else (None, None)


def _period_ns(mhz: object, name: str) -> float:
    value = decimal(mhz, f"nextpnr: clock {name}")
    if not value:
        raise ReportError(f"nextpnr: clock {name}: expected a frequency above 0 MHz. Received: 0")
    return round(1000 / value, 6)
