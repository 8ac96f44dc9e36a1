"""What the page and the terminal say about a report.json: rows and sentences, worked out once, without markup."""

from collections.abc import Mapping, Sequence

from codesign.fpga.design.budget import within_limit
from codesign.fpga.design.report import RESOURCES
from codesign.report.compare import capacity
from codesign.report.formats.own_json import design_report_from, pick_sources

MISSING = "\N{EN DASH}"
_BUDGET_LABELS = {
    "latency_ns": ("latency", "ns"),
    "initiation_interval": ("initiation interval", "cycles"),
    "lut": ("LUT", ""),
    "ff": ("FF", ""),
    "dsp": ("DSP", ""),
    "bram_18k": ("BRAM 18 kb", ""),
    "min_accuracy": ("accuracy when picked", ""),
}
_ACCURACIES = {
    "accuracy": "accuracy",
    "accuracy when picked": "accuracy_held_out",
    "accuracy of the model as given": "accuracy_float",
}
_COSTS = (*RESOURCES, "latency_cycles", "latency_ns", "initiation_interval", "source")


def pick_rows(report: Mapping) -> list[dict]:
    """Return the picks as pages show them.

    Each has the `sources` of its numbers, which clock its `latency_ns` is at (`latency_clock`, `clock_ns`), and
    `lines`: its reports (or the pick's own numbers), with the share of the part per LUT.
    """
    rows = []
    for pick in report.get("picked") or []:
        lines = [_line(values, report.get("part")) for values in pick.get("reports") or []]
        if not lines:
            own = {key: pick.get(key) for key in _COSTS}
            lines = [{**own, "clock_target_ns": report.get("clock_period_ns")}]
        agreement = pick.get("agreement") or report.get("agreement") or {}
        row = {**pick, **_clock(pick, report.get("clock_period_ns")), "sources": pick_sources(pick)}
        rows.append({**row, "role": pick.get("role") or "pick", "lines": lines, "agreement": agreement})
    return rows


def resource_sources(pick: Mapping) -> str:
    """Return who counted the resources of a row of :func:`pick_rows`, a dash if nobody says."""
    named = (str(pick["sources"][name]) for name in RESOURCES if name in pick["sources"])
    return ", ".join(dict.fromkeys(named)) or MISSING


def latency_source(pick: Mapping) -> str:
    """Return who says the cycles of a row of :func:`pick_rows`, and which clock its latency in ns is at."""
    source, clock = pick["sources"].get("latency_cycles"), pick["latency_clock"]
    return f"{source}, {clock} clock" if source and clock else str(source or MISSING)


def agreement_verdict(agreement: Mapping | None) -> tuple[str, str]:
    """Return (``ok`` | ``bad`` | ``none``, sentence) for the bit-exact checks: C simulation and simulated RTL."""
    agreement = agreement or {}
    checks = {"C simulation": agreement.get("csim_mismatches"), "RTL": agreement.get("rtl_mismatches")}
    ran = {name: count for name, count in checks.items() if count is not None}
    if not ran:
        return "none", "not simulated"
    events = agreement.get("events")
    head = f"{events:,} events, " if isinstance(events, int) else ""
    wrong = {name: count for name, count in ran.items() if count}
    if wrong:
        return "bad", head + ", ".join(f"{count:,} mismatches in {name}" for name, count in wrong.items())
    return "ok", f"{head}0 mismatches ({' and '.join(ran)})"


def budget_rows(report: Mapping) -> list[dict]:
    """Return one row per limit: label, unit, limit, and for each pick its value and whether it is met."""
    rows = []
    for name, limit in (report.get("budget") or {}).items():
        if limit is None:
            continue
        label, unit = _BUDGET_LABELS.get(name, (name, ""))
        lower = name == "min_accuracy"
        values = [accuracy_when_picked(pick) if lower else pick.get(name) for pick in report.get("picked") or []]
        cells = [(value, within_limit(name, value, limit)) for value in values]
        rows.append({"name": name, "label": label, "unit": unit, "limit": limit, "lower": lower, "cells": cells})
    return rows


def shortfalls(report: Mapping) -> list[str]:
    """Return a sentence for each pick that is not bit-exact, or that a tool found to be beyond the budget."""
    sentences = []
    for index, pick in enumerate(pick_rows(report)):
        state, sentence = agreement_verdict(pick["agreement"])
        if state == "bad":
            sentences.append(f"{pick['role']}: {sentence}")
        for row in budget_rows(report):
            value, met = row["cells"][index]
            text = percent_text if row["lower"] else number_text
            if not met:
                sentences.append(f"{pick['role']}: {row['label']} {text(value)}, the budget is {text(row['limit'])}")
    return sentences


def accuracy_when_picked(pick: Mapping) -> float | None:
    """Return the accuracy on the events held out for picking, where there are such; the budget's limit is on that."""
    return pick.get("accuracy_held_out", pick.get("accuracy"))


def front_rows(report: Mapping) -> list[dict]:
    """Return the rows of the front, each with the roles of the picks that have the same settings."""
    keys = ("implementation", "precision", "reuse_factor", "adder_levels_per_stage")
    picks = [([pick.get(key) for key in keys], pick.get("role") or "pick") for pick in report.get("picked") or []]
    rows = report.get("front") or []
    return [{**row, "roles": [role for same, role in picks if same == [row.get(key) for key in keys]]} for row in rows]


def estimate_note(pick: Mapping) -> str:
    """Return how far the estimate of LUTs was from the source of the pick's, empty if one of them is missing."""
    luts = {line.get("source"): line.get("lut") for line in pick.get("lines") or []}
    source = pick["sources"].get("lut")
    if source == "estimate" or not luts.get(source) or not luts.get("estimate"):
        return ""
    error = luts["estimate"] / luts[source] - 1
    side = "low" if error < 0 else "high"
    return (
        f"the estimate said {luts['estimate']:,} LUT, {source} counted {luts[source]:,}: {100 * abs(error):.1f} % "
        f"{side}"
    )


def number_text(value: object) -> str:
    """Return 12,345 or 4.049; a dash for what is not known."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return MISSING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def percent_text(value: object, error: object = None) -> str:
    """Return a share as 66.78 %, with a standard error as 66.78 ± 0.27 %; a dash for what is not known."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return MISSING
    if isinstance(error, bool) or not isinstance(error, (int, float)):
        return f"{100 * value:.2f} %"
    return f"{100 * value:.2f} \N{PLUS-MINUS SIGN} {100 * error:.2f} %"


def accuracy_rows(picks: Sequence[Mapping], report: Mapping) -> list[tuple[str, list[tuple[object, object]]]]:
    """Return (label, (accuracy, binomial error) of each pick) for the kinds of accuracy that a pick has."""
    rows = []
    for label, key in _ACCURACIES.items():
        cells = [(pick.get(key, report.get(key)), pick.get(f"{key}_error")) for pick in picks]
        if key == "accuracy" or any(value is not None for value, _ in cells):
            rows.append((label, cells))
    return rows


def seconds_text(value: object) -> str:
    """Return a duration for people: 0.4 s, 31 s, 3 min 02 s."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return MISSING
    if value < 60:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    return f"{int(value) // 60} min {int(value) % 60:02d} s"


def _clock(pick: Mapping, asked_ns: float | None) -> dict:
    """Which clock the latency is at; files that do not say hold it at the one asked for."""
    name = pick.get("latency_clock") or (None if pick.get("latency_ns") is None else "target")
    clock_ns = pick.get("clock_estimated_ns") if name == "reached" else pick.get("clock_target_ns") or asked_ns
    return {"latency_clock": name, "clock_ns": clock_ns}


def _line(values: Mapping, part: str | None) -> dict:
    report = design_report_from(values)
    limit = capacity(report, "lut", part or "")
    share = report.lut / limit if report.lut is not None and limit else None
    return {**report.as_dict(), "lut_share": share}
