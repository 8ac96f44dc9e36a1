"""Designs in the terminal: one row each, what it costs and who says so."""

from collections.abc import Mapping, Sequence

from rich.console import Console

from codesign.fpga import Design, DesignReport
from codesign.fpga.design.reuse import reuse_text
from codesign.report.table import print_table

_MOST_NAMED = 3  # designs whose note is named with it
_COSTS = {"LUT": "lut", "FF": "ff", "DSP": "dsp", "BRAM 18k": "bram_18k", "cycles": "latency_cycles"}


def print_designs(
    title: str,
    data_kind: str | None,
    designs: Sequence[Design],
    *,
    roles: Mapping[str, Design] | None = None,
    notes: Sequence[str] = (),
    console: Console | None = None,
) -> None:
    """Print a row for each design.

    Args:
        title: above the table.
        data_kind: REAL, GENERATED, STAND-IN or not stated; None: no events were used.
        designs: with reports.
        roles: which were picked, by ``smallest``, ``fastest`` and ``best``.
        notes: lines below the table.
        console: to print to; None: standard output.
    """
    rows = [(design, design.report) for design in designs]
    columns = {
        "implementation": [design.implementation for design in designs],
        "precision": [design.precision for design in designs],
        "layout": [_layout(design) for design in designs],
        **_picked(designs, roles or {}),
        **_quality(designs),
        **{name: [ranged_text(report, key) for _, report in rows] for name, key in _COSTS.items()},
        **_compiler_s_luts([report for _, report in rows]),
        "latency ns": [_number(report.latency_ns) for _, report in rows],
        "every": [_count(report.initiation_interval) for _, report in rows],
        **_chances([report for _, report in rows]),
    }
    source = " and ".join(dict.fromkeys(report.source for _, report in rows))
    lines = [f"numbers from: {source}; every: cycles between events"]
    if any(report.intervals for _, report in rows):
        lines.append("behind a number, in brackets: where the true one lies in 9 of 10 designs")
    lines += [*_said(designs), *notes]
    print_table(title, data_kind, columns, console=console, notes=lines, n_keys=3)


def _said(designs: Sequence[Design]) -> list[str]:
    """What the reports say, each sentence once, with whose it is where it is not that of all."""
    whose: dict[str, list[Design]] = {}
    for design in designs:
        for note in design.report.notes:
            whose.setdefault(note, []).append(design)
    return [
        note if len(owners) == len(designs) else f"{_names(owners, designs)}: {note}" for note, owners in whose.items()
    ]


def _names(owners: Sequence[Design], designs: Sequence[Design]) -> str:
    """The implementations of some of the designs where that tells them from the others, else their labels."""
    kinds = list(dict.fromkeys(one.implementation for one in owners))
    if len(owners) == sum(one.implementation in kinds for one in designs):
        return ", ".join(kinds)
    labels = list(dict.fromkeys(one.label for one in owners))
    more = f" and {len(labels) - _MOST_NAMED:,} more" if len(labels) > _MOST_NAMED else ""
    return ", ".join(labels[:_MOST_NAMED]) + more


def ranged_text(report: DesignReport, name: str) -> str | None:
    """Return ``1,775 (1,400 - 2,300)``: a number with its interval, if it has one that is wider than it."""
    value, found = getattr(report, name), report.interval(name)
    return None if value is None else _count(value) + interval_text(value, found)


def interval_text(value: float, found: Sequence[float] | None) -> str:
    """Return `` (1,400 - 2,300)``, empty if there is no interval, or nothing in it but the number."""
    if found is None or found[0] == found[1] == value:
        return ""
    return f" ({found[0]:,.0f} - {found[1]:,.0f})"


def _compiler_s_luts(reports: Sequence[DesignReport]) -> dict[str, list[str | None]]:
    """What the HLS compiler will count, where one design has it."""
    if not any(report.csynth for report in reports):
        return {}
    return {"LUT by csynth": [_count(report.csynth.get("lut")) for report in reports]}


def _chances(reports: Sequence[DesignReport]) -> dict[str, list[str | None]]:
    """The probabilities that synthesis fails and that the clock is reached, where one design has them."""
    columns = {}
    for title, name in {"fails": "failure_probability", "reaches clock": "clock_probability"}.items():
        found = [getattr(report, name) for report in reports]
        if any(one is not None for one in found):
            columns[title] = [None if one is None else f"{one:.1%}" for one in found]
    return columns


def _layout(design: Design) -> str:
    if design.implementation == "unrolled":
        return f"{design.adder_levels_per_stage} levels a stage"
    return f"reuse {reuse_text(design.reuse_factor)}"


def _picked(designs: Sequence[Design], roles: Mapping[str, Design]) -> dict[str, list[str]]:
    """Which were picked, if any was."""
    if not roles:
        return {}
    return {"picked": [", ".join(name for name, one in roles.items() if one is design) for design in designs]}


def _quality(designs: Sequence[Design]) -> dict[str, list[str | None]]:
    """Accuracy and other metrics, where one design has them."""
    columns = {}
    if any(design.accuracy is not None for design in designs):
        columns["accuracy"] = [None if one.accuracy is None else f"{one.accuracy:.4f}" for one in designs]
    names = dict.fromkeys(name for design in designs for name in design.metrics if name != "accuracy")
    for name in names:
        found = [design.metrics.get(name) for design in designs]
        columns[name] = [None if one is None else f"{one.value:.4g}" for one in found]
    return columns


def _count(value: float | None) -> str | None:
    return None if value is None else f"{value:,}"


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"
