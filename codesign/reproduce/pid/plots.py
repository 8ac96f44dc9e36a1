"""Plots of the table: mean AUC against live weights and live units, and the six AUCs of the main methods."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from codesign.data.pid import CLASSES
from codesign.report.figure import new_figure
from codesign.reproduce.figures import Curve, curve_figure
from codesign.reproduce.pid.rows import family
from codesign.reproduce.study import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, with a marker each, so that no reader depends on colour.
_LOOKS = {
    "dense": ("#000000", "o", "dense"),
    "variational": ("#0072b2", "s", "variational dropout"),
    "magnitude": ("#e69f00", "^", "TFMOT magnitude, uniform"),
    "magnitude-spared": ("#d55e00", "v", "TFMOT magnitude, output spared"),
    "gate": ("#009e73", "D", "exact-count gate"),
    "ternary": ("#cc79a7", "P", "TTQ"),
    "peer": ("#56b4e9", "X", "pytorch-ard 0.2.4"),
}
_COSTS = {"live_weights": "live weights", "live_units": "live hidden units"}


def plot_auc_against(run: Run, cost: str) -> "Figure":
    """Draw the mean AUC of every method against a cost, with its error over seeds.

    Args:
        cost: ``live_weights`` or ``live_units``.
    """
    curves = []
    for kind, (colour, marker, label) in _LOOKS.items():
        points = sorted(_of_kind(run.rows, kind), key=lambda row: row[cost])
        if points:
            x, y, errors = ([row[key] for row in points] for key in (cost, "auc_mean", "auc_mean_error"))
            curves.append(Curve(x, y, label, {"color": colour, "marker": marker, "linewidth": 1.0}, errors))
    scales = {"xscale": "log", "xlabel": _COSTS[cost], "ylabel": "mean AUC, one versus rest"}
    figure = curve_figure(curves, columns=2, size_in=(5.2, 4.0), **scales)
    _plain_ticks(figure.axes[0], [row[cost] for row in run.rows if family(row["method"])[0] != "binary"])
    _name_data(figure.axes[0], run.data.kind)
    return figure


def plot_auc_by_class(run: Run) -> "Figure":
    """Draw, for each class, the AUC of the most accurate row of each method: bars of 1 - AUC, so that short is good."""
    best = [max(_of_kind(run.rows, kind), key=lambda row: row["auc_mean"], default=None) for kind in _LOOKS]
    chosen = [(row, look) for row, look in zip(best, _LOOKS.values()) if row is not None]
    height = 0.8 / len(chosen)
    figure = new_figure(width_in=5.2, height_in=0.9 + 0.12 * len(CLASSES) * (len(chosen) + 1))
    axes = figure.add_subplot(xlabel="1 - AUC, one versus rest", ylim=(len(CLASSES) - 0.4, -0.6))
    for index, (row, (colour, _, label)) in enumerate(chosen):
        values = [1 - row[f"auc_{name.lower()}"] for name in CLASSES]
        errors = [row[f"auc_{name.lower()}_error"] or 0.0 for name in CLASSES]
        offsets = np.arange(len(CLASSES)) - 0.4 + height * (index + 0.5)
        label = f"{label}, {row['live_weights']:,.0f} weights"
        axes.barh(offsets, values, height * 0.86, xerr=errors, color=colour, ecolor="#777777", label=label)
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.tick_params(axis="y", which="both", length=0)
    figure.legend(loc="outside upper left", ncols=2)
    _name_data(axes, run.data.kind)
    return figure


FIGURES = {
    "auc-against-live-weights": partial(plot_auc_against, cost="live_weights"),
    "auc-against-live-units": partial(plot_auc_against, cost="live_units"),
    "auc-by-class": plot_auc_by_class,
}


def _of_kind(rows: Sequence[Mapping], kind: str) -> list[Mapping]:
    return [row for row in rows if kind in (family(row["method"])[0], row["method"].removesuffix("-150"))]


def _plain_ticks(axes: "Axes", values: Sequence[float]) -> None:
    low, high = 0.8 * min(values), 1.25 * max(values)
    ticks = [digit * 10**power for power in range(6) for digit in (1, 2, 5) if low <= digit * 10**power <= high]
    axes.set_xlim(low, high)
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.tick_params(axis="x", which="minor", labelbottom=False)


def _name_data(axes: "Axes", data_kind: str) -> None:
    axes.annotate(f"{data_kind} data", (0.98, 0.03), xycoords="axes fraction", ha="right", va="bottom", size="small")
