"""Reports of Quartus Prime's Fitter (``.fit.rpt``, ``.fit.summary``, ``.flow.rpt``) and timing analyzer (``.sta.rpt``).

As of oneAPI's reports, `lut` holds ALUTs and `bram_18k` M20K or M10K blocks, and `tool` says so. A summary prints ALMs
only, of two ALUTs each: then `lut` is not known.
"""

import re

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal, whole

_FIELDS = {
    "lut": ("Combinational ALUT usage for logic",),
    "ff": ("Total registers", "Total dedicated logic registers"),
    "dsp": ("Total DSP Blocks",),
    "bram_18k": ("Total RAM Blocks", "M20K blocks", "M10K blocks"),
}
_COUNT = re.compile(r"(\d[\d,]*)(?:\s*/\s*(\d[\d,]*))?(?:\s*\(.*\))?")
_FMAX = re.compile(r"^;\s*[\d.]+ MHz\s*;\s*([\d.]+) MHz\s*;\s*(\S+)\s*;", re.MULTILINE)
_PERIOD = re.compile(r"^;\s*(\S+)\s*;\s*(?:Base|Generated|Virtual)\s*;\s*([\d.]+)\s*;", re.MULTILINE)


def is_quartus_fit(text: str) -> bool:
    """Whether the text is a report or a summary of the Fitter."""
    return re.search(r"^[;\s]*(?:Fitter|Flow) Status\s*[:;]", text[:8000], re.MULTILINE) is not None


def is_quartus_sta(text: str) -> bool:
    """Whether the text is a report of the timing analyzer."""
    return text.lstrip().startswith(("TimeQuest Timing Analyzer", "Timing Analyzer report")) or (
        re.search(r"^;[^;]*Fmax Summary\s*;", text, re.MULTILINE) is not None
    )


def parse_quartus_fit(text: str) -> DesignReport:
    """Read the resources of a fit that succeeded.

    Raises:
        ReportError: if it is truncated, or the Fitter failed.
    """
    status = _value(text, "Fitter Status") or _value(text, "Flow Status")
    if not status.startswith("Successful"):
        raise ReportError(
            f"Quartus: Fitter Status: expected Successful. Received: {status[:40]!r}; fit the design again"
        )
    used, available = {}, {}
    for name, keys in _FIELDS.items():
        found = next((found for key in keys if (found := _COUNT.fullmatch(_value(text, key)))), None)
        if found:
            used[name] = whole(found[1], keys[0])
            if found[2]:
                available[name] = whole(found[2], keys[0])
    if not {"ff", "dsp"} <= set(used):
        raise ReportError("Quartus: no Total registers or no Total DSP Blocks; the report is truncated, write it again")
    version = re.match(r"(\S+)", _value(text, "Quartus Prime Version"))
    described = {"tool": "Quartus", "tool_version": version[1] if version else "", "part": _value(text, "Device")}
    alms = _value(text, "Logic utilization (in ALMs)")
    notes = (f"{alms} ALMs, of two ALUTs each; the ALUTs are in the .fit.rpt",) if alms and "lut" not in used else ()
    return DesignReport("post-route", **described, **used, available=available, notes=notes)


def parse_quartus_sta(text: str) -> DesignReport:
    """Read the clock that is furthest from what was asked for, over all corners.

    Raises:
        ReportError: without a complete summary of frequencies.
    """
    clocks = _FMAX.findall(text)
    if not clocks:
        raise ReportError("Quartus: no frequency in an Fmax Summary; the report is truncated, or has no clock")
    periods = {name: decimal(period, name) for name, period in _PERIOD.findall(text)}
    reached = [(round(1000 / decimal(mhz, name), 6), periods.get(name)) for mhz, name in clocks if decimal(mhz, name)]
    slowest, target = max(reached, key=lambda one: one[0] / (one[1] or 1))
    version = re.search(r"Version (\d\S*)", text[:4000])
    described = {"tool": "Quartus", "tool_version": version[1] if version else ""}
    return DesignReport("post-route", **described, clock_target_ns=target, clock_estimated_ns=slowest)


def _value(text: str, key: str) -> str:
    """The value of a complete line ``; key ; value ;`` or ``key : value``, empty if there is none."""
    found = re.search(rf"^(?:;\s*{re.escape(key)}\s*;([^;\n]*);|{re.escape(key)}\s*:(.*)\n)", text, re.MULTILINE)
    return (found[1] or found[2] or "").strip() if found else ""
