"""Trainings side by side, one process and one thread each."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from joblib import cpu_count
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from codesign.errors import ConfigError, ToolError
from codesign.methods.networks import Report
from codesign.methods.trained import Place, Trained

_LOOKS_EACH_S, _WRITES_EACH_S, _LOOKS_FOR_PARENT_EACH_S = 0.25, 0.5, 2.0
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Training(Protocol):
    """What can be run in a process of its own.

    Attributes:
        method: that it belongs to, by name.
    """

    method: str

    def run(self, place: Place, report: Report) -> Trained:
        """Train what the place does not hold yet."""


Placed = tuple[Place, Training]


class Workers:
    """Processes that are kept from one training to the next; with one job all is done in this process.

    When the block ends by an error, Ctrl-C above all, they are stopped at once: what they had finished is on disk.

    Args:
        jobs: processes, -1 for all cores.

    Raises:
        ConfigError: for no processes.
    """

    def __init__(self, jobs: int) -> None:
        if jobs == 0 or jobs < -1:
            raise ConfigError(f"jobs: expected a number of processes, or -1 for all cores. Received: {jobs!r}")
        self.count = cpu_count() if jobs == -1 else jobs
        self._executor: ProcessPoolExecutor | None = None
        self._n_started = 0
        self._folder = tempfile.TemporaryDirectory(prefix="codesign-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=kind is not None)
        self._folder.cleanup()

    def run(
        self, trainings: Sequence[Placed], report: Callable[[float], None], *, until: float | None = None
    ) -> Iterator[tuple[int, Trained]]:
        """Yield what each training gives when it is over, with its number.

        Args:
            trainings: with the place of each.
            report: takes how many are done, with parts of those on.
            until: of time.monotonic(): no training but the first is begun after it.
        """
        if self.count == 1 or len(trainings) < 2:
            yield from self._run_here(trainings, report, until)
        else:
            yield from self._run_there(trainings, report, until)

    def _run_here(
        self, trainings: Sequence[Placed], report: Callable[[float], None], until: float | None
    ) -> Iterator[tuple[int, Trained]]:
        for index, (place, training) in enumerate(trainings):
            if index and _is_late(until):
                return
            yield index, training.run(place, lambda share, done=index: report(done + share))

    def _run_there(
        self, trainings: Sequence[Placed], report: Callable[[float], None], until: float | None
    ) -> Iterator[tuple[int, Trained]]:
        waiting, running, n_done = list(enumerate(trainings)), {}, 0
        while waiting or running:
            while waiting and len(running) < self.count and not (n_done and _is_late(until)):
                index, placed = waiting.pop(0)
                self._n_started += 1
                file = Path(self._folder.name) / str(self._n_started)
                running[self._start(placed, file)] = index, file
            if not running:
                return
            finished, _ = wait(running, timeout=_LOOKS_EACH_S, return_when=FIRST_COMPLETED)
            for future in finished:
                index, _ = running.pop(future)
                n_done += 1
                yield index, _result(future)
            report(n_done + sum(_share_in(file) for _, file in running.values()))

    def _start(self, placed: Placed, file: Path) -> Future:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.count, initializer=_follow_the_parent, env=dict.fromkeys(_THREADS, "1")
            )
        return self._executor.submit(_run, placed, str(file))


def _run(placed: Placed, file: str) -> Trained:
    place, training = placed
    written = [0.0]

    def report(share: float) -> None:
        if time.monotonic() - written[0] > _WRITES_EACH_S:
            written[0] = time.monotonic()
            Path(file).write_text(f"{share:.4f}")

    return training.run(place, report)


def _share_in(file: Path) -> float:
    try:
        return float(file.read_text())
    except (OSError, ValueError):  # not there yet, or being written
        return 0.0


def _result(future: Future) -> Trained:
    try:
        return future.result()
    except TerminatedWorkerError:
        raise ToolError(
            "train_designs: a worker process was killed, perhaps for lack of memory; run it again with fewer jobs: "
            "with a directory, what was finished is kept"
        ) from None


def _follow_the_parent() -> None:
    """Leave Ctrl-C, which reaches all processes of a terminal, to the parent, and end when it has ended in any way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOKS_FOR_PARENT_EACH_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _is_late(until: float | None) -> bool:
    return until is not None and time.monotonic() > until
