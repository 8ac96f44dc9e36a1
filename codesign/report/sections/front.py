"""The front: metric against LUT, every method and implementation, picks, budget, teacher and float model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codesign.fpga.design.budget import within_limit
from codesign.report.charts import Axis, Chart, Line, Point, Rule, axis_around
from codesign.report.formats.own_json import pick_sources
from codesign.report.sections.values import (
    higher_is_better,
    is_share,
    main_metric,
    mapping,
    metric_label,
    metric_text,
    metric_value,
    number,
    picked_rows,
    role,
    rows,
)

_SHAPES = {"unrolled": "circle", "hls4ml-latency": "square", "hls4ml-resource": "triangle"}
_SHARED = {"teacher", "float"}  # drawn as lines from side to side


@dataclass(frozen=True)
class Entry:
    """An entry of a legend: number of the series (None: it cannot be hidden), its text, its shape."""

    series: int | None
    text: str
    shape: str = "circle"
    look: str = "solid"


def front_section(report: Mapping) -> dict | None:
    """Return chart, legend and what is not shown; None if no design has both numbers."""
    metric = main_metric(report)
    designs = rows(report, "compared") or rows(report, "front")
    picked = [row for row in picked_rows(report) if _point(row, metric)]
    known = [row for row in designs if _point(row, metric)]
    if not known and not picked:
        return None
    shown = _worth_seeing(known, picked, report, metric)
    named = "method" if any(row.get("method") for row in known + picked) else "implementation"
    groups = list(dict.fromkeys(str(row.get(named) or "design") for row in known + picked))
    budget = mapping(report, "budget")
    marks = [_steps(shown, metric), *_rules(report, metric)]
    marks += [_mark(row, metric, groups.index(str(row.get(named) or "design")), budget) for row in shown]
    for place, row in enumerate(sorted(picked, key=lambda row: _point(row, metric))):
        series = groups.index(str(row.get(named) or "design"))
        marks += [_mark(row, metric, series, {}, errors=True), _ring(row, metric, series, below=place % 2 == 1)]
    marks += _built_references(report, metric)
    x, y = _axes(marks, metric)
    chart = Chart(f"{metric_label(metric)} against LUT of {len(shown) + len(picked)} designs", x, y, marks, height=420)
    entries = [Entry(index, name) for index, name in enumerate(groups)]
    return {
        "chart": chart.to_svg(),
        "legend": entries + _other_entries(shown + picked, named, budget),
        "hidden": len(known) - len(shown),
        "metric": metric,
    }


def _point(row: Mapping, metric: str) -> tuple[float, float] | None:
    lut, value = number(row.get("lut")), metric_value(row, metric)[0]
    return None if value is None or lut is None or lut <= 0 else (lut, value)


def _worth_seeing(known: Sequence[Mapping], picked: Sequence[Mapping], report: Mapping, metric: str) -> list[Mapping]:
    """Leave out the designs that are more than three times as far below the best as what matters."""
    sign = 1 if higher_is_better(metric) else -1
    values = [sign * _point(row, metric)[1] for row in known]
    matters = [sign * _point(row, metric)[1] for row in picked]
    matters += [sign * limit for name, limit in _limits(report, metric)]
    best = max(values + matters)
    floor = best - max(3 * (best - min(matters, default=best)), 0.03 * max(abs(best), 1e-9))
    return [row for row, value in zip(known, values) if value >= floor]


def _limits(report: Mapping, metric: str) -> list[tuple[str, float]]:
    """The budget's floors or ceilings on the metric."""
    found = [(name, number(limit)) for name, limit in mapping(report, "budget").items()]
    names = {f"{side}_{metric}" for side in ("min", "max")}
    return [(str(name), limit) for name, limit in found if name in names and limit is not None]


def _steps(shown: Sequence[Mapping], metric: str) -> Line:
    """The best value that so many LUTs give."""
    sign, path = (1 if higher_is_better(metric) else -1), []
    for lut, value in sorted((_point(row, metric) for row in shown), key=lambda one: (one[0], -sign * one[1])):
        if not path or sign * value > sign * path[-1][1]:
            path += [(lut, path[-1][1])] if path else []
            path.append((lut, value))
    return Line("front", *(zip(*path) if path else ((), ())), series=-1, look="faint")


def _rules(report: Mapping, metric: str) -> list[Rule]:
    found = [Rule(f"budget {metric_text(metric, limit)}", y=limit) for _, limit in _limits(report, metric)]
    lut = number(mapping(report, "budget").get("lut"))
    found += [] if lut is None else [Rule(f"budget {lut:,g}", x=lut)]
    for row in rows(report, "references"):
        value = metric_value(row, metric)[0]
        value = metric_value(row, metric, on="metrics_test")[0] if value is None else value
        if str(row.get("kind")) in _SHARED and value is not None:
            found.append(Rule(str(row.get("name") or row["kind"]), y=value))
    return found


def _mark(row: Mapping, metric: str, series: int, budget: Mapping, *, errors: bool = False) -> Point:
    lut, value = _point(row, metric)
    error = metric_value(row, metric)[1]
    shape = _SHAPES.get(str(row.get("implementation")), "diamond")
    return Point(
        lut, value, design_text(row, metric), series, shape, not _fits(row, budget, metric), error if errors else None
    )


def _ring(row: Mapping, metric: str, series: int, *, below: bool) -> Point:
    text = f"{role(row)}\n{design_text(row, metric)}"
    return Point(*_point(row, metric), text, series, "ring", True, name=role(row), below=below)


def _fits(row: Mapping, budget: Mapping, metric: str) -> bool:
    """Whether the row is known to be within every limit; of a metric it has no number of, that is left open."""
    for name, limit in budget.items():
        limit, is_cost = number(limit), not str(name).startswith(("min_", "max_"))
        value = number(row.get(name)) if is_cost else metric_value(row, str(name)[4:])[0]
        missing = value is None and (is_cost or str(name)[4:] == metric)
        bad = value is not None and limit is not None and not within_limit(str(name), value, limit)
        if limit is not None and (missing or bad):
            return False
    return True


def design_text(row: Mapping, metric: str) -> str:
    """Return what a tooltip says of a design: what it is, how good, what it costs and who says so."""
    sources = pick_sources(row)
    lines = [" ".join(str(row[key]) for key in ("method", "implementation", "precision") if row.get(key))]
    lines.append(f"{metric_label(metric)} {metric_text(metric, *metric_value(row, metric))}")
    for key, unit in (("lut", "LUT"), ("dsp", "DSP"), ("latency_ns", "ns")):
        value = number(row.get(key))
        source = sources.get("latency_cycles" if key == "latency_ns" else key) or ""
        lines += [] if value is None else [f"{value:,.6g} {unit} {source}".rstrip()]
    return "\n".join(line for line in lines if line)


def _built_references(report: Mapping, metric: str) -> list[Point]:
    """References that are designs too, such as a QKeras network."""
    found = [row for row in rows(report, "references") if str(row.get("kind")) not in _SHARED and _point(row, metric)]
    return [
        Point(
            *_point(row, metric),
            f"{row.get('name')}\n{design_text(row, metric)}",
            6,
            "diamond",
            name=str(row.get("name")),
        )
        for row in found
    ]


def _axes(marks: Sequence, metric: str) -> tuple[Axis, Axis]:
    points = [mark for mark in marks if isinstance(mark, Point)]
    rules = [mark for mark in marks if isinstance(mark, Rule)]
    x = axis_around("LUT", [mark.x for mark in points] + [rule.x for rule in rules if rule.x], log=True)
    tall = [mark.y + sign * (mark.error or 0) for mark in points for sign in (-1, 1)]
    style = "percent" if is_share(metric) else "number"
    return x, axis_around(metric_label(metric), tall + [rule.y for rule in rules if rule.y is not None], style=style)


def _other_entries(designs: Sequence[Mapping], named: str, budget: Mapping) -> list[Entry]:
    names = list(dict.fromkeys(str(row["implementation"]) for row in designs if row.get("implementation")))
    found = [Entry(None, name, _SHAPES.get(name, "diamond")) for name in names] if named == "method" else []
    return found + [Entry(None, "beyond the budget", "circle", "hollow")] * bool(budget)
