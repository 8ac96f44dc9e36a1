"""Figures of the ladder: how metrics rise, what training and test cost, losses epoch by epoch."""

from typing import TYPE_CHECKING

import numpy as np

from codesign.report.figure import new_figure
from codesign.reproduce.figures import Curve, curve_figure
from codesign.reproduce.higgsml.settings import TITLES
from codesign.reproduce.study import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_metrics(run: Run) -> "Figure":
    """Draw the weighted AUC and the mean AMS row by row, with errors over seeds."""
    figure = new_figure(width_in=6.5, height_in=3.6)
    for place, (key, label) in enumerate((("auc_weighted", "weighted AUC"), ("mean_ams", "mean AMS"))):
        axes = figure.add_subplot(1, 2, place + 1, xlabel=f"{label} ({run.data.kind} data)")
        heights = np.arange(len(run.rows))[::-1]
        errors = [row[f"{key}_error"] or 0 for row in run.rows]
        axes.errorbar([row[key] for row in run.rows], heights, xerr=errors, fmt="o", markersize=4)
        axes.set_yticks(heights, [row["title"] for row in run.rows] if not place else [""] * len(heights))
    return figure


def _bars(run: Run, key: str, label: str) -> "Figure":
    rows = [row for row in run.rows if row.get(key)]
    figure = new_figure(width_in=5.5, height_in=3.2)
    axes = figure.add_subplot(xscale="log", xlabel=f"{label} ({run.data.kind} data)")
    axes.barh([row["title"] for row in rows][::-1], [row[key] for row in rows][::-1])
    return figure


def plot_training_time(run: Run) -> "Figure":
    """Draw the CPU time of the trainings."""
    return _bars(run, "train_cpu_s", "CPU time of the training, s")


def plot_test_time(run: Run) -> "Figure":
    """Draw the CPU time of an event in Keras."""
    return _bars(run, "test_us_per_event", "CPU time of a test event in Keras, us")


def plot_losses(run: Run) -> "Figure":
    """Draw the mean loss of the members on their folds, epoch by epoch."""
    curves = []
    for method in run.settings.methods:
        losses = np.mean([one["losses"] for one in run.of(method)], 0)
        curves.append(Curve(np.arange(1, len(losses) + 1), losses, TITLES[method], {"marker": "."}))
    labels = {"xlabel": "epoch", "ylabel": f"mean loss on the folds ({run.data.kind} data)"}
    return curve_figure(curves, columns=2, legend_size="x-small", size_in=(5.5, 4.2), **labels)


FIGURES = {
    "metrics": plot_metrics,
    "training_time": plot_training_time,
    "test_time": plot_test_time,
    "losses": plot_losses,
}
