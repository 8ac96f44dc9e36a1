"""The Pareto front: accuracy against LUT, with the picks and the budget."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from codesign.errors import ReportError
from codesign.fpga.design.budget import Budget, is_on_metric, metric_of, within_limit
from codesign.fpga.design.design import Design
from codesign.report.figure import INK, label_text, new_figure, style
from codesign.report.sections.values import metric_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette: distinct for colour-blind readers, and on light and dark paper.
_LOOKS = {
    "unrolled": ("#d55e00", "o"),
    "hls4ml-latency": ("#0072b2", "s"),
    "hls4ml-resource": ("#56b4e9", "^"),
}
_OTHER_LOOK = ("#cc79a7", "v")
_BUDGET_LINE = {"color": INK, "linestyle": (0, (4, 3)), "linewidth": 1.0}


Designs = Sequence[Design | Mapping]


def plot_pareto(designs: Designs, picked: Designs = (), budget: Budget | Mapping | None = None) -> "Figure":
    """Draw accuracy against LUT, one marker per design, the front as steps, the picks ringed, the budget as lines.

    Args:
        designs: with a report, or their rows in report.json. Those without accuracy or LUT are left out; those far less
            accurate than the picks are counted, not drawn.
        picked: as `designs`; a row's ``role`` is written beside it.
        budget: a design beyond any of its limits, latency or DSP included, is drawn hollow.

    Raises:
        ReportError: if no design has both numbers.
    """
    rows, picked, limits = _rows(designs), _rows(picked), _limits(budget)
    if not rows:
        raise ReportError("designs: expected at least one with accuracy and lut. Received none; run the sweep first")
    floor = _floor(rows, picked, limits)
    shown = [row for row in rows if row["accuracy"] >= floor]
    with style():
        figure = new_figure(height_in=3.3)
        axes = figure.add_subplot(xlabel="LUT", ylabel="accuracy")
        _draw_front(axes, shown)
        _draw_designs(axes, shown, limits)
        _draw_picks(axes, picked)
        _scale(axes, shown + picked, limits)
        _draw_budget(axes, limits)
        _draw_hidden(axes, len(rows) - len(shown), floor)
        figure.legend(handles=_legend(rows, limits), loc="outside upper left", ncols=3)
    return figure


def _limits(budget: Budget | Mapping | None) -> dict[str, float]:
    limits = budget.limits() if isinstance(budget, Budget) else (budget or {}).items()
    return {name: limit for name, limit in limits if limit is not None}


def _rows(designs: Designs) -> list[Mapping]:
    rows = [design.as_dict() if isinstance(design, Design) else design for design in designs]
    return [row for row in rows if row.get("accuracy") is not None and row.get("lut") is not None]


def _implementations(rows: Sequence[Mapping]) -> list[str | None]:
    return sorted({row.get("implementation") for row in rows}, key=str)


def _fits(row: Mapping, limits: Mapping[str, float]) -> bool:
    """Whether the row is known to be within every limit."""
    return all(within_limit(name, _limited(row, name), limit) for name, limit in limits.items())


def _limited(row: Mapping, limit: str) -> float | None:
    """What of a row a limit is on: a cost, or a metric by its name."""
    return metric_value(row, metric_of(limit).text)[0] if is_on_metric(limit) else row.get(limit)


def _draw_front(axes: "Axes", rows: Sequence[Mapping]) -> None:
    front: list[tuple[float, float]] = []
    for row in sorted(rows, key=lambda row: (row["lut"], -row["accuracy"])):
        if not front or row["accuracy"] > front[-1][1]:
            front.append((row["lut"], row["accuracy"]))
    axes.step(*zip(*front), where="post", color=INK, linewidth=0.8, alpha=0.4, zorder=1)


def _draw_designs(axes: "Axes", rows: Sequence[Mapping], limits: Mapping[str, float]) -> None:
    """One line object per implementation and fill: thousands of designs stay a small file."""
    groups: dict[tuple[str | None, bool], list[Mapping]] = {}
    for row in rows:
        groups.setdefault((row.get("implementation"), _fits(row, limits)), []).append(row)
    for (implementation, fits), chosen in groups.items():
        colour, marker = _LOOKS.get(implementation, _OTHER_LOOK)
        x, y = zip(*((row["lut"], row["accuracy"]) for row in chosen))
        axes.plot(x, y, marker, color=colour, markerfacecolor=colour if fits else "none", markeredgewidth=0.9, zorder=3)


def _draw_picks(axes: "Axes", picked: Sequence[Mapping]) -> None:
    """A pick's LUTs may come from synthesis where the swept designs hold estimates: it has a marker of its own."""
    _draw_designs(axes, picked, {})
    ring = {"markersize": 11, "markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.3, "zorder": 4}
    for index, pick in enumerate(picked):
        point = (pick["lut"], pick["accuracy"])
        axes.plot(*point, "o", **ring)
        offset = (0, 10) if index % 2 == 0 else (0, -17)
        axes.annotate(
            pick.get("role") or "", point, offset, textcoords="offset points", ha="center", weight="bold", zorder=5
        )


def _floor(rows: Sequence[Mapping], picked: Sequence[Mapping], limits: Mapping[str, float]) -> float:
    """Return the lowest accuracy that is drawn: three times as far below the best as what matters."""
    best = max(row["accuracy"] for row in rows)
    matters = [*(pick["accuracy"] for pick in picked), limits.get("min_accuracy", best)]
    return best - max(3 * (best - min(matters)), 0.03)


def _scale(axes: "Axes", rows: Sequence[Mapping], limits: Mapping[str, float]) -> None:
    luts = [row["lut"] for row in rows] + [limits[name] for name in ("lut",) if name in limits]
    low, high = max(min(luts), 1), max(luts)
    if high > 8 * low:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(low / 1.25, high * 1.25)
    else:
        axes.set_xlim(low - 0.06 * high, 1.06 * high)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value / 1000:g}k" if value >= 1000 else f"{value:g}")
    )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g} %"))
    accuracies = [row["accuracy"] for row in rows] + [limits[name] for name in ("min_accuracy",) if name in limits]
    margin = 0.12 * (max(accuracies) - min(accuracies)) or 0.01
    axes.set_ylim(min(accuracies) - margin, max(accuracies) + margin)


def _draw_budget(axes: "Axes", limits: Mapping[str, float]) -> None:
    if "lut" in limits:
        axes.axvline(limits["lut"], zorder=2, **_BUDGET_LINE)
    if "min_accuracy" in limits:
        axes.axhline(limits["min_accuracy"], zorder=2, **_BUDGET_LINE)


def _draw_hidden(axes: "Axes", count: int, floor: float) -> None:
    if count:
        axes.text(
            0.97, 0.04, f"{count} more below {100 * floor:.1f} %", transform=axes.transAxes, size="small", ha="right"
        )


def _legend(rows: Sequence[Mapping], limits: Mapping[str, float]) -> list[Line2D]:
    def marker(look: tuple[str, str], label: str, **options: object) -> Line2D:
        return Line2D([], [], color=look[0], marker=look[1], linestyle="none", label=label_text(label), **options)

    handles = [marker(_LOOKS.get(name, _OTHER_LOOK), name or "design") for name in _implementations(rows)]
    if not all(_fits(row, limits) for row in rows):
        handles.append(marker((INK, "o"), "beyond the budget", markerfacecolor="none", markeredgewidth=0.9))
    return handles + [Line2D([], [], label="budget", **_BUDGET_LINE)] * bool({"lut", "min_accuracy"} & set(limits))
