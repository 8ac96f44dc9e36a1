"""What the hardware is made of: the bits of each input, LUTs layer by layer, and when each layer works."""

from collections.abc import Mapping

from codesign.report.sections.values import distinct, number, picked_rows, role, rows

_MOST_BOXES = 32


def inputs_section(report: Mapping) -> dict | None:
    """Return one row per input, with a cell for each pick that has inputs; None without any."""
    picks = [(roles, rows({"inputs": block}, "inputs")) for roles, block in distinct(report, "inputs")]
    picks = [(roles, own) for roles, own in picks if own]
    if not picks:
        return None
    by_name = [{str(row.get("name")): row for row in own} for _, own in picks]
    names = list(dict.fromkeys(name for own in by_name for name in own))
    lines = []
    for name in names:
        cells = [_input_cell(own.get(name)) for own in by_name]
        first = next(own[name] for own in by_name if name in own)
        ends = [number(first.get(key)) for key in ("low", "high")]
        lines.append({"name": name, "format": first.get("format"), "low": ends[0], "high": ends[1], "cells": cells})
    totals = [
        {key: sum(cell[key] or 0 for cell in column) for key in ("sent", "used")}
        for column in zip(*(line["cells"] for line in lines))
    ]
    return {"roles": [name for name, _ in picks], "rows": lines, "totals": totals}


def layers_section(report: Mapping) -> list[dict] | None:
    """Return for each pick its layers, each with its share of the largest one's LUTs; None without any."""
    found = []
    for pick in picked_rows(report):
        layers = [{**row, "lut": number(row.get("lut"))} for row in rows(pick, "layers")]
        luts = [row["lut"] or 0 for row in layers]
        if layers:
            total, most = sum(luts), max(luts) or 1
            shares = [{**row, "width": 100 * lut / most, "share": lut / (total or 1)} for row, lut in zip(layers, luts)]
            counted = (number(pick.get("lut")), (pick.get("sources") or {}).get("lut"))
            found.append({"role": role(pick), "rows": shares, "total": total, "counted": counted})
    return found or None


def stages_section(report: Mapping) -> list[dict] | None:
    """Return for each pick its layers as bars along the cycles; None without any."""
    found = []
    for pick in picked_rows(report):
        bars = [
            (str(row.get("name")), number(row.get("start_cycle")), number(row.get("end_cycle")), row.get("source"))
            for row in rows(pick, "stages")
        ]
        bars = [bar for bar in bars if bar[1] is not None and bar[2] is not None and 0 <= bar[1] <= bar[2]]
        if bars:
            found.append(_timeline(pick, bars, number(report.get("clock_period_ns"))))
    return found or None


def _input_cell(row: Mapping | None) -> dict:
    row = row or {}
    sent, used = (number(row.get(key)) for key in ("bits_sent", "bits_used"))
    boxes = None
    if sent is not None and used is not None and 0 <= used <= sent <= _MOST_BOXES:
        boxes = {"used": int(used), "left": int(sent - used)}
    return {
        "sent": sent,
        "used": used,
        "boxes": boxes,
        "last": number(row.get("last_bit_lut")),
        "worth": number(row.get("last_bit_accuracy")),
        "weights": number(row.get("weights")),
    }


def _timeline(pick: Mapping, bars: list[tuple], clock_ns: float | None) -> dict:
    cycles = number(pick.get("latency_cycles"))
    length = max([end for _, _, end, _ in bars] + [cycles or 0]) or 1
    clock = number(pick.get("clock_target_ns")) or clock_ns
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 10**9) if length / step <= 12)
    marks = [
        {"left": 100 * at / length, "cycle": at, "ns": at * clock if clock else None}
        for at in range(0, int(length) + 1, every)
    ]
    lines = [
        {"name": name, "left": 100 * start / length, "width": 100 * (end - start) / length, "start": start, "end": end}
        for name, start, end, _ in bars
    ]
    latency = {"cycles": cycles, "source": (pick.get("sources") or {}).get("latency_cycles")}
    return {"role": role(pick), "rows": lines, "ticks": marks, "source": bars[0][3], "latency": latency}
