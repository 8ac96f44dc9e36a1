"""Figures of drones: what the drone loses against its teacher, and times of every runtime."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.data import Dataset
from codesign.report.figure import new_figure, save_figures, style
from codesign.reproduce.drones.settings import TITLES
from codesign.reproduce.drones.summary import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOTS = ("differences", "times")
_COLOURS = ("#0072b2", "#d55e00", "#009e73")


def save_plots(results: Results, times: Sequence[dict], data: Dataset, directory: Path) -> list[Path]:
    """Write the plots as SVG and PNG, and return their paths."""
    return save_figures(dict(zip(PLOTS, (plot_differences(results, data), plot_times(times, data)))), directory)


def plot_differences(results: Results, data: Dataset) -> "Figure":
    """Draw, for every seed, the mean difference to the teacher against what the AUC loses."""
    with style():
        figure = new_figure()
        axes = figure.add_subplot(
            xlabel="mean |teacher - drone|", ylabel=f"AUC of drone - AUC of teacher, {data.name} ({data.kind} data)"
        )
        for colour, (name, by_seed) in zip(_COLOURS, results.items()):
            found = list(by_seed.values())
            points = [one["mean_difference"] for one in found], [one["auc_difference"] for one in found]
            axes.plot(*points, "o", color=colour, label=TITLES[name])
        axes.axhline(0, color="black", linewidth=0.5)
        figure.legend(loc="outside upper left")
    return figure


def plot_times(times: Sequence[dict], data: Dataset) -> "Figure":
    """Draw the time per event against the events per call."""
    with style():
        figure = new_figure()
        axes = figure.add_subplot(
            xlabel="events per call", ylabel=f"CPU time per event, ns ({data.kind} data)", xscale="log", yscale="log"
        )
        for key in dict.fromkeys((row["network"], row["runtime"]) for row in times):
            found = [row for row in times if (row["network"], row["runtime"]) == key]
            axes.plot(
                [row["batch"] for row in found],
                [row["ns_per_event"] for row in found],
                "o-",
                markersize=4,
                label=" in ".join(key),
            )
        figure.legend(loc="outside upper left", ncols=2, fontsize="x-small")
    return figure
