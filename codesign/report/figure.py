"""One style for every figure, and deterministic SVG that takes its ink from the page it is embedded in."""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import matplotlib
import mplhep
from matplotlib.figure import Figure

from codesign._files import replace_file
from codesign._printable import printable
from codesign.report.plot_path import SUFFIXES, check_plot_path

INK = "#1a1b1c"  # replaced by currentColor in the SVG, so that a page can be light or dark
_FONT = "TeX Gyre Heros"  # comes with mplhep, so that text is as wide on every machine
_FALLBACKS = "'TeX Gyre Heros', Helvetica, Arial, 'Liberation Sans', sans-serif"
_STYLE = {
    **mplhep.style.ATLAS,
    "font.family": _FONT,
    "font.size": 9.5,
    "axes.labelsize": "medium",
    "xtick.labelsize": "small",
    "ytick.labelsize": "small",
    "legend.fontsize": "small",
    "ytick.major.size": 5,
    "ytick.minor.size": 3,
    "lines.markersize": 5,
    "lines.linewidth": 1.2,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.autolimit_mode": "data",
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    "svg.fonttype": "none",  # text stays text: it can be searched and copied
    "svg.hashsalt": "codesign",
}


@contextmanager
def style() -> Iterator[None]:
    """Apply the style inside a ``with`` block; matplotlib's settings are as before after it."""
    with matplotlib.rc_context(_STYLE):
        yield


def label_text(text: object) -> str:
    """Return foreign text as a label: matplotlib takes a dollar for a formula, and hides what begins with _."""
    text = printable(text).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def new_figure(*, width_in: float = 4.7, height_in: float = 3.2) -> Figure:
    """Return an empty figure, sizes in inches; it belongs to no window and no global list."""
    return Figure(figsize=(width_in, height_in), layout="constrained")


def figure_to_svg(figure: Figure) -> str:
    """Return the figure as ``<svg>...</svg>`` to embed in HTML; equal figures give equal text, with no date in it."""
    buffer = io.StringIO()
    with style():
        figure.savefig(
            buffer, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r' id="[A-Za-z0-9.]+_\d+"', "", svg)  # names of groups, which two figures on one page would share
    return svg.replace(f"'{_FONT}'", _FALLBACKS).replace(INK, "currentColor")


def save_figures(figures: Mapping[str, Figure], directory: Path, *, argument: str = "directory") -> list[Path]:
    """Write figures as ``NAME.svg`` and ``NAME.png``, equal ones as equal files, and return the paths.

    Raises:
        DataError: if the place is not writable; it names the `argument` that the user gave the directory by.
    """
    paths = []
    for name, figure in figures.items():
        for suffix, metadata in zip(SUFFIXES, ({"Date": None}, {"Software": None})):
            paths.append(directory / f"{name}.{suffix}")
            buffer = io.BytesIO()
            with style():
                figure.savefig(buffer, format=suffix, dpi=200, facecolor="white", metadata=metadata)
            replace_file(paths[-1], buffer.getvalue(), "the plot", argument=argument)
    return paths


def save_figure(figure: Figure, path: str | PathLike) -> None:
    """Write a figure as SVG and PNG beside each other.

    Raises:
        DataError: for another suffix, or a path that cannot be written.
    """
    path = check_plot_path(path)
    save_figures({path.stem: figure}, path.parent, argument="plot")
