"""What the page and the terminal say about a report.json: rows and sentences, worked out once, without markup."""

import math
from collections.abc import Mapping, Sequence
from functools import partial

from codesign.fpga.design.budget import within_limit
from codesign.fpga.design.report import RESOURCES
from codesign.report.compare import capacity
from codesign.report.formats.own_json import design_report_from, pick_sources
from codesign.report.sections.values import (
    main_metric,
    mapping,
    measured,
    metric_label,
    metric_text,
    metric_value,
    number,
    picked_rows,
    role,
)
from codesign.report.sections.values import rows as all_rows

MISSING = "\N{EN DASH}"
_BUDGET_LABELS = {
    "latency_ns": ("latency", "ns"),
    "initiation_interval": ("initiation interval", "cycles"),
    "lut": ("LUT", ""),
    "ff": ("FF", ""),
    "dsp": ("DSP", ""),
    "bram_18k": ("BRAM 18 kb", ""),
}
_WHOSE = {"": "metrics_test", " when picked": "metrics", " of the model as given": "metrics_float"}
_COSTS = (*RESOURCES, "latency_cycles", "latency_ns", "initiation_interval", "source")


def pick_rows(report: Mapping) -> list[dict]:
    """Return the picks as pages show them.

    Each has the `sources` of its numbers, which clock its `latency_ns` is at (`latency_clock`, `clock_ns`), `headline`:
    (value, error) of the main metric on the test events, and `lines`: its reports (or the pick's own numbers), with the
    share of the part per LUT.
    """
    rows, metric = [], main_metric(report)
    for pick in picked_rows(report):
        lines = [_line(values, report.get("part")) for values in all_rows(pick, "reports")]
        if not lines:
            own = {key: pick.get(key) for key in _COSTS}
            lines = [{**own, "clock_target_ns": report.get("clock_period_ns")}]
        agreement = mapping(pick, "agreement") or mapping(report, "agreement")
        row = {**pick, **_clock(pick, report.get("clock_period_ns"))}
        row |= {"headline": metric_value(pick, metric, on="metrics_test")}
        rows.append({**row, "role": role(pick), "lines": lines, "agreement": agreement})
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
    """Return (``ok`` | ``bad`` | ``none``, sentence) for the bit-exact checks: C simulation, simulated RTL, C++."""
    agreement = agreement or {}
    keys = {"C simulation": "csim_mismatches", "RTL": "rtl_mismatches", "C++": "cpp_mismatches"}
    checks = {name: agreement.get(key) for name, key in keys.items()}
    ran = {name: count for name, count in checks.items() if count is not None}
    if not ran:
        return "none", "not simulated"
    events = agreement.get("events")
    head = f"{events:,} events, " if isinstance(events, int) else ""
    wrong = {name: count for name, count in ran.items() if count}
    if wrong:
        return "bad", head + ", ".join(f"{count:,} mismatches in {name}" for name, count in wrong.items())
    *most, last = ran
    return "ok", f"{head}0 mismatches ({', '.join(most)}{' and ' if most else ''}{last})"


def budget_rows(report: Mapping) -> list[dict]:
    """Return one row per limit: label, unit, limit, whether it is a lower one, how to write its numbers.

    `cells` holds for each pick its value and whether it is met; metrics are those on the events held out for picking.
    """
    rows, picked = [], all_rows(report, "picked")
    for name, limit in mapping(report, "budget").items():
        if number(limit) is None:
            continue
        side, _, metric = name.partition("_")
        is_metric = side in ("min", "max")
        label, unit = (f"{metric_label(metric)} when picked", "") if is_metric else _BUDGET_LABELS.get(name, (name, ""))
        values = [metric_value(pick, metric)[0] if is_metric else number(pick.get(name)) for pick in picked]
        cells = [(value, within_limit(name, value, limit)) for value in values]
        text = partial(metric_text, metric) if is_metric else number_text
        row = {"name": name, "label": label, "unit": unit, "limit": limit, "lower": side == "min"}
        rows.append({**row, "cells": cells, "text": text})
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
            if not met:
                text = row["text"]
                sentences.append(f"{pick['role']}: {row['label']} {text(value)}, the budget is {text(row['limit'])}")
    return sentences


def front_rows(report: Mapping) -> list[dict]:
    """Return the rows of the front, each with its main metric and the roles of the picks of the same settings.

    `counted_by` says whose its LUTs are, `timed_by` whose its cycles, if somebody else's.
    """
    keys = ("method", "implementation", "precision", "reuse_factor", "adder_levels_per_stage")
    picks = [([pick.get(key) for key in keys], role(pick)) for pick in all_rows(report, "picked")]
    metric, rows = main_metric(report), []
    for row in all_rows(report, "front"):
        roles = [name for same, name in picks if same == [row.get(key) for key in keys]]
        sources = pick_sources(row)
        counted, timed = sources.get("lut"), sources.get("latency_cycles")
        said = {"counted_by": counted, "timed_by": "" if timed == counted else timed}
        rows.append({**row, "roles": roles, "value": metric_value(row, metric), **said})
    return rows


def estimate_note(pick: Mapping) -> str:
    """Return how far the estimate of LUTs was from the source of the pick's, empty if one of them is missing."""
    luts = {line.get("source"): line.get("lut") for line in pick.get("lines") or []}
    source = pick["sources"].get("lut")
    if source == "estimate" or not number(luts.get(source)) or not number(luts.get("estimate")):
        return ""
    error = luts["estimate"] / luts[source] - 1
    side = "low" if error < 0 else "high"
    return (
        f"the estimate said {luts['estimate']:,} LUT, {source} counted {luts[source]:,}: {100 * abs(error):.1f} % "
        f"{side}"
    )


def number_text(value: object) -> str:
    """Return 12,345 or 4.049; a dash for what is not known."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return MISSING
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 1e4 else f"{value:,.4g}"


def interval_of(row: Mapping, key: str) -> str:
    """Return ``1,400 \N{EN DASH} 2,300``, where an estimated number lies in 9 of 10 designs; empty if it has none."""
    found = mapping(row, "intervals").get(key)
    if not isinstance(found, (list, tuple)) or len(found) != 2 or None in map(number, found):
        return ""
    if found[0] == found[1] == row.get(key):
        return ""
    return f"{number_text(found[0])} \N{EN DASH} {number_text(found[1])}"


def percent_text(value: object, error: object = None) -> str:
    """Return a share as 66.78 %, with a standard error as 66.78 ± 0.27 %; a dash for what is not known."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return MISSING
    if isinstance(error, bool) or not isinstance(error, (int, float)):
        return f"{100 * value:.2f} %"
    return f"{100 * value:.2f} \N{PLUS-MINUS SIGN} {100 * error:.2f} %"


def quality_rows(picks: Sequence[Mapping], report: Mapping) -> list[dict]:
    """Return a row for each metric and each kind of events: label, metric, whose it is, (value, error) of each pick.

    On the test events, on those it was picked on, and of the float model on the test events.
    """
    named = [str(name) for pick in picks for key in _WHOSE.values() for name in mapping(pick, key)]
    rows = []
    for metric in dict.fromkeys(["accuracy", *named]):
        for whose, key in _WHOSE.items():
            cells = [_quality(pick, metric, key, report) for pick in picks]
            if any(value is not None for value, _ in cells):
                rows.append({"label": metric_label(metric) + whose, "metric": metric, "whose": whose, "cells": cells})
    return rows


def _quality(pick: Mapping, metric: str, key: str, report: Mapping) -> tuple[float | None, float | None]:
    if metric == "accuracy" and not mapping(pick, key).get(metric):
        suffix = {"metrics_test": "", "metrics": "_held_out", "metrics_float": "_float"}[key]
        value = number(pick.get(f"accuracy{suffix}", report.get(f"accuracy{suffix}") if suffix == "_float" else None))
        return value, number(pick.get(f"accuracy{suffix}_error"))
    return measured(mapping(pick, key).get(metric))


def step_seconds(report: Mapping) -> dict[str, float]:
    """Return the time of every step that has one."""
    found = {str(step): number(value) for step, value in mapping(report, "seconds").items()}
    return {step: value for step, value in found.items() if value is not None}


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
    values = report.as_dict()
    latency = report.interval("latency_ns")
    values["intervals"] |= {} if latency is None else {"latency_ns": latency}
    return {**values, "lut_share": share}
