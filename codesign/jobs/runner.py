"""Runner: a piece of work for each of many items, wherever there is room for it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from joblib import cpu_count

from codesign._arguments import checked
from codesign.errors import ConfigError
from codesign.jobs.batch import BatchSizes, Done
from codesign.jobs.context import Context

Work = Callable[[object, Context], object]
Report = Callable[[float], None]
_LOOKS_EACH_S = 0.25


class Pool(Protocol):
    """What runs batches of items side by side: :class:`codesign.jobs.processes.Processes`, or Dask's cluster."""

    count: int
    kind: tuple[str, str]

    def begin(self, work: Work, folders: Sequence[Path]) -> None: ...
    def submit(self, items: Sequence[object], folders: Sequence[Path | None]) -> object: ...
    def wait(self, running: Sequence[object], timeout_s: float) -> Sequence[object]: ...
    def result(self, future: object) -> Done: ...
    def share(self, future: object) -> float: ...
    def end(self, running: Sequence[object]) -> None: ...
    def close(self, *, at_once: bool) -> None: ...


@checked
class Runner:
    """Runs work in this process (one job), in processes of this computer, or on a Dask cluster.

    What an item gives depends on the item alone, so results do not depend on the number of workers. When the block ends
    by an error, Ctrl-C above all, what waits is cancelled and processes of this computer are stopped at once.

    Args:
        jobs: processes, -1 for all cores. On a cluster its workers count.
        dask: address of a Dask scheduler, such as ``tcp://host:8786``, or the file that it wrote; None: this computer.
        wait_s: how long to wait for a cluster's first worker, in seconds.

    Raises:
        ConfigError: for no processes, or an address of another kind.
        ToolError: if the scheduler does not answer in 10 s, no worker comes, or a worker has other versions; it names
            the worker.
        EnvironmentSetupError: if the extra ``cluster`` is missing.

    Example:
        >>> from codesign import Runner
        >>> with Runner(jobs=1) as runner:
        ...     print(dict(runner.map(lambda item, context: item**2, [3, 4])))
        {0: 9, 1: 16}
    """

    def __init__(self, jobs: int = -1, *, dask: str | None = None, wait_s: float = 600.0) -> None:
        check_count(jobs)
        self._jobs = cpu_count() if jobs == -1 else jobs
        self._pool: Pool | None = None
        if dask is not None:
            from codesign.jobs.cluster import Cluster

            self._pool = Cluster(dask, wait_s=wait_s)
        self._is_remote = dask is not None

    @property
    def count(self) -> int:
        """How many items are worked on at once; of a cluster it changes."""
        return self._pool.count if self._is_remote else self._jobs

    @property
    def workers(self) -> str:
        """How many workers there are, for people."""
        one, many = self._pool.kind if self._is_remote else ("process", "processes")
        return f"{self.count} {one if self.count == 1 else many}"

    def mine(self, names: Sequence[str]) -> list[int]:
        """Return the numbers of those of these items that are to be prepared: all, but of a planned trial its own."""
        return list(range(len(names)))

    def map(
        self,
        work: Work,
        items: Sequence[object],
        *,
        folders: Sequence[Path | None] | None = None,
        names: Sequence[str] | None = None,
        report: Report | None = None,
        until: float | None = None,
    ) -> Iterator[tuple[int, object]]:
        """Yield what the work gives for each item when it is ready, with the item's number, in any order.

        Args:
            work: called with an item and a :class:`Context`; a function, or a method of what all items share, whose
                large arrays travel to each worker once.
            items: that are worked on.
            folders: of each item's files.
            names: of items whose results the caller keeps, as a plan writes them.
            report: takes how many items are done, with parts of those begun.
            until: of time.monotonic(): no item but the first is begun after it.

        Raises:
            ToolError: if a process is killed, or on a cluster an item kills its workers again and again.
        """
        folders = [None] * len(items) if folders is None else list(folders)
        if not self._is_remote and (self._jobs == 1 or len(items) < 2):
            yield from _map_here(work, list(zip(items, folders)), report, until)
        elif items:
            if self._pool is None:
                from codesign.jobs.processes import Processes

                self._pool = Processes(self._jobs)
            yield from _map_there(self._pool, (work, items, folders), report, until)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.close(at_once=kind is not None)


def check_count(jobs: int) -> None:
    """Check a number of processes.

    Raises:
        ConfigError: for none, or a negative number but -1.
    """
    if jobs == 0 or jobs < -1:
        raise ConfigError(f"jobs: expected a number of processes, or -1 for all cores. Received: {jobs!r}")


def running(jobs: "int | Runner") -> AbstractContextManager[Runner]:
    """Return the runner that was given, which stays open, or one of so many processes, for the block.

    Raises:
        ConfigError: for no processes.
    """
    return nullcontext(jobs) if isinstance(jobs, Runner) else Runner(jobs)


def _map_here(
    work: Work, items: Sequence[tuple[object, Path | None]], report: Report | None, until: float | None
) -> Iterator[tuple[int, object]]:
    tell = report or (lambda done: None)
    for index, (item, folder) in enumerate(items):
        if index and _is_late(until):
            return
        yield index, work(item, Context(lambda share, done=index: tell(done + share), folder))


def _map_there(
    pool: Pool, task: tuple[Work, Sequence, Sequence], report: Report | None, until: float | None
) -> Iterator[tuple[int, object]]:
    work, items, folders = task
    pool.begin(work, [folder for folder in folders if folder is not None])
    running, ended, first, n_done, sizes = {}, [], 0, 0, BatchSizes()
    try:
        while True:
            while first < len(items) and not (n_done and _is_late(until)):
                n_left = len(items) - first
                if len(running) >= (sizes.ahead(n_left, pool.count) if until is None else pool.count):
                    break
                size = sizes.size(n_left, pool.count) if until is None else 1
                batch = range(first, first + size)
                running[pool.submit([items[one] for one in batch], [folders[one] for one in batch])] = batch
                first += size
            for batch, done in ended:  # now that nobody waits for what is next
                yield from zip(batch, done.values)
            if not running:
                return
            ended = [(running.pop(one), pool.result(one)) for one in pool.wait(list(running), _LOOKS_EACH_S)]
            for batch, done in ended:
                sizes.learn(done)
                n_done += len(batch)
            if report is not None:
                report(n_done + sum(pool.share(future) for future in running))
    finally:
        pool.end(list(running))


def _is_late(until: float | None) -> bool:
    return until is not None and time.monotonic() > until
