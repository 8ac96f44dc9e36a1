"""Figures of `codesign reproduce hbb`: what the slides show, with error bars."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.report.figure import new_figure, save_figures, style
from codesign.reproduce.hbb.experiment import CANCEL_OUT, GATE, MUTUAL_INFORMATION, SELECTORS
from codesign.reproduce.hbb.summary import OWN, PATIENT, PRUNED, SCRATCH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOOKS = {
    GATE: ("#0072b2", "o"),
    CANCEL_OUT: ("#d55e00", "s"),
    MUTUAL_INFORMATION: ("#009e73", "^"),
    OWN: ("#56b4e9", "D"),
}
PLOTS = ("auc-against-features", "stability", "auc-against-active-nodes", "pruned-against-retrained")
_SHIFT = 1.02  # points at one count stand side by side


def write_plots(rows: Sequence[dict], directory: Path, *, data_kind: str) -> list[Path]:
    """Write every figure that the rows allow as PNG and SVG, and return the paths."""
    draw = (plot_features, plot_jaccard, plot_nodes, plot_pruned_against_retrained)
    return save_figures({name: plot(rows, data_kind) for name, plot in zip(PLOTS, draw)}, directory)


def plot_features(rows: Sequence[dict], data_kind: str) -> "Figure":
    """Draw the AUC against the number of features for each selector, and below it the distance from the gate's."""
    rows = [row for row in rows if row["study"] == "features"]
    with style():
        figure = new_figure(height_in=5.0)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        for name, shift in zip((*SELECTORS, OWN), (-0.5, 0.5, 1.5, -1.5)):
            own = [row for row in rows if row["selector"] == name]
            _points(upper, [row["n_features"] * _SHIFT**shift for row in own], own, name)
            if name in (CANCEL_OUT, MUTUAL_INFORMATION):
                _gaps(lower, [row["n_features"] for row in own], own, name, prefix="gate_", sign=-1)
        lower.axhline(0, color=_LOOKS[GATE][0], linewidth=1)
        lower.set_xscale("log", base=2)
        lower.set_xlim(0.9, 1.1 * max(row["n_features"] for row in rows))
        lower.set_yscale("symlog", linthresh=1)
        counts = sorted({row["n_features"] for row in rows})
        lower.set_xticks(counts, counts)
        lower.xaxis.set_minor_locator(_no_ticks())
        lower.set(xlabel="number of features", ylabel=r"$10^3\,$(AUC $-$ gate)")
        upper.set_ylabel(f"AUC ({data_kind} data)")
        figure.legend(*upper.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return figure


def plot_jaccard(rows: Sequence[dict], data_kind: str) -> "Figure":
    """Draw how alike the choices of different seeds are, a group of bars per number of features."""
    rows = [row for row in rows if row["study"] == "features" and "jaccard" in row]
    counts = sorted({row["n_features"] for row in rows})[:-1]  # all features are chosen alike by everybody
    width = 0.8 / len(SELECTORS)
    with style():
        figure = new_figure()
        axes = figure.add_subplot(
            xlabel="number of features", ylabel=f"mean Jaccard index ({data_kind} data)", ylim=(0, 1.08)
        )
        for index, name in enumerate(SELECTORS):
            own = [row for row in rows if row["selector"] == name and row["n_features"] in counts]
            at = np.arange(len(counts)) + width * (index - 1)
            errors = [row["jaccard_error"] for row in own]
            axes.bar(at, [row["jaccard"] for row in own], 0.9 * width, yerr=errors, color=_LOOKS[name][0], label=name)
        axes.set_xticks(range(len(counts)), counts)
        axes.xaxis.set_minor_locator(_no_ticks())
        figure.legend(loc="outside upper left", ncols=3)
    return figure


def plot_nodes(rows: Sequence[dict], data_kind: str) -> "Figure":
    """Draw the AUC of the pruned network against the percentage of active hidden nodes."""
    rows = [row for row in rows if row["study"] == "nodes" and row["method"] == PRUNED]
    with style():
        figure = new_figure()
        axes = figure.add_subplot(xlabel="active hidden nodes (%)", ylabel=f"AUC ({data_kind} data)", xlim=(0, 104))
        _points(axes, [row["active_nodes_percent"] for row in rows], rows, GATE, label=PRUNED)
        figure.legend(loc="outside upper left")
    return figure


def plot_pruned_against_retrained(rows: Sequence[dict], data_kind: str) -> "Figure":
    """Draw pruned networks beside their architectures trained from scratch, and the differences with their errors."""
    rows = [row for row in rows if row["study"] == "nodes"]
    pruned, scratch, patient = ([row for row in rows if row["method"] == name] for name in (PRUNED, SCRATCH, PATIENT))
    percent = np.array([row["active_nodes_percent"] for row in pruned])
    with style():
        figure = new_figure(height_in=4.6)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        _points(upper, percent - 0.7, pruned, GATE, label=PRUNED)
        for name, rows, look, shift in (
            (SCRATCH, scratch, CANCEL_OUT, 0.0),
            (PATIENT, patient, MUTUAL_INFORMATION, 0.7),
        ):
            _points(upper, percent + shift, rows, look, label=name)
            _gaps(lower, percent + shift, rows, look, prefix="", sign=-1)
        lower.axhline(0, color=_LOOKS[GATE][0], linewidth=1)
        lower.set(xlabel="active hidden nodes (%)", ylabel=r"$10^3\,$(AUC $-$ pruned)", xlim=(0, 104))
        upper.set_ylabel(f"AUC ({data_kind} data)")
        figure.legend(loc="outside upper left", ncols=2)
    return figure


def _points(axes: "Axes", x: Sequence[float], rows: Sequence[dict], name: str, *, label: str | None = None) -> None:
    """Draw AUCs with their standard errors over seeds."""
    colour, marker = _LOOKS[name]
    errors = [row["auc_seed_error"] or 0.0 for row in rows]
    label = label or (name if name == OWN else f"{name}, retrained")
    axes.errorbar(x, [row["auc"] for row in rows], errors, color=colour, marker=marker, capsize=2, label=label)


def _gaps(axes: "Axes", x: Sequence[float], rows: Sequence[dict], name: str, *, prefix: str, sign: int) -> None:
    """Draw differences in 0.001, with the combined error of seeds and test sample."""
    colour, marker = _LOOKS[name]
    gaps = [1e3 * sign * row[f"{prefix}difference"] for row in rows]
    errors = [1e3 * row[f"{prefix}difference_error"] for row in rows]
    axes.errorbar(x, gaps, errors, color=colour, marker=marker, capsize=2)


def _no_ticks() -> object:
    from matplotlib.ticker import NullLocator

    return NullLocator()
