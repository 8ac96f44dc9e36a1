"""Figures of a report: resources beside the part's capacity, agreement of two models, and all that a report.json allows."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import ReportError
from codesign.fpga.design_report import DesignReport
from codesign.fpga.parts import Part
from codesign.report.compare import capacity
from codesign.report.figure import INK, figure_to_svg, label_text, new_figure, style
from codesign.report.own_json import design_report_from
from codesign.report.pareto import plot_pareto
from codesign.report.parse import TRUST

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette: distinct for colour-blind readers, and on light and dark paper.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9")
_LABELS = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram_18k": "BRAM 18 kb"}
_SMALLEST_SHARE = 1e-4  # left end of the resource axis: 0.01 %


def plot_resources(reports: Mapping[str, DesignReport], part: str | Part = "") -> "Figure":
    """Draw the share of the part that each report's resources take, in logarithmic bars up to 100 %.

    Args:
        part: whose capacities count where a report names no part of its own.

    Raises:
        ReportError: if the capacity of no resource is known.
    """
    part = part.name if isinstance(part, Part) else part
    names = [name for name in _LABELS if any(_share(one, name, part) is not None for one in reports.values())]
    if not names:
        raise ReportError(f"part: expected a part with known capacities. Received: {part or 'none'}; see codesign.fpga.find_part")
    height = 0.8 / len(reports)
    with style():
        figure = new_figure(height_in=0.9 + 0.2 * len(names) * (len(reports) + 0.5))
        axes = figure.add_subplot(xscale="log", xlim=(_SMALLEST_SHARE, 1.0))
        for index, (label, report) in enumerate(reports.items()):
            offsets = np.arange(len(names)) - 0.4 + height * (index + 0.5)
            shares = {name: _share(report, name, part) or 0.0 for name in names}
            widths = np.maximum(list(shares.values()), _SMALLEST_SHARE)
            axes.barh(offsets, widths, height * 0.86, color=_COLOURS[index % 6], label=label_text(label))
            for offset, (name, share) in zip(offsets, shares.items()):
                _label_bar(axes, offset, share, getattr(report, name))
        axes.set_yticks(range(len(names)), [_LABELS[name] for name in names])
        axes.set(ylim=(len(names) - 0.5, -0.5), xlabel=f"share of {label_text(part or 'the part')}")
        axes.tick_params(axis="y", which="both", length=0)
        axes.set_xticks([1e-4, 1e-3, 1e-2, 1e-1, 1.0], ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"])
        figure.legend(loc="outside upper left", ncols=2)
    return figure


def plot_agreement(float_outputs: np.ndarray, fixed_outputs: np.ndarray, names: Sequence[str] = ()) -> "Figure":
    """Draw how far fixed point is from float: a histogram of the difference, one line per output.

    Args:
        float_outputs, fixed_outputs: (n_events, n_outputs).
        names: one per output.

    Raises:
        ReportError: if the shapes differ, or there is no event.
    """
    reference, fixed = np.atleast_2d(np.asarray(float_outputs, float)), np.atleast_2d(np.asarray(fixed_outputs, float))
    if reference.shape != fixed.shape or not reference.size:
        raise ReportError(f"outputs: expected two arrays (n_events, n_outputs). Received: {reference.shape} and {fixed.shape}")
    difference = fixed - reference
    edge = float(np.abs(difference).max()) or 1.0
    bins = np.linspace(-edge, edge, 61)
    with style():
        figure = new_figure(height_in=3.0)
        axes = figure.add_subplot(xlabel="fixed point - float", ylabel="events", yscale="log")
        for index, column in enumerate(difference.T):
            label = names[index] if index < len(names) else f"output {index}"
            counts, _ = np.histogram(column, bins)
            axes.stairs(counts, bins, color=_COLOURS[index % 6], label=label_text(label))
        axes.set_ylim(bottom=0.5)
        axes.ticklabel_format(axis="x", scilimits=(-4, 4))
        figure.legend(loc="outside upper left", ncols=3)
    return figure


def draw_figures(report: Mapping) -> dict[str, str]:
    """Return the SVG figures of a ``report.json`` by name: ``pareto`` and ``resources``, as far as its numbers allow."""
    front, picked, part = report.get("front") or [], report.get("picked") or [], report.get("part") or ""
    drawn = {}
    if any(row.get("accuracy") is not None and row.get("lut") is not None for row in front):
        drawn["pareto"] = figure_to_svg(plot_pareto(front, picked, report.get("budget")))
    reports = dict(_best_report(pick) for pick in picked if _best_report(pick))
    if any(_share(one, "lut", part) is not None for one in reports.values()):
        drawn["resources"] = figure_to_svg(plot_resources(reports, part))
    return drawn


def _best_report(pick: Mapping) -> tuple[str, DesignReport] | None:
    """Return the report of a pick that is nearest to the device and knows the LUTs, labelled with its source."""
    known = [design_report_from(one) for one in pick.get("reports") or [] if one.get("lut") is not None]
    best = min(known, key=lambda report: TRUST.index(report.source), default=None)
    return (f"{pick.get('role', 'pick')} ({best.source})", best) if best else None


def _share(report: DesignReport, name: str, part: str) -> float | None:
    limit, value = capacity(report, name, part), getattr(report, name)
    return value / limit if value is not None and limit else None


def _label_bar(axes: "Axes", offset: float, share: float, count: int | None) -> None:
    text = "not reported" if count is None else f"{count:,}" + (f" · {100 * share:.2g} %" if share else "")
    inside = share > 0.03
    axes.annotate(
        text,
        (max(share, _SMALLEST_SHARE), offset),
        (-4 if inside else 4, 0),
        textcoords="offset points",
        ha="right" if inside else "left",
        va="center",
        size="x-small",
        color="white" if inside else INK,
    )
