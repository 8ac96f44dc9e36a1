"""Chart: lines, bands, points and rules on two axes, as one SVG that the page's script can zoom.

The script reads places in pixels and the ends of the axes from the SVG, so the numbers stand in one place only.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from codesign.report.charts.axis import Axis

WIDTH, HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 22, 12, 48
_LATE = 0.85  # share of the width behind which a name has no room at its right
_SHAPES = {
    "circle": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z",
    "square": "M-4-4h8v8h-8Z",
    "triangle": "M0-5L5 4H-5Z",
    "diamond": "M0-5.5L5.5 0L0 5.5L-5.5 0Z",
    "ring": "M-9 0a9 9 0 1 0 18 0a9 9 0 1 0-18 0Z",
}


@dataclass(frozen=True)
class Line:
    """A line through points, with its name and what else to say of each point.

    Args:
        name: for the tooltip.
        x, y: of the points.
        series: number of its colour, and of its entry in the legend.
        look: ``solid``, ``dashed`` or ``faint``.
        notes: name -> one text or number per point.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    series: int = 0
    look: str = "solid"
    notes: dict[str, Sequence] = field(default_factory=dict)


@dataclass(frozen=True)
class Band:
    """The area between two lines: low and high end of y, or with `across` of x, at each point."""

    at: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    series: int = 0
    across: bool = False


@dataclass(frozen=True)
class Point:
    """One point.

    Args:
        x, y: place.
        text: what the tooltip says.
        series: number of its colour, and of its entry in the legend.
        shape: circle, square, triangle, diamond or ring.
        hollow: not filled.
        error: half the length of the error bar in y; None: no bar.
        name: written above it.
        below: write it below.
    """

    x: float
    y: float
    text: str
    series: int = 0
    shape: str = "circle"
    hollow: bool = False
    error: float | None = None
    name: str = ""
    below: bool = False


@dataclass(frozen=True)
class Rule:
    """A straight line from side to side, named: at an `x`, or at a `y`."""

    name: str
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Chart:
    """A chart.

    Args:
        title: what it shows, for those who cannot see it.
        x, y: axes.
        marks: in the order in which they are drawn.
        height: for a width of 640.
    """

    title: str
    x: Axis
    y: Axis
    marks: Sequence[Line | Band | Point | Rule]
    height: int = HEIGHT

    def to_svg(self) -> Markup:
        """Return ``<svg>...</svg>``, every text in it escaped."""
        width, height = WIDTH - _LEFT - _RIGHT, self.height - _TOP - _BOTTOM
        inner = Markup("").join(part for mark in self.marks for part in _draw(mark, self, (width, height)))
        return Markup(
            '<svg class="chart" viewBox="0 0 {w} {h}" data-box="{left} {top} {pw} {ph}" data-x="{x}" data-y="{y}" '
            'role="img" aria-label="{title}"><g class="ticks">{ticks}</g><g class="titles">{titles}</g>'
            '<svg class="plot" x="{left}" y="{top}" width="{pw}" height="{ph}">{inner}</svg></svg>'
        ).format(
            w=WIDTH, h=self.height, left=_LEFT, top=_TOP, pw=width, ph=height, title=self.title, inner=inner,
            x=_as_json(self.x), y=_as_json(self.y), ticks=_ticks(self, width, height), titles=_titles(self, height),
        )  # fmt: skip


def _as_json(axis: Axis) -> str:
    return json.dumps([int(axis.log), axis.low, axis.high, axis.style, axis.label])


def _ticks(chart: Chart, width: int, height: int) -> Markup:
    parts = []
    for value in chart.x.ticks():
        x = _LEFT + width * chart.x.place(value)
        line = Markup('<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>')
        text = Markup('<text class="x" x="{x:.1f}" y="{y}">{text}</text>')
        parts.append(line.format(x=x, top=_TOP, bottom=_TOP + height))
        parts.append(text.format(x=x, y=_TOP + height + 18, text=chart.x.text(value)))
    for value in chart.y.ticks():
        y = _TOP + height * (1 - chart.y.place(value))
        line = Markup('<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        text = Markup('<text class="y" x="{x}" y="{y:.1f}">{text}</text>')
        parts.append(line.format(y=y, left=_LEFT, right=_LEFT + width))
        parts.append(text.format(x=_LEFT - 8, y=y + 4, text=chart.y.text(value)))
    return Markup("").join(parts)


def _titles(chart: Chart, height: int) -> Markup:
    """The names of the axes: that of x below, that of y upright at the left."""
    return Markup(
        '<text class="right" x="{right}" y="{below}">{x}</text><text class="up" transform="translate(14 {top}) '
        'rotate(-90)">{y}</text>'
    ).format(right=WIDTH - _RIGHT, below=_TOP + height + 40, x=chart.x.label, top=_TOP, y=chart.y.label)


def _draw(mark: Line | Band | Point | Rule, chart: Chart, size: tuple[int, int]) -> Iterator[Markup]:
    draw = {Line: _draw_line, Band: _draw_band, Point: _draw_point, Rule: _draw_rule}[type(mark)]
    return draw(mark, chart, size)


def _at(chart: Chart, size: tuple[int, int], x: float, y: float) -> tuple[str, str]:
    return f"{size[0] * chart.x.place(x):.1f}", f"{size[1] * (1 - chart.y.place(y)):.1f}"


def _draw_line(line: Line, chart: Chart, size: tuple[int, int]) -> Iterator[Markup]:
    kept = [i for i, (x, y) in enumerate(zip(line.x, line.y)) if chart.x.holds(x) and chart.y.holds(y)]
    places = " ".join(",".join(_at(chart, size, line.x[i], line.y[i])) for i in kept)
    notes = {name: [values[i] for i in kept if i < len(values)] for name, values in line.notes.items()}
    yield Markup(
        '<polyline class="line s{s} {look}" data-s="{series}" data-name="{name}" data-notes="{notes}" '
        'points="{places}"/>'
    ).format(
        s=line.series % 8, look=line.look, series=line.series, name=line.name, notes=json.dumps(notes), places=places
    )


def _draw_band(band: Band, chart: Chart, size: tuple[int, int]) -> Iterator[Markup]:
    there = list(zip(band.at, band.low))
    back = list(zip(band.at, band.high))[::-1]
    pairs = [(end, at) if band.across else (at, end) for at, end in there + back]
    places = " ".join(",".join(_at(chart, size, x, y)) for x, y in pairs if chart.x.holds(x) and chart.y.holds(y))
    yield Markup('<polygon class="band s{s}" data-s="{series}" points="{places}"/>').format(
        s=band.series % 8, series=band.series, places=places
    )


def _draw_point(point: Point, chart: Chart, size: tuple[int, int]) -> Iterator[Markup]:
    if not (chart.x.holds(point.x) and chart.y.holds(point.y)):
        return
    x, y = _at(chart, size, point.x, point.y)
    look = {"s": point.series % 8, "series": point.series, "x": x, "y": y}
    ends = [point.y + sign * point.error for sign in (-1, 1)] if point.error else []
    if ends and all(map(chart.y.holds, ends)):
        (_, low), (_, high) = (_at(chart, size, point.x, end) for end in ends)
        bar = Markup('<line class="error s{s}" data-s="{series}" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>')
        yield bar.format(low=low, high=high, **look)
    yield Markup(
        '<path class="mark s{s} {shape}{hollow}" data-s="{series}" transform="translate({x} {y})" d="{d}"><title>{text}'
        "</title></path>"
    ).format(
        shape=point.shape, hollow=" hollow" if point.hollow else "", d=_SHAPES[point.shape], text=point.text, **look
    )
    if point.name:
        kind = "name late" if float(x) > _LATE * size[0] else "name"  # its text ends there, and is not cut
        name = Markup('<text class="{kind}" data-s="{series}" transform="translate({x} {y})" y="{dy}">{name}</text>')
        yield name.format(kind=kind, name=point.name, dy=23 if point.below else -14, **look)


def _draw_rule(rule: Rule, chart: Chart, size: tuple[int, int]) -> Iterator[Markup]:
    """The line and, at its end, its name; what no axis holds is not drawn."""
    upright = rule.x is not None
    value, axis = (rule.x, chart.x) if upright else (rule.y, chart.y)
    if value is None or not axis.holds(value) or not 0 <= axis.place(value) <= 1:
        return
    if upright:
        x, _ = _at(chart, size, value, chart.y.low)
        ends, text = {"x1": x, "x2": x, "y1": 0, "y2": size[1]}, f"translate({x} 12)"
    else:
        _, y = _at(chart, size, chart.x.low, value)
        ends, text = {"x1": 0, "x2": size[0], "y1": y, "y2": y}, f"translate(6 {y})"
    side = "upright" if upright else "level"
    yield Markup(
        '<line class="rule {side}" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/><text class="rule {side}" '
        'transform="{text}" x="{dx}" y="{dy}">{name}</text>'
    ).format(side=side, text=text, dx=-5 if upright else 0, dy=0 if upright else -5, name=escape(rule.name), **ends)
