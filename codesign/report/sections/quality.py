"""How well the picks decide: ROC curves, working points, confusion matrices."""

from collections.abc import Mapping, Sequence

from codesign.report.charts import Axis, Band, Chart, Line, Point
from codesign.report.sections.front import Entry
from codesign.report.sections.values import (
    distinct,
    listed,
    mapping,
    measured,
    metric_text,
    number,
    numbers,
    picked_rows,
    role,
    rows,
)

_LOWEST_RATE = 1e-6


def roc_section(report: Mapping) -> dict | None:
    """Return one chart per class with the curves of every model, and their legend; None without curves."""
    models = _models(report)
    classes = list(dict.fromkeys(str(curve.get("class")) for _, _, block in models for curve in rows(block, "curves")))
    charts = []
    for name in classes:
        own = [
            (series, model, curve)
            for series, (model, _, block) in enumerate(models)
            for curve in rows(block, "curves")
            if str(curve.get("class")) == name and _points(curve)
        ]
        if own:
            charts.append({"title": name, "chart": _chart(name, own, models, report).to_svg()})
    if not charts:
        return None
    legend = [Entry(series, model, "line", look) for series, (model, look, _) in enumerate(models)]
    events = {number(block.get("events")) for _, _, block in models} - {None}
    return {"charts": charts, "legend": legend, "events": events.pop() if len(events) == 1 else None}


def working_points_section(report: Mapping) -> list[dict] | None:
    """Return a row per pick and working point; None without any."""
    found = []
    for roles, points in distinct(report, "working_points"):
        for point in rows({"points": points}, "points"):
            efficiency, rate = (measured(point.get(key)) for key in ("efficiency", "background_rate"))
            row = {key: number(point.get(key)) for key in ("wanted_rate", "threshold", "code", "fraction")}
            row |= {"role": roles, "class": _class(point, report), "rate": _rate_text(*rate)}
            row |= {"efficiency": metric_text("signal_efficiency", *efficiency), "note": str(point.get("note") or "")}
            found.append(row)
    return found or None


def confusion_section(report: Mapping) -> list[dict] | None:
    """Return a matrix per pick: names, and per row its cells as (count, share of the row); None without any."""
    found = []
    for roles, block in distinct(report, "confusion"):
        block = block if isinstance(block, Mapping) else {}
        counts = [numbers(row) for row in listed(block.get("counts")) if isinstance(row, (list, tuple))]
        names = [str(name) for name in listed(block.get("classes"))]
        if not counts or any(len(row) != len(counts) for row in counts):
            continue
        names += [f"class {index}" for index in range(len(names), len(counts))]
        lines = []
        for name, row in zip(names, counts):
            total = sum(value for value in row if value == value)
            lines.append((name, [(value, value / total if total else 0.0) for value in row], total))
        found.append({"role": roles, "classes": names[: len(counts)], "rows": lines})
    return found or None


def _models(report: Mapping) -> list[tuple[str, str, Mapping]]:
    """Name, look and block of everything that has curves: picks as built, their float models, references.

    Equal curves stand once, under the names of all.
    """
    picked, found = picked_rows(report), []
    wanted = [(role(pick), "solid", mapping(pick, "roc")) for pick in picked]
    wanted += [(f"{role(pick)}, float", "dashed", mapping(pick, "roc_float")) for pick in picked]
    for row in rows(report, "references"):
        wanted.append((str(row.get("name") or row.get("kind") or "reference"), "dashed", mapping(row, "roc")))
    for name, look, block in wanted:
        same = next((index for index, one in enumerate(found) if one[2] == block), None)
        if block and same is None:
            found.append((name, look, block))
        elif block:
            found[same] = (f"{found[same][0].removesuffix(', float')} and {name}", *found[same][1:])
    return found


def _points(curve: Mapping) -> list[int]:
    """Places on the curve that a logarithmic axis can show."""
    pairs = zip(numbers(curve.get("efficiency")), numbers(curve.get("background_rate")))
    return [index for index, (x, y) in enumerate(pairs) if x == x and y > 0]


def _chart(name: str, own: Sequence[tuple[int, str, Mapping]], models: Sequence, report: Mapping) -> Chart:
    lowest = min(numbers(curve["background_rate"])[_points(curve)[0]] for _, _, curve in own)
    x = Axis("signal efficiency", 0.0, 1.0, style="percent")
    y = Axis("background rate", min(max(lowest / 1.5, _LOWEST_RATE), 0.5), 1.0, log=True, style="power")
    marks = []
    for series, _, curve in own:
        marks += _band(series, curve)
    for series, model, curve in own:
        marks.append(_line(series, model, models[series][1], curve))
    marks += _working_points(name, models, report)
    return Chart(f"ROC curves of {name}: {', '.join(model for _, model, _ in own)}", x, y, marks, height=400)


def _line(series: int, model: str, look: str, curve: Mapping) -> Line:
    kept = _points(curve)
    columns = {key: numbers(curve.get(key)) for key in ("efficiency", "background_rate")}
    notes = {"efficiency ±": curve.get("efficiency_error"), "threshold": curve.get("thresholds")}
    picked = {
        label: [number(values[i]) if i < len(values) else None for i in kept]
        for label, values in notes.items()
        if isinstance(values, (list, tuple))
    }
    auc, error = measured(curve.get("auc"))
    text = model if auc is None else f"{model}, AUC {metric_text('auc', auc, error)}"
    return Line(text, *([values[i] for i in kept] for values in columns.values()), series, look, picked)


def _band(series: int, curve: Mapping) -> list[Band]:
    """One standard deviation of the efficiency, to both sides."""
    errors, shares, rates = (numbers(curve.get(key)) for key in ("efficiency_error", "efficiency", "background_rate"))
    kept = [i for i in _points(curve) if i < len(errors) and errors[i] == errors[i]]
    if not kept:
        return []
    ends = [[min(1.0, max(0.0, shares[i] + sign * errors[i])) for i in kept] for sign in (-1, 1)]
    return [Band([rates[i] for i in kept], *ends, series, across=True)]


def _working_points(name: str, models: Sequence, report: Mapping) -> list[Point]:
    found = []
    for pick in picked_rows(report):
        series = next((i for i, one in enumerate(models) if one[2] == mapping(pick, "roc")), None)
        for point in rows(pick, "working_points"):
            (share, error), (rate, _) = (measured(point.get(key)) for key in ("efficiency", "background_rate"))
            if series is None or share is None or not rate or rate < 0 or _class(point, report) != name:
                continue
            text = f"{role(pick)}, working point\nsignal efficiency {metric_text('signal_efficiency', share, error)}"
            text += f"\nbackground rate {rate:.3g}\nthreshold {number(point.get('threshold'))}"
            code = number(point.get("code"))
            text += "" if code is None else f", code {code:,}"
            found.append(Point(share, rate, text, series, "diamond"))
    return found


def _class(point: Mapping, report: Mapping) -> str:
    """The name of a working point's class; files that give its number only have the names beside the data."""
    names, label = listed(mapping(report, "data").get("classes")), point.get("label")
    if point.get("class") is not None:
        return str(point["class"])
    if isinstance(label, int) and 0 <= label < len(names):
        return str(names[label])
    return str(point.get("metric") or "")


def _rate_text(value: float | None, error: float | None) -> str:
    if value is None:
        return "\N{EN DASH}"
    return f"{value:.3g}" + ("" if error is None else f" \N{PLUS-MINUS SIGN} {error:.1g}")
