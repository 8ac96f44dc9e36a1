"""Curves of a study: points with errors, one look for each method."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesign.report.figure import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Curve:
    """Points of one method, joined by a line.

    Args:
        x, y: of the points.
        label: in the legend; None for none.
        look: matplotlib's properties: ``color``, ``marker``, ...
        errors: of y; None draws none.
    """

    x: Sequence[float]
    y: Sequence[float]
    label: str | None
    look: dict[str, object]
    errors: Sequence[float | None] | None = None


def draw_curves(axes: "Axes", curves: Iterable[Curve]) -> None:
    """Draw the curves; an error of None, as of a single seed, is none."""
    for curve in curves:
        if curve.errors is None:
            axes.plot(curve.x, curve.y, label=curve.label, **curve.look)
        else:
            errors = [error or 0.0 for error in curve.errors]
            axes.errorbar(curve.x, curve.y, errors, label=curve.label, **curve.look)


def curve_figure(
    curves: Iterable[Curve],
    *,
    columns: int = 1,
    legend_size: str = "small",
    size_in: tuple[float, float] = (4.7, 3.2),
    **axes: object,
) -> "Figure":
    """Return a figure of curves, their legend above it.

    Args:
        columns, legend_size: of the legend.
        size_in: width and height.
        axes: matplotlib's properties of the axes: ``xlabel``, ``yscale``, ...
    """
    figure = new_figure(width_in=size_in[0], height_in=size_in[1])
    draw_curves(figure.add_subplot(**axes), curves)
    figure.legend(loc="outside upper left", ncols=columns, fontsize=legend_size)
    return figure
