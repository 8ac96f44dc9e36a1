"""Figure of `codesign reproduce jets`: accuracy against the cost of the adder graph."""

from typing import TYPE_CHECKING

from codesign.reproduce.figures import Curve, curve_figure
from codesign.reproduce.jets.goals import front
from codesign.reproduce.jets.methods import TITLES
from codesign.reproduce.jets.rows import points_of
from codesign.reproduce.jets.tasks import Task
from codesign.reproduce.study import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOT = "accuracy-against-cost"
_LOOKS = {
    "posterior": ("#0072b2", "o"),
    "tables": ("#56b4e9", "v"),
    "peer": ("#d55e00", "s"),
    "pruned": ("#e69f00", "^"),
    "ternary": ("#cc79a7", "P"),
    "variational": ("#009e73", "D"),
}


def plot_fronts(task: Task, run: Run) -> "Figure":
    """Draw every seed's front of every method as a line."""
    curves = []
    for family, (colour, marker) in _LOOKS.items():
        look = {"color": colour, "marker": marker, "markersize": 3, "linewidth": 0.8}
        for index, points in enumerate(points_of(run.results, family).values()):
            found = front(points)
            costs = [max(1, point["adder_cost"]) for point in found]  # a network of constants costs nothing
            label = TITLES[family].format(bits=run.settings.bits) if index == 0 else None
            curves.append(Curve(costs, [point["test_accuracy"] for point in found], label, look))
    labels = {"xlabel": "da4ml cost of the adder graph (about LUTs)", "xscale": "log"}
    figure = curve_figure(curves, columns=2, ylabel=f"accuracy, {task.name} ({run.data.kind} data)", **labels)
    ours = [point["test_accuracy"] for points in points_of(run.results, "posterior").values() for point in points]
    if task.accuracies and max(ours, default=0) > task.accuracies[0]:
        figure.axes[0].set_ylim(task.accuracies[0] - 0.01, task.accuracies[1] + 0.01)
    return figure
