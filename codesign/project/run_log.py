"""What a run says: steps on the terminal, everything in a log file, seconds per step."""

import contextlib
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from codesign._printable import printable


class RunLog:
    """Announces steps and times them; use it as a context manager.

    Args:
        path: log file, appended to.
        console: where the user reads; a new one on standard error by default.
    """

    def __init__(self, path: Path, console: Console | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self.console = console or Console(stderr=True, highlight=False)
        self._file = open(path, "a", encoding="utf-8")

    def __enter__(self) -> "RunLog":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        with contextlib.suppress(OSError):  # of a full disk the first error is the one to tell
            if kind is not None:
                self._write(f"stopped: {kind.__name__}: {printable(error)}")
            self._file.close()

    def say(self, line: str, *, style: str = "") -> None:
        """Print one line and log it, control codes written out."""
        line = printable(line)
        self.console.print(line, style=style, markup=False)
        self._write(line)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Announce a step that shows its own progress, and log how long it took, also if it failed."""
        self.say(name, style="bold")
        with self._timed(name):
            yield

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """Show a spinner and a clock during a step that has no progress of its own, and log how long it took."""
        if not self.console.is_terminal:  # a log or a pipe wants no spinner
            self.console.print(name, markup=False)
            with self._timed(name):
                yield
            return
        columns = (
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
        )
        with self._timed(name), Progress(*columns, console=self.console) as bar:
            task = bar.add_task(name, total=1)
            yield
            bar.update(task, completed=1)

    @contextmanager
    def noting(self, kind: type[Warning]) -> Iterator[None]:
        """Say each different warning of a kind as a note; others go their way."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", kind)
            yield
        told = dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, kind))
        for text in told:
            self.say(f"note: {text}")
        for one in caught:
            if not issubclass(one.category, kind):
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - start)

    def add(self, name: str, seconds: float) -> None:
        """Record the time of a step."""
        self.seconds[name] = round(self.seconds.get(name, 0.0) + seconds, 2)
        self._write(f"{name}: {seconds:.2f} s")

    def _write(self, line: str) -> None:
        self._file.write(f"{datetime.now().isoformat(timespec='seconds')} {line}\n")
        self._file.flush()
