"""How the networks trained: one chart per quantity, a line per training."""

from collections.abc import Mapping, Sequence

from codesign.report.charts import Chart, Line, Rule, axis_around
from codesign.report.sections.front import Entry
from codesign.report.sections.values import is_share, mapping, number, numbers, rows

_VALIDATION = "val_"
_DECADES = 30.0  # from this ratio on, an axis is logarithmic


def history_section(report: Mapping) -> dict | None:
    """Return charts of everything that trainings recorded, and their legend; None without any."""
    trainings = [row for row in rows(report, "history") if mapping(row, "values")]
    names = [str(row.get("name") or row.get("method") or f"training {i + 1}") for i, row in enumerate(trainings)]
    quantities = list(
        dict.fromkeys(str(key).removeprefix(_VALIDATION) for row in trainings for key in mapping(row, "values"))
    )
    charts = []
    for quantity in quantities:
        lines = [
            line for i, row in enumerate(trainings) for line in _lines(mapping(row, "values"), quantity, names[i], i)
        ]
        if lines:
            charts.append({"title": quantity, "chart": _chart(quantity, lines, _phases(trainings)).to_svg()})
    if not charts:
        return None
    legend = [Entry(index, name, "line") for index, name in enumerate(names)]
    if any(str(key).startswith(_VALIDATION) for row in trainings for key in mapping(row, "values")):
        legend.append(Entry(None, "on validation events", "line", "dashed"))
    return {"charts": charts, "legend": legend}


def _lines(values: Mapping, quantity: str, name: str, series: int) -> list[Line]:
    found = []
    for key, look, more in ((quantity, "solid", ""), (_VALIDATION + quantity, "dashed", ", validation")):
        kept = [(epoch + 1, value) for epoch, value in enumerate(numbers(values.get(key))) if value == value]
        if kept:
            found.append(Line(name + more, *map(list, zip(*kept)), series, look))
    return found


def _chart(quantity: str, lines: Sequence[Line], phases: Sequence[Rule]) -> Chart:
    values = [value for line in lines for value in line.y]
    log = min(values) > 0 and max(values) > _DECADES * min(values)
    x = axis_around("epoch", [epoch for line in lines for epoch in line.x])
    y = axis_around(quantity, values, log=log, style="percent" if is_share(quantity) else "number")
    return Chart(f"{quantity} over the training", x, y, [*phases, *lines], height=320)


def _phases(trainings: Sequence[Mapping]) -> list[Rule]:
    """Where later phases of a training begin, if all trainings that have such begin them alike."""
    found = []
    for row in trainings:
        later = [(str(one.get("name")), number(one.get("start"))) for one in rows(row, "phases") if one.get("start")]
        found += [later] * bool(later)
    if not found or any(other != found[0] for other in found):
        return []
    return [Rule(name, x=start + 0.5) for name, start in found[0] if start is not None]
