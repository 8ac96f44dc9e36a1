"""Nothing that a command writes takes the place of what it reads, or of something else that it writes."""

import argparse
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from codesign.errors import CodesignError, ConfigError

_FILES = ("json", "html", "svg", "cache")
_FOLDERS_OF = {"out": "--out", "jobs_dir": "--jobs-dir"}
_READ = ("model", "teacher", "forest", "project", "trial", "standardize", "calibration", "test", "peer", "dask")
_SEVERAL = ("models", "reports")
_MADE = frozenset({".json", ".jsonl", ".svg", ".png", ".html"})  # of these a folder of a model holds only the two below
_OF_A_MODEL = frozenset({"config.json", "metadata.json"})  # Keras 3's


def check_outputs(options: argparse.Namespace) -> None:
    """Check that every output has a place of its own, which is none of a file that is read.

    Files count by where they really are, whatever names lead there. A file inside a folder that is read may be
    replaced where it is no part of what is read.

    Raises:
        ConfigError: naming the option, before anything is read or written.
    """
    files, folders = _outputs(options)
    _check_apart([*files, *folders])
    for option, path, real in files:
        read = next((given for given in _inputs(options) if _is_read(real, given, options)), None)
        if read is not None:
            what = path if os.path.realpath(read) == real else f"{path}, which is a part of {read}"
            raise ConfigError(
                f"{option}: expected another file than those that are read. Received: {what}; choose another place"
            )


def _outputs(options: argparse.Namespace) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """The files and the folders to write: the option, the path as given, and where it is."""
    given = [(f"--{name}", path) for name in _FILES if (path := getattr(options, name, None)) is not None]
    if (plot := getattr(options, "plot", None)) is not None:
        given += [("--plot", str(Path(plot).with_suffix(suffix))) for suffix in (".svg", ".png")]
    places = [(name, option) for name, option in _FOLDERS_OF.items() if getattr(options, name, None) is not None]
    folders = [(option, getattr(options, name)) for name, option in places] if options.command != "collect" else []
    if options.command == "export":
        given, folders = [*given, *folders], []
    elif "out" in options and options.out is not None:
        given += [("--out", str(Path(options.out, name))) for name in options.writes]
    located = [[(option, path, os.path.realpath(path)) for option, path in each] for each in (given, folders)]
    return [one for one in located[0] if not _is_stream(one[2])], located[1]


def _check_apart(outputs: list[tuple[str, str, str]]) -> None:
    first: dict[str, str] = {}
    for option, path, real in outputs:
        if real in first:
            raise ConfigError(f"{first[real]}, {option}: expected different places. Received: {path} for both")
        first[real] = option


def _inputs(options: argparse.Namespace) -> Iterator[str]:
    """Yield the paths that are read, as far as they are there."""
    given = [getattr(options, name, None) for name in _READ]
    given += [path for name in _SEVERAL for path in getattr(options, name, None) or ()]
    yield from (path for path in given if path is not None and os.path.exists(path))
    yield from _event_files(getattr(options, "data", None))


def _event_files(source: str | None) -> list[str]:
    from codesign.data import samples
    from codesign.data.files import find_files

    if source is None or source in samples():
        return []
    try:
        return list(map(str, find_files(source).paths))
    except CodesignError:  # what reads them says it
        return []


def _is_read(output: str, given: str, options: argparse.Namespace) -> bool:
    """Whether the file at `output` is there, and is `given`, or inside that folder and a part of what is read."""
    if not os.path.isfile(output):
        return False
    if not os.path.isdir(given):
        return os.path.samefile(output, given)
    if not Path(output).is_relative_to(os.path.realpath(given)):
        return False
    if options.command == "compare":
        from codesign.report.parse import is_report

        return is_report(output)
    path = Path(output)
    is_made = path.suffix in _MADE or path.name in options.writes
    return not is_made or path.name in _OF_A_MODEL


def _is_stream(path: str) -> bool:
    """Whether it is a terminal, a pipe or a device."""
    try:
        return not (stat.S_ISREG(mode := os.stat(path).st_mode) or stat.S_ISDIR(mode))
    except OSError:
        return False
