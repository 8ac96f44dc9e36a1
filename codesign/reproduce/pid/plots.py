"""Plots of the table: mean AUC against live weights and live units, and the six AUCs of the main methods."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.data.pid import CLASSES
from codesign.report.figure import new_figure, save_figures, style
from codesign.reproduce.pid.rows import family

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
PLOTS = ("auc-against-live-weights", "auc-against-live-units", "auc-by-class")


def save_plots(rows: Sequence[Mapping], data_kind: str, directory: Path) -> list[Path]:
    """Write the plots as SVG and PNG, and return their paths."""
    figures = [*(plot_auc_against(rows, data_kind, cost) for cost in _COSTS), plot_auc_by_class(rows, data_kind)]
    return save_figures(dict(zip(PLOTS, figures)), directory)


def plot_auc_against(rows: Sequence[Mapping], data_kind: str, cost: str) -> "Figure":
    """Draw the mean AUC of every method against a cost, with its error over seeds.

    Args:
        cost: ``live_weights`` or ``live_units``.
    """
    with style():
        figure = new_figure(width_in=5.2, height_in=4.0)
        axes = figure.add_subplot(xscale="log", xlabel=_COSTS[cost], ylabel="mean AUC, one versus rest")
        for kind, (colour, marker, label) in _LOOKS.items():
            points = sorted(_of_kind(rows, kind), key=lambda row: row[cost])
            if points:
                errors = [row["auc_mean_error"] or 0.0 for row in points]
                x, y = [row[cost] for row in points], [row["auc_mean"] for row in points]
                axes.errorbar(x, y, errors, color=colour, marker=marker, label=label, linewidth=1.0)
        _plain_ticks(axes, [row[cost] for row in rows if family(row["method"])[0] != "binary"])
        figure.legend(loc="outside upper left", ncols=2)
        _name_data(axes, data_kind)
    return figure


def plot_auc_by_class(rows: Sequence[Mapping], data_kind: str) -> "Figure":
    """Draw, for each class, the AUC of the most accurate row of each method: bars of 1 - AUC, so that short is good."""
    best = [max(_of_kind(rows, kind), key=lambda row: row["auc_mean"], default=None) for kind in _LOOKS]
    chosen = [(row, look) for row, look in zip(best, _LOOKS.values()) if row is not None]
    height = 0.8 / len(chosen)
    with style():
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
        _name_data(axes, data_kind)
    return figure


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
