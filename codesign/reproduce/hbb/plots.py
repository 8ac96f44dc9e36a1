"""Figures of `codesign reproduce hbb`: what the slides show, with error bars."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from codesign.report.figure import new_figure
from codesign.reproduce.figures import Curve, curve_figure, draw_curves
from codesign.reproduce.hbb.jobs import CANCEL_OUT, GATE, MUTUAL_INFORMATION, OWN, PATIENT, SCRATCH, SELECTORS
from codesign.reproduce.hbb.rows import PRUNED, RETRAINED
from codesign.reproduce.study import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLUE, _RED, _GREEN = (
    {"color": colour, "marker": marker, "capsize": 2}
    for colour, marker in (("#0072b2", "o"), ("#d55e00", "s"), ("#009e73", "^"))
)
_LOOKS = {
    GATE: _BLUE,
    CANCEL_OUT: _RED,
    MUTUAL_INFORMATION: _GREEN,
    OWN: {"color": "#56b4e9", "marker": "D", "capsize": 2},
}
_SHIFTS = dict(zip((*SELECTORS, OWN), (-0.5, 0.5, 1.5, -1.5)))
_SHIFT = 1.02  # points at one count stand side by side
_SHARES = {"xlabel": "active hidden nodes (%)", "xlim": (0, 104)}


def plot_features(run: Run) -> "Figure":
    """Draw the AUC against the number of features for each selector, and below it each rival less the gate."""
    rows = [row for row in run.rows if row["study"] == "features"]
    figure = new_figure(height_in=5.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    for name, shift in _SHIFTS.items():
        own = [row for row in rows if row["selector"] == name]
        at = [row["n_features"] for row in own]
        label = name if name == OWN else f"{name}, retrained"
        draw_curves(upper, [_aucs([count * _SHIFT**shift for count in at], own, label, _LOOKS[name])])
        if name in (CANCEL_OUT, MUTUAL_INFORMATION):
            draw_curves(lower, [_gaps(at, own, _LOOKS[name], prefix="gate_")])
    lower.axhline(0, color=_BLUE["color"], linewidth=1)
    lower.set_xscale("log", base=2)
    lower.set_xlim(0.9, 1.1 * max(row["n_features"] for row in rows))
    lower.set_yscale("symlog", linthresh=1)
    counts = sorted({row["n_features"] for row in rows})
    lower.set_xticks(counts, counts)
    lower.xaxis.set_minor_locator(_no_ticks())
    lower.set(xlabel="number of features", ylabel=r"$10^3\,$(AUC $-$ gate)")
    upper.set_ylabel(f"AUC ({run.data.kind} data)")
    figure.legend(*upper.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return figure


def plot_jaccard(run: Run) -> "Figure":
    """Draw how alike the choices of different seeds are, a group of bars per number of features."""
    rows = [row for row in run.rows if "jaccard" in row]
    counts = sorted({row["n_features"] for row in rows})[:-1]  # all features are chosen alike by everybody
    width = 0.8 / len(SELECTORS)
    figure = new_figure()
    label = f"mean Jaccard index ({run.data.kind} data)"
    axes = figure.add_subplot(xlabel="number of features", ylabel=label, ylim=(0, 1.08))
    for index, name in enumerate(SELECTORS):
        own = [row for row in rows if row["selector"] == name and row["n_features"] in counts]
        at = np.arange(len(counts)) + width * (index - 1)
        errors, colour = [row["jaccard_error"] for row in own], _LOOKS[name]["color"]
        axes.bar(at, [row["jaccard"] for row in own], 0.9 * width, yerr=errors, color=colour, label=name)
    axes.set_xticks(range(len(counts)), counts)
    axes.xaxis.set_minor_locator(_no_ticks())
    figure.legend(loc="outside upper left", ncols=3)
    return figure


def plot_nodes(run: Run) -> "Figure":
    """Draw the AUC of the pruned network against the percentage of active hidden nodes."""
    rows = _of_nodes(run, PRUNED)
    curve = _aucs([row["active_nodes_percent"] for row in rows], rows, PRUNED, _BLUE)
    return curve_figure([curve], ylabel=f"AUC ({run.data.kind} data)", **_SHARES)


def plot_pruned_against_retrained(run: Run) -> "Figure":
    """Draw pruned networks beside their architectures trained from scratch, and the differences with their errors."""
    pruned = _of_nodes(run, PRUNED)
    percent = np.array([row["active_nodes_percent"] for row in pruned])
    figure = new_figure(height_in=4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    draw_curves(upper, [_aucs(percent - 0.7, pruned, PRUNED, _BLUE)])
    for length, look, shift in ((SCRATCH, _RED, 0.0), (PATIENT, _GREEN, 0.7)):
        rows = _of_nodes(run, RETRAINED[length])
        draw_curves(upper, [_aucs(percent + shift, rows, RETRAINED[length], look)])
        draw_curves(lower, [_gaps(percent + shift, rows, look, prefix="")])
    lower.axhline(0, color=_BLUE["color"], linewidth=1)
    lower.set(ylabel=r"$10^3\,$(AUC $-$ pruned)", **_SHARES)
    upper.set_ylabel(f"AUC ({run.data.kind} data)")
    figure.legend(loc="outside upper left", ncols=2)
    return figure


FIGURES = {
    "auc-against-features": plot_features,
    "stability": plot_jaccard,
    "auc-against-active-nodes": plot_nodes,
    "pruned-against-retrained": plot_pruned_against_retrained,
}


def _of_nodes(run: Run, method: str) -> list[dict]:
    return [row for row in run.rows if row["study"] == "nodes" and row["method"] == method]


def _aucs(x: Sequence[float], rows: Sequence[dict], label: str, look: dict) -> Curve:
    """AUCs with their standard errors over seeds."""
    return Curve(x, [row["auc"] for row in rows], label, look, [row["auc_seed_error"] for row in rows])


def _gaps(x: Sequence[float], rows: Sequence[dict], look: dict, *, prefix: str) -> Curve:
    """Differences to what is compared with, in 0.001, with the combined error of seeds and test sample."""
    gaps = [-1e3 * row[f"{prefix}difference"] for row in rows]
    return Curve(x, gaps, None, look, [1e3 * row[f"{prefix}difference_error"] for row in rows])


def _no_ticks() -> object:
    from matplotlib.ticker import NullLocator

    return NullLocator()
