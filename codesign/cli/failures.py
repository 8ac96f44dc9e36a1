"""What the command line says when something goes wrong that no command expected: one line, and a log with the rest."""

import os
import platform
import sys
import tempfile
import time
import traceback
import warnings
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codesign._printable import one_line
from codesign._version import __version__


def say(line: object) -> None:
    """Print one line to standard error, control codes written out; where there is none, the exit status says it."""
    try:
        print(f"codesign: {one_line(line)}", file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


@contextmanager
def assumptions_as_lines() -> Iterator[None]:
    """Print what was assumed of a model's file as a line each, in place of Python's warnings."""
    from codesign.errors import AssumptionWarning

    with warnings.catch_warnings():
        warnings.simplefilter("always", AssumptionWarning)
        shown = warnings.showwarning

        def show(message: Warning, category: type[Warning], *place: object) -> None:
            if issubclass(category, AssumptionWarning):
                say(f"note: {message}")
            else:
                shown(message, category, *place)

        warnings.showwarning = show
        yield


def of_the_system(error: OSError, options: Namespace) -> str:
    """Return the line for no space, no permission, a folder where a file should be, and their like."""
    from codesign._files import FULL

    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    reason = error.strerror or one_line(error) or type(error).__name__
    if error.errno in FULL:
        place = " -> ".join(names) or _places(options)
        cure = f"; free some space{' there' * bool(place)}"
        then = ", then the same command goes on from here" if options.resumes else ""
        return f"{reason}{': ' * bool(place)}{place}{cure}{then}"
    what = f"{reason}: {' -> '.join(names)}" if names else reason
    return f"{what}; then the same command goes on from here" if options.resumes else what


def unexpected(error: BaseException, options: Namespace, arguments: list[str]) -> str:
    """Write the traceback to a log and return the line that names it."""
    head = f"codesign {__version__}, Python {platform.python_version()}, {platform.platform()}\n{arguments}\n\n"
    content = head + "".join(traceback.format_exception(error))
    line = f"unexpected error: {type(error).__name__}: {one_line(error)}"
    for folder in _folders(options):
        path = folder / f"codesign-error-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with open(path, "x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(content)
            return f"{line}; details in {path}"
        except (OSError, ValueError):
            continue
    return f"{line}; no folder to write the details to"


def _places(options: Namespace) -> str:
    """Where a command writes, as far as its options say."""
    known = [str(folder) for folder in _outputs(options)]
    return " or ".join([*known, tempfile.gettempdir()]) if known else ""


def _outputs(options: Namespace) -> Iterator[Path]:
    out, project = getattr(options, "out", None), getattr(options, "project", None)
    known = [out, project and Path(project, "build")]
    yield from (Path(folder) for folder in known if folder and Path(folder).is_dir())


def _folders(options: Namespace) -> Iterator[Path]:
    """The command's output folder if there is one, then where a user's logs belong, then a temporary one."""
    yield from _outputs(options)
    if os.environ.get("XDG_STATE_HOME"):
        yield Path(os.environ["XDG_STATE_HOME"], "codesign")
    yield Path(tempfile.gettempdir())


def discard(stream: object) -> None:
    """Point a stream that cannot be written any more at nothing, so that Python does not complain when it closes it."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
