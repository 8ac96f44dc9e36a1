"""Vivado's ``report_timing_summary``: the worst slack, hence the clock that the design reaches (AMD UG835, UG906).

The clock reached is the period less the worst slack (WNS) of the clock that captures the worst path. Older versions do
not print the state of the design: it is routed if its nets are.
"""

import re
from collections.abc import Iterator

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal
from codesign.report.formats.vivado import SOURCES, header

_CLOCK = re.compile(r"^\s*(\S+)\s+\{[^}]*\}\s+(\d+\.\d+)\s+\d+\.\d+\s*$", re.MULTILINE)
_SLACK = r"(-?\d+\.\d+)(?:\s+-?\d+\.\d+\s+\d+\s+\d+)"
_INTRA = re.compile(rf"^\s*(\S+)\s+{_SLACK}", re.MULTILINE)
_INTER = re.compile(rf"^\s*\S+\s+([^\d\s-]\S*)\s+{_SLACK}", re.MULTILINE)
_SECTIONS = ("Design Timing Summary", "Clock Summary", "Intra Clock Table", "Inter Clock Table", "Other Path Groups")


def is_vivado_timing(text: str) -> bool:
    """Whether the text is such a report, judged by its head."""
    return "| Tool Version" in text[:2000] and "Timing Summary Report" in text[:4000]


def parse_vivado_timing(text: str) -> DesignReport:
    """Read the clock of the worst path.

    Raises:
        ReportError: if it is truncated, or the design has no clock constraint.
    """
    summary, clocks, intra, inter = _sections(text)
    worst = re.search(r"^\s*-+ .*\n\s*(\S+)\s", summary, re.MULTILINE)
    periods = {name: decimal(period, name) for name, period in _CLOCK.findall(clocks)}
    if worst is None or not re.fullmatch(r"-?\d+\.\d+", worst[1]) or not periods:
        received = worst[1] if worst else "none"
        raise ReportError(
            f"timing report: expected a worst slack (WNS) and a clock. Received: {received}; constrain it"
        )
    slacks = [*_slacks(_INTRA, intra), *_slacks(_INTER, inter)]
    name = next((name for name, slack in slacks if slack == float(worst[1]) and name in periods), None)
    if name is None:
        name = min(periods, key=periods.get)  # a path from or to a port: the fastest clock is the strictest claim
    version = re.match(r"Vivado v\.?(\S+)", header(text, "Tool Version"))
    return DesignReport(
        _source(text),
        tool="Vivado",
        tool_version=version[1] if version else "",
        part=_part(text),
        clock_target_ns=periods[name],
        clock_estimated_ns=round(periods[name] - float(worst[1]), 6),
    )


def _sections(text: str) -> list[str]:
    """The texts of the sections up to the paths between clocks; the heading that follows each must be there."""
    places = [re.search(rf"^\| {title}", text, re.MULTILINE) for title in _SECTIONS]
    for title, place in zip(_SECTIONS, places):
        if place is None:
            raise ReportError(f"timing report: section '{title}' is missing; the report is truncated, write it again")
    return [text[one.end() : following.start()] for one, following in zip(places, places[1:])]


def _slacks(pattern: re.Pattern, text: str) -> Iterator[tuple[str, float]]:
    return ((name, float(slack)) for name, slack in pattern.findall(text))


def _source(text: str) -> str:
    state = header(text, "Design State")
    if state:
        if state not in SOURCES:
            raise ReportError(
                f"Design State: expected Synthesized or Routed. Received: {state!r}; route the design first"
            )
        return SOURCES[state]
    nets = set(re.findall(r"^\s+net \(fo=\d+, (\w+)\)", text, re.MULTILINE)) - {"unset"}
    return "post-route" if nets == {"routed"} else "vsynth"


def _part(text: str) -> str:
    device, speed = header(text, "Device"), re.match(r"-\w+", header(text, "Speed File"))
    device = device if device.startswith("x") or not device else f"xc{device}"
    return device + (speed[0] if speed and device else "")
