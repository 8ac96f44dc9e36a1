"""The designs of several runs in one plot: metric against LUT, a colour per run."""

from collections.abc import Mapping

from codesign.report.charts import Chart, Point, axis_around
from codesign.report.sections.front import Entry, design_text
from codesign.report.sections.values import (
    is_share,
    main_metric,
    metric_label,
    metric_value,
    number,
    picked_rows,
    role,
    rows,
)


def runs_section(reports: Mapping[str, Mapping]) -> dict | None:
    """Return chart and legend of the fronts and picks of all runs, by the first one's metric; None without any."""
    metric, marks = main_metric(next(iter(reports.values()))), []
    for series, (name, report) in enumerate(reports.items()):
        marks += [_mark(row, name, metric, series) for row in rows(report, "front")]
        picks = sorted(picked_rows(report), key=lambda row: number(row.get("lut")) or 0)
        marks += [_mark(row, name, metric, series, ring=1 + place % 2) for place, row in enumerate(picks)]
    marks = [mark for mark in marks if mark]
    x, y = axis_around("LUT", [mark.x for mark in marks], log=True), axis_around("", [mark.y for mark in marks])
    if x is None or y is None:
        return None
    y = axis_around(metric_label(metric), (y.low, y.high), style="percent" if is_share(metric) else "number")
    chart = Chart(f"{metric_label(metric)} against LUT of {len(reports)} runs", x, y, marks, height=420)
    return {"chart": chart.to_svg(), "legend": [Entry(series, name) for series, name in enumerate(reports)]}


def _mark(row: Mapping, name: str, metric: str, series: int, *, ring: int = 0) -> Point | None:
    """A design, or with a `ring` a pick: 1 has its name above it, 2 below."""
    lut, (value, error) = number(row.get("lut")), metric_value(row, metric)
    if lut is None or lut <= 0 or value is None:
        return None
    text = f"{name}{': ' + role(row) if ring else ''}\n{design_text(row, metric)}"
    named = {"shape": "ring", "hollow": True, "name": role(row), "below": ring == 2} if ring else {}
    return Point(lut, value, text, series, error=error if ring else None, **named)
