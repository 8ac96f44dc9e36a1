"""JSON that codesign itself writes: one DesignReport (``DesignReport.as_dict``), or a project's ``report.json``."""

import math
from collections.abc import Mapping
from dataclasses import fields

from codesign._untrusted import parse_json
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design_report import DesignReport
from codesign.report.fields import load_json, whole

_TEXTS = ("source", "tool", "tool_version", "part")
_DECIMALS = ("clock_target_ns", "clock_estimated_ns")


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
    picked = load_json(text, "report.json").get("picked")
    found = {}
    for pick in picked if isinstance(picked, list) else []:
        for values in (pick.get("reports") or []) if isinstance(pick, dict) else []:
            report = design_report_from(values)
            found[f"{pick.get('role', 'pick')} ({report.source})"] = report
    if not found:
        raise ReportError("report.json: expected picked designs with reports; run codesign run again")
    return found


def design_report_from(values: Mapping[str, object]) -> DesignReport:
    """Build a DesignReport from the mapping that ``as_dict`` returns; `latency_ns`, derived, and unknown keys are ignored.

    Raises:
        ReportError: for a missing source or a value of the wrong type.
    """
    known = {field.name for field in fields(DesignReport)}
    if not isinstance(values, Mapping) or "source" not in values:
        raise ReportError("DesignReport: expected an object with a source; write it with DesignReport.as_dict()")
    return DesignReport(**{name: _checked(name, value) for name, value in values.items() if name in known})


def _holds(text: str, *keys: str) -> bool:
    """Whether the object has the keys; a cut text that names them counts, so that it is read and refused."""
    if not text.lstrip().startswith("{") or not all(f'"{key}"' in text for key in keys):
        return False
    try:
        return set(keys) <= set(parse_json(text))
    except UnreadableError:
        return True


def _checked(name: str, value: object) -> object:
    if name == "available" and isinstance(value, Mapping):
        return {key: whole(count, f"available.{key}") for key, count in value.items()}
    if name in _TEXTS and isinstance(value, str):
        return value
    if value is None and name not in (*_TEXTS, "available"):
        return None
    if name in _DECIMALS and isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if name not in (*_TEXTS, *_DECIMALS, "available") and isinstance(value, (int, float)):
        return whole(value, name)
    raise ReportError(f"DesignReport: {name}: expected what as_dict() writes. Received: {value!r:.60}")
