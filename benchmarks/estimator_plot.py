"""Predicted against measured, with intervals, in one picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from estimator_families import Figures

from codesign.fpga.estimate.fit.measured import measured_figures

_PANELS = {"csynth_lut": "LUT (csynth)", "csynth_ff": "FF (csynth)", "csynth_dsp": "DSP (csynth)"}
_PANELS.update(latency_cycles="latency, cycles", lut="LUT (logic synthesis)", ff="FF (logic synthesis)")
_MOST_OF_A_FAMILY = 40  # points


def plot_predictions(path: Path, rows: Sequence[dict[str, str]], found: Mapping[str, Figures]) -> None:
    """Draw six panels: each design's estimate and 90 % interval above what the tool reported."""
    families = sorted({cells.get("family", "") for cells in rows})
    figure, axes = plt.subplots(2, 3, figsize=(12, 8), layout="constrained")
    for panel, (name, title) in zip(axes.flat, _PANELS.items()):
        for index, family in enumerate(families):
            _draw(panel, name, _thinned([cells for cells in rows if cells.get("family", "") == family]), found, index)
        ends = panel.get_xlim()
        panel.plot(ends, ends, color="grey", linewidth=0.8, zorder=0)
        panel.set(xscale="log", yscale="log", title=title, xlabel="1 + measured", ylabel="1 + estimate")
    handles = [plt.Line2D([], [], marker="o", linestyle="", color=f"C{index % 10}") for index in range(len(families))]
    figure.legend(handles, families, loc="outside lower center", ncols=6, frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _thinned(rows: Sequence[dict[str, str]]) -> Sequence[dict[str, str]]:
    return rows[:: -(-len(rows) // _MOST_OF_A_FAMILY) or 1]


def _draw(panel: plt.Axes, name: str, rows: Sequence[dict[str, str]], found: Mapping[str, Figures], index: int) -> None:
    points = []
    for cells in rows:
        measured = measured_figures(cells)
        values, intervals = found.get(cells["id"], ({}, {}))
        if name in measured and name in values:
            low, high = intervals.get(name, (values[name], values[name]))
            points.append((1 + measured[name], 1 + values[name], 1 + low, 1 + high))
    if points:
        truth, value, low, high = zip(*points)
        color = f"C{index % 10}"
        panel.vlines(truth, low, high, color=color, alpha=0.25, linewidth=1)
        panel.scatter(truth, value, s=9, color=color)
