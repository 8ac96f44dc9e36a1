"""The figure of a comparison: for each quantity one bar per report, with its number and who says it."""

from typing import TYPE_CHECKING

from codesign.report.compare import ComparisonRow, ReportComparison
from codesign.report.figure import INK, label_text, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9")  # Okabe and Ito's, as of the other plots
_DRAWN = ("lut", "ff", "dsp", "bram_18k", "latency_cycles", "latency_ns", "initiation_interval")


def plot_comparison(comparison: ReportComparison) -> "Figure":
    """Draw each quantity in a panel of its own, from zero; a quantity that is zero everywhere is left out.

    Args:
        comparison: from :func:`codesign.report.compare_reports`.
    """
    rows = [row for row in comparison.rows if row.key in _DRAWN and any(row.values)]
    names = list(comparison.reports)
    with style():
        figure = new_figure(width_in=5.6, height_in=0.6 + max(1, len(rows)) * (0.34 + 0.17 * len(names)))
        panels = figure.subplots(max(1, len(rows)), 1, squeeze=False)[:, 0]
        for axes, row in zip(panels, rows):
            _draw(axes, row)
        if not rows:
            panels[0].set_axis_off()
            panels[0].text(0, 0.5, "no report has a number to draw")
        bars = [panels[0].barh([0], [0], color=_COLOURS[index % 6]) for index in range(len(names))]
        figure.legend(bars, [label_text(name) for name in names], loc="outside upper left", ncols=1)
    return figure


def _draw(axes: "Axes", row: ComparisonRow) -> None:
    largest = max(value for value in row.values if value is not None)
    for index, (value, source) in enumerate(zip(row.values, row.sources)):
        axes.barh(index, value or 0, 0.82, color=_COLOURS[index % 6])
        number = f"{value:,}" if isinstance(value, int) else "not reported" if value is None else f"{value:,.4g}"
        text = f"{number} ({source})" if source else number
        axes.annotate(
            text, (value or 0, index), (4, 0), textcoords="offset points", va="center", size="x-small", color=INK
        )
    axes.set(xlim=(0, 1.6 * largest), ylim=(len(row.values) - 0.5, -0.5))
    axes.set_yticks([(len(row.values) - 1) / 2], [f"{row.label} ({row.unit})" if row.unit else row.label])
    axes.set_xticks([])
    axes.tick_params(axis="y", which="both", length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
