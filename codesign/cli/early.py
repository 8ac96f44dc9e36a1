"""What is wrong with the options themselves is said first: before Keras is imported, and a model or events are read.

:func:`check_options` looks at what several commands have. What one command alone has, it checks in a function that it
sets as ``early`` beside ``run``.
"""

import argparse
import os
from pathlib import Path

from codesign.cli.outputs import check_outputs
from codesign.errors import ConfigError, DataError

_WRITTEN = ("json", "plot", "html", "svg", "cache")  # files
_FILES_TO_WRITE = ("export",)  # commands whose --out is a file


def check_options(options: argparse.Namespace) -> None:
    """Check places to write to, numbers of processes, clusters, parts, clocks and seeds, as far as a command has them.

    Raises:
        CodesignError: for the first that cannot be.
    """
    for name in _WRITTEN:
        path = getattr(options, name, None)
        if path is not None:
            _check_file(path, name)
    if getattr(options, "plot", None) is not None:
        from codesign.report.plot_path import check_plot_path

        check_plot_path(options.plot)
    out = getattr(options, "out", None)
    if out is not None and options.command not in _FILES_TO_WRITE:
        _check_folder(out)
    if "dask" in options:
        from codesign.cli.jobs_options import check_jobs

        check_jobs(options)
    if "part" in options:
        _check_target(options)
    if getattr(options, "seed", 0) < 0:
        raise ConfigError(f"--seed: expected at least 0. Received: {options.seed}")
    if getattr(options, "early", None) is not None:
        options.early(options)
    check_outputs(options)


def check_exists(path: str, argument: str, expected: str) -> None:
    """Check that a path is there at all.

    Raises:
        DataError: if it is not.
    """
    if not os.path.exists(path):
        raise DataError(f"{argument}: expected {expected}. Received: {path}, which does not exist")


def check_events(source: str | None) -> None:
    """Check that a source of events is a sample's name, or names files that are there.

    Raises:
        DataError: if it is neither.
    """
    from codesign.data import samples
    from codesign.data.files import find_files

    if source is not None and source not in samples():
        find_files(source)


def _check_target(options: argparse.Namespace) -> None:
    """The part and the clock."""
    from codesign._arguments import check_range
    from codesign.fpga.design.design import CLOCK_NS
    from codesign.fpga.design.parts import find_part

    find_part(options.part)
    check_range(options.clock_ns, "clock_ns", *CLOCK_NS)


def _check_file(path: str, name: str) -> None:
    if os.path.isdir(path):
        raise DataError(f"--{name}: expected a file to write to. Received: {path}, which is a folder")
    _check_above(path, f"--{name}", "a file to write to")


def _check_folder(path: str) -> None:
    if os.path.exists(path) and not os.path.isdir(path):
        raise DataError(f"--out: expected a folder to write to. Received: {path}, which is a file")
    _check_above(path, "--out", "a folder to write to")


def _check_above(path: str, argument: str, expected: str) -> None:
    """Check that what is there of the folders above is folders."""
    above = next((one for one in Path(os.path.abspath(path)).parents if os.path.lexists(one)), None)
    if above is not None and not above.is_dir():
        raise DataError(f"{argument}: expected {expected}. Received: {path}; {above} is no folder")
