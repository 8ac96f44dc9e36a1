"""Processes of this computer: joblib's, one thread each, which see large arrays as files in memory."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import lru_cache
from pathlib import Path

import numpy as np
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from codesign.errors import ToolError
from codesign.jobs.batch import Done, do_batch
from codesign.jobs.parcel import Opened, Packer

_WRITES_EACH_S, _LOOKS_FOR_PARENT_EACH_S = 0.5, 2.0
THREADS = (
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


class Processes:
    """Processes that are kept from one call to the next.

    Args:
        count: of processes.
    """

    kind = "process", "processes"

    def __init__(self, count: int) -> None:
        self.count = count
        self._executor: ProcessPoolExecutor | None = None
        self._temporary = tempfile.TemporaryDirectory(prefix="codesign-")
        self._folder = Path(self._temporary.name)
        self._packer = Packer(lambda name, array: np.save(self._folder / f"{name}.npy", array))
        self._n_started = 0
        self._shares: dict[Future, Path] = {}

    def begin(self, work: object, folders: Collection[Path]) -> None:
        """Take the work of all items that follow; their folders are here."""
        self._n_started += 1
        self._work = self._folder / f"{self._n_started}.work"
        parcel, _ = self._packer.begin(work)
        self._work.write_bytes(parcel)

    def submit(self, items: Sequence[object], folders: Sequence[Path | None]) -> Future:
        """Begin a batch of items as soon as a process is free."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.count, initializer=_follow_the_parent, env=dict.fromkeys(THREADS, "1")
            )
        self._n_started += 1
        share = self._folder / f"{self._n_started}.share"
        parcel, _ = self._packer.pack(list(items))
        try:
            future = self._executor.submit(_run, str(self._work), parcel, list(folders), str(share))
        except TerminatedWorkerError:
            raise self._killed() from None
        self._shares[future] = share
        return future

    def wait(self, running: Collection[Future], timeout_s: float) -> Collection[Future]:
        """Return what has ended, after this time at most."""
        return wait(running, timeout=timeout_s, return_when=FIRST_COMPLETED).done

    def result(self, future: Future) -> Done:
        """Return what a batch gave.

        Raises:
            ToolError: if a process was killed.
        """
        self._shares.pop(future).unlink(missing_ok=True)
        try:
            return self._packer.open(future.result())
        except TerminatedWorkerError:
            raise self._killed() from None

    def share(self, future: Future) -> float:
        """Return how many items of a batch are done, with part of the one that is begun."""
        try:
            return float(self._shares[future].read_text())
        except (OSError, ValueError):  # not there yet, or being written
            return 0.0

    def end(self, running: Collection[Future]) -> None:
        """What waits finds its work gone, and does nothing.

        A future is not cancelled: where processes are killed next, loky stumbles over those that are, kills none, and
        this process waits for them when it exits.
        """
        self._work.unlink(missing_ok=True)
        for future in running:
            self._shares.pop(future, None)

    def close(self, *, at_once: bool) -> None:
        """End the processes, at once or when they are done."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=at_once)
        self._temporary.cleanup()

    def _killed(self) -> ToolError:
        self._executor = None
        return ToolError(
            "jobs: a worker process was killed, perhaps for lack of memory; run it again with fewer jobs: what was "
            "finished is kept where there is a cache or a directory"
        )


class _Files(Mapping):
    """Arrays in files; pages of memory are shared by all processes that read them, and copied by who writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> np.ndarray:
        return _loaded(self._folder / f"{name}.npy")

    def __contains__(self, name: object) -> bool:
        return (self._folder / f"{name}.npy").is_file()

    def __iter__(self) -> object:
        return (path.stem for path in self._folder.glob("*.npy"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@lru_cache(maxsize=64)
def _loaded(path: Path) -> np.ndarray:
    return np.load(path, mmap_mode="c").view(np.ndarray)


@lru_cache(maxsize=1)
def _opened(path: Path) -> Opened:
    return Opened(path.read_bytes(), _Files(path.parent))


def _run(work: str, parcel: bytes, folders: Sequence[Path | None], share: str) -> bytes:
    path, written = Path(work), [0.0]
    if not path.exists():
        return b""
    opened = _opened(path)

    def report(done: float) -> None:
        if time.monotonic() - written[0] > _WRITES_EACH_S:
            written[0] = time.monotonic()
            Path(share).write_text(f"{done:.4f}")

    return opened.pack(do_batch(opened.work, opened.item(parcel, {}), folders, report))


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
