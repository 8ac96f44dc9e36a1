"""JSON that codesign itself writes: one DesignReport (``DesignReport.as_dict``), or a project's ``report.json``.

Files of versions that named one source for a report are read too: what a tool cannot have seen is left out of it.
"""

import math
from collections.abc import Mapping
from dataclasses import fields

from codesign._untrusted import parse_json
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design.report import NUMBERS, DesignReport, can_see, foundation, rank
from codesign.report.formats.fields import load_json, whole
from codesign.report.formats.own_modules import layers_of, modules_from

_TEXTS, _COUNTS = ("source", "tool", "tool_version", "part"), ("available", "csynth")
_DECIMALS = ("clock_target_ns", "clock_estimated_ns", "failure_probability", "clock_probability")
_DERIVED = "latency_ns"  # of the cycles' interval
_OF_AN_ESTIMATE = {  # field: key of a design's row, whose own notes are something else
    **{name: name for name in ("csynth", "intervals", "failure_probability", "clock_probability")},
    "notes": "estimate_notes",
}


def is_design_report_json(text: str) -> bool:
    """Whether the text is a DesignReport, or the beginning of one."""
    return _holds(text, "source", "clock_target_ns")


def is_project_json(text: str) -> bool:
    """Whether the text is a project's ``report.json``, or the beginning of one."""
    return _holds(text, "picked")


def parse_design_report_json(text: str) -> DesignReport:
    """Read what ``DesignReport.as_dict`` wrote.

    Raises:
        ReportError: if it is truncated, or a value has another type or name.
    """
    return design_report_from(load_json(text, "DesignReport"))


def parse_project_json(text: str) -> dict[str, DesignReport]:
    """Return every report of every pick, as ``"smallest (yosys)"``, in the order of the file.

    Raises:
        ReportError: if it is truncated, or holds no pick with a report.
    """
    found = {}
    for pick in _picks(text):
        for report in _reports(pick):
            found[f"{pick.get('role', 'pick')} ({report.source})"] = report
    if not found:
        raise ReportError("report.json: expected picked designs with reports; run the project again")
    return found


def parse_picks(text: str) -> list[DesignReport]:
    """Return what each pick of a project's ``report.json`` costs; picks that name no source are left out.

    Raises:
        ReportError: if it is truncated, or a value has another type or name.
    """
    return [report for report in map(pick_report, _picks(text)) if report is not None]


def pick_report(pick: Mapping) -> DesignReport | None:
    """Return what a pick costs: its own numbers; tool and part as its reports name them. None if it has no source.

    Raises:
        ReportError: for a value of the wrong type.
    """
    if not pick.get("source"):
        return None
    reports = sorted(_reports(pick), key=foundation)
    sources = pick_sources(pick)
    source = sources.get("lut", pick["source"])
    counted = next((report for report in reports if report.source == source), None)
    clocks = (pick.get("clock_target_ns"), *(report.clock_target_ns for report in reports))
    numbers = {name: pick.get(name) for name in sources}
    described = {
        "tool": counted.tool if counted else "",
        "tool_version": counted.tool_version if counted else "",
        "part": next((report.part for report in reports if report.part), ""),
        "available": {name: count for report in reversed(reports) for name, count in report.available.items()},
        "clock_target_ns": next((clock for clock in clocks if clock is not None), None),
        "modules": layers_of(pick),
    }
    estimated = {name: pick[key] for name, key in _OF_AN_ESTIMATE.items() if pick.get(key) is not None}
    return design_report_from({"source": source, **described, **numbers, "sources": sources, **estimated})


def pick_sources(pick: Mapping) -> dict[str, str]:
    """Return who says each number of a pick, as the file names it.

    Of a file that does not: the best-founded of the pick's reports that says the same number, else the source of its
    resources if that can have seen it.
    """
    if isinstance(pick.get("sources"), Mapping):
        return dict(pick["sources"])
    reports, sources, counted = _reports(pick), {}, pick.get("source")
    for name in NUMBERS:
        value = pick.get(name)
        said = [report.sources[name] for report in reports if value is not None and getattr(report, name) == value]
        if said:
            sources[name] = min(said, key=rank)
        elif value is not None and isinstance(counted, str) and can_see(counted, name):
            sources[name] = counted
    return sources


def design_report_from(values: Mapping[str, object]) -> DesignReport:
    """Build a DesignReport from the mapping that ``as_dict`` returns; what is derived, and unknown keys are ignored.

    Raises:
        ReportError: for a missing source or a value of the wrong type.
    """
    known = {field.name for field in fields(DesignReport)}
    if not isinstance(values, Mapping) or "source" not in values:
        raise ReportError("DesignReport: expected an object with a source; write it with DesignReport.as_dict()")
    checked = {name: _checked(name, value) for name, value in values.items() if name in known}
    if "sources" not in values:
        unseen = [name for name in NUMBERS if not can_see(checked["source"], name)]
        checked.update(dict.fromkeys(unseen))
    return DesignReport(**checked)


def _picks(text: str) -> list[Mapping]:
    picked = load_json(text, "report.json").get("picked")
    return [pick for pick in picked if isinstance(pick, Mapping)] if isinstance(picked, list) else []


def _reports(pick: Mapping) -> list[DesignReport]:
    reports = pick.get("reports")
    return [design_report_from(values) for values in reports] if isinstance(reports, list) else []


def _holds(text: str, *keys: str) -> bool:
    """Whether the object has the keys; a cut text that names them counts, so that it is read and refused."""
    if not text.lstrip().startswith("{") or not all(f'"{key}"' in text for key in keys):
        return False
    try:
        return set(keys) <= set(parse_json(text))
    except UnreadableError:
        return True


def _checked(name: str, value: object) -> object:
    """One field; what is none of a mapping, a list or a text, is a number, or None."""
    if name in _COUNTS and isinstance(value, Mapping):
        return {key: whole(count, f"{name}.{key}") for key, count in value.items()}
    if name == "modules":
        return modules_from(value)
    if name == "sources" and isinstance(value, Mapping) and all(isinstance(source, str) for source in value.values()):
        return dict(value)
    if name == "intervals" and isinstance(value, Mapping) and all(map(_is_pair, value.values())):
        return {key: (float(low), float(high)) for key, (low, high) in value.items() if key != _DERIVED}
    if name == "notes" and isinstance(value, (list, tuple)) and all(isinstance(note, str) for note in value):
        return tuple(value)
    if name in _TEXTS and isinstance(value, str):
        return value
    if name not in (*_TEXTS, *_COUNTS, "sources", "intervals", "notes"):
        if value is None:
            return None
        if name in _DECIMALS and _is_finite(value):
            return float(value)
        if name not in _DECIMALS and isinstance(value, (int, float)):
            return whole(value, name)
    raise ReportError(f"DesignReport: {name}: expected what as_dict() writes. Received: {value!r:.60}")


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_pair(value: object) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_is_finite, value))
