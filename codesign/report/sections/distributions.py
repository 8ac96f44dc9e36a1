"""Distributions of outputs and residuals: the float model against what was built."""

from collections.abc import Mapping, Sequence

from codesign.report.charts import Axis, Band, Chart, Line, axis_around
from codesign.report.sections.front import Entry
from codesign.report.sections.values import distinct, number, numbers, rows

LEGEND = (Entry(0, "built", "area"), Entry(1, "float model", "line"))


def outputs_section(report: Mapping) -> list[dict] | None:
    """Return for each pick a chart per output; None without any."""
    return _section(report, "outputs", "output")


def residuals_section(report: Mapping) -> list[dict] | None:
    """Return for each pick of a regression a chart per target; None without any."""
    return _section(report, "residuals", "prediction \N{MINUS SIGN} target")


def _section(report: Mapping, key: str, label: str) -> list[dict] | None:
    found = []
    for roles, block in distinct(report, key):
        charts = [_chart(one, label) for one in rows(block, "histograms")]
        charts = [chart for chart in charts if chart]
        if charts:
            found.append({"role": roles, "charts": charts, "legend": LEGEND})
    return found or None


def _chart(one: Mapping, label: str) -> dict | None:
    edges, built, trained = (numbers(one.get(key)) for key in ("edges", "built", "float"))
    n = len(edges) - 1
    x = axis_around(label, edges)
    if n < 1 or x is None or len(built) != n or len(trained) != n:
        return None
    known = [count for count in built + trained if count == count]
    y = Axis("events", 0.0, 1.08 * max([*known, 1.0]))
    name = str(one.get("name"))
    marks = [_area(edges, built), _line("built", 0, edges, built), _line("float model", 1, edges, trained)]
    chart = Chart(f"distribution of {name}, built and float", x, y, marks, height=320)
    return {
        "title": name,
        "chart": chart.to_svg(),
        "rms": number(one.get("rms_difference")),
        "largest": number(one.get("largest_difference")),
    }


def _corners(edges: Sequence[float], counts: Sequence[float]) -> tuple[list[float], list[float]]:
    """The steps of a histogram, two corners per bin."""
    x = [edge for pair in zip(edges, edges[1:]) for edge in pair]
    return x, [count for one in counts for count in (one, one)]


def _area(edges: Sequence[float], counts: Sequence[float]) -> Band:
    x, y = _corners(edges, counts)
    return Band(x, [0.0] * len(x), y, 0)


def _line(name: str, series: int, edges: Sequence[float], counts: Sequence[float]) -> Line:
    return Line(name, *_corners(edges, counts), series, "solid" if series else "edge")
