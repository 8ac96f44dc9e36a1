"""Figure for papers: resources beside the part's capacity."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import ReportError
from codesign.fpga.design.parts import Part
from codesign.fpga.design.report import DesignReport
from codesign.report.compare import capacity
from codesign.report.figure import INK, label_text, new_figure, style

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
        raise ReportError(
            f"part: expected a part with known capacities. Received: {part or 'none'}; see codesign.fpga.find_part"
        )
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
