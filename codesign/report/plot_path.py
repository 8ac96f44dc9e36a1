"""Where a plot is written, checked without the library that draws it."""

from os import PathLike
from pathlib import Path

from codesign.errors import DataError

SUFFIXES = ("svg", "png")


def check_plot_path(path: str | PathLike) -> Path:
    """Return the path of a plot.

    Raises:
        DataError: for a suffix that is neither .svg nor .png.
    """
    path = Path(path)
    if path.suffix.removeprefix(".") not in SUFFIXES:
        raise DataError(f"plot: expected a path that ends in .svg or .png. Received: {path}")
    return path
