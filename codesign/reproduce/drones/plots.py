"""Figures of drones: what the drone loses against its teacher, and times of every runtime."""

from typing import TYPE_CHECKING

from codesign.reproduce.drones.rows import TIMES
from codesign.reproduce.drones.settings import TITLES
from codesign.reproduce.figures import Curve, curve_figure
from codesign.reproduce.study import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = dict(zip(TITLES, ("#0072b2", "#d55e00", "#009e73")))


def plot_differences(run: Run) -> "Figure":
    """Draw, for every seed, the mean difference to the teacher against what the AUC loses."""
    curves = []
    for name, colour in _COLOURS.items():
        found = list(run.results.get(name, {}).values())
        x, y = ([one[key] for one in found] for key in ("mean_difference", "auc_difference"))
        if found:
            curves.append(Curve(x, y, TITLES[name], {"color": colour, "marker": "o", "linestyle": "none"}))
    label = f"AUC of drone - AUC of teacher, {run.data.name} ({run.data.kind} data)"
    figure = curve_figure(curves, xlabel="mean |teacher - drone|", ylabel=label)
    figure.axes[0].axhline(0, color="black", linewidth=0.5)
    return figure


def plot_times(run: Run) -> "Figure":
    """Draw the time per event against the events per call."""
    times = run.results[TIMES][run.seeds[0]]["rows"]
    curves = []
    for key in dict.fromkeys((row["network"], row["runtime"]) for row in times):
        found = [row for row in times if (row["network"], row["runtime"]) == key]
        x, y = ([row[name] for row in found] for name in ("batch", "ns_per_event"))
        curves.append(Curve(x, y, " in ".join(key), {"marker": "o", "markersize": 4}))
    label = f"CPU time per event, ns ({run.data.kind} data)"
    scales = {"xlabel": "events per call", "xscale": "log", "yscale": "log"}
    return curve_figure(curves, columns=2, legend_size="x-small", ylabel=label, **scales)


FIGURES = {"differences": plot_differences, "times": plot_times}
