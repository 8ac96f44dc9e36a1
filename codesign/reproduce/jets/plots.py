"""Figure of `codesign reproduce jets`: accuracy against the cost of the adder graph."""

from pathlib import Path
from typing import TYPE_CHECKING

from codesign.report.figure import new_figure, save_figures, style
from codesign.reproduce.jets.goals import front
from codesign.reproduce.jets.methods import TITLES
from codesign.reproduce.jets.rows import Results, points_of
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.tasks import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOT = "accuracy-against-cost"
_LOOKS = {
    "posterior": ("#0072b2", "o"),
    "peer": ("#d55e00", "s"),
    "pruned": ("#e69f00", "^"),
    "ternary": ("#cc79a7", "P"),
    "variational": ("#009e73", "D"),
}


def save_plots(results: Results, settings: JetsSettings, task: Task, data_kind: str, directory: Path) -> list[Path]:
    """Write the plot as SVG and PNG, and return their paths."""
    return save_figures({PLOT: plot_fronts(results, settings, task, data_kind)}, directory)


def plot_fronts(results: Results, settings: JetsSettings, task: Task, data_kind: str) -> "Figure":
    """Draw every point of every seed, and each seed's front as a line."""
    with style():
        figure = new_figure()
        axes = figure.add_subplot(
            xlabel="da4ml cost of the adder graph (about LUTs)", ylabel=f"accuracy, {task.name} ({data_kind} data)"
        )
        for family, (colour, marker) in _LOOKS.items():
            for index, points in enumerate(points_of(results, family).values()):
                label = TITLES[family].format(bits=settings.bits) if index == 0 else None
                found = front(points)
                costs = [max(1, point["adder_cost"]) for point in found]  # a network of constants costs nothing
                accuracies = [point["test_accuracy"] for point in found]
                axes.plot(costs, accuracies, color=colour, marker=marker, markersize=3, linewidth=0.8, label=label)
        axes.set_xscale("log")
        ours = [point["test_accuracy"] for points in points_of(results, "posterior").values() for point in points]
        if task.accuracies and max(ours, default=0) > task.accuracies[0]:
            axes.set_ylim(task.accuracies[0] - 0.01, task.accuracies[1] + 0.01)
        figure.legend(loc="outside upper left", ncols=2)
    return figure
