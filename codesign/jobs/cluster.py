"""A Dask cluster: the same work on its workers, one batch of items each at a time."""

import secrets
import time
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
from rich.console import Console

from codesign.errors import ToolError
from codesign.jobs import on_worker
from codesign.jobs.addresses import scheduler_address
from codesign.jobs.batch import Done
from codesign.jobs.carried import read_folder, write_folder
from codesign.jobs.connection import connected
from codesign.jobs.parcel import Packer
from codesign.jobs.versions import check_workers, own_versions

_LOOKS_EACH_S, _WAITS_FOR_WORKERS_S = 1.0, 0.1


class Cluster:
    """Workers of a Dask scheduler; what one had begun when it died, another does again.

    Arrays and the work itself are results of tasks, kept by the scheduler's graph: workers fetch them from each other,
    and they survive the death of any of them.

    Args:
        dask: address, or the scheduler's file.
        wait_s: for the first worker.
    """

    kind = "worker", "workers"

    def __init__(self, dask: str, *, wait_s: float) -> None:
        self.address, self._wait_s = scheduler_address(dask), wait_s
        self._client = connected(self.address)
        self._packer, self._arrays = Packer(self._send), {}
        self._futures: dict[object, Sequence[Path | None]] = {}  # with the folders that their files come back to
        self._worker_of: dict[object, str | None] = {}
        self._shares: dict[str, float] = {}
        self._topic, self._token = f"codesign-{secrets.token_hex(4)}", None
        self._workers: frozenset[str] = frozenset()
        self._looked = self._last_seen = time.monotonic()
        try:
            self._client.subscribe_topic(self._topic, self._heard)
            self._wait_for_workers()
        except BaseException:
            self._client.close()
            raise

    @property
    def count(self) -> int:
        """Workers of now; looked at once a second at most.

        Raises:
            ToolError: if all workers are gone, and none comes.
        """
        self._look_at_workers()
        return max(1, len(self._workers))

    def begin(self, work: object, folders: Sequence[Path]) -> None:
        """Take the work of all items that follow, and mark where the folders are, for workers that see them."""
        parcel, needs = self._packer.begin(work)
        name = f"work-{secrets.token_hex(8)}"
        with self._answering():
            self._work = self._client.submit(on_worker.given, parcel, key=name, pure=False), name, needs
        if folders:
            self._token = folders[0].parent / f".{self._topic}"
            self._token.parent.mkdir(parents=True, exist_ok=True)
            self._token.touch()

    def submit(self, items: Sequence[object], folders: Sequence[Path | None]) -> object:
        """Give a batch of items to the scheduler."""
        parcel, needs = self._packer.pack(list(items))
        work, name, work_needs = self._work
        names = tuple(dict.fromkeys((*work_needs, *needs)))
        places = tuple(None if folder is None else self._place(folder) for folder in folders)
        errand = on_worker.Errand(parcel, name, names, places, self._topic, own_versions())
        arrays = [self._arrays[one] for one in names]
        key = f"items-{secrets.token_hex(8)}"
        worker = self._freest()
        where = {} if worker is None else {"workers": [worker], "allow_other_workers": True}  # others, if it dies
        with self._answering():
            future = self._client.submit(on_worker.do, errand, work, *arrays, key=key, pure=False, **where)
        self._futures[future], self._worker_of[future] = folders, worker
        return future

    def _freest(self) -> str | None:
        """The worker that was given least of what runs: the scheduler takes all batches for equally long, and gives
        those of one worker away only when it is sure of it."""
        given = Counter(self._worker_of.values())
        return min(sorted(self._workers), key=given.__getitem__, default=None)

    def wait(self, running: Collection[object], timeout_s: float) -> Collection[object]:
        """Return what has ended, after this time at most.

        Raises:
            ToolError: if the scheduler is gone.
        """
        from distributed import wait

        try:
            with self._answering(), self._client.as_current():
                return wait(running, timeout=timeout_s, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            return ()

    def result(self, future: object) -> Done:
        """Return what a batch gave, when the files of its folders are back.

        Raises:
            ToolError: if an item killed its workers again and again, or the scheduler is gone.
        """
        from distributed import KilledWorker

        folders = self._futures.pop(future)
        self._worker_of.pop(future)
        self._shares.pop(future.key, None)
        try:
            with self._answering():
                parcel, files = future.result()
        except KilledWorker as error:
            raise ToolError(
                f"dask: {error.allowed_failures + 1} workers died of the same item, perhaps for lack of memory (the "
                f"last was {error.last_worker.address}); give workers more memory: what was finished is kept where "
                "there is a cache or a directory"
            ) from None
        except (ImportError, AttributeError):
            self._check_versions()
            raise
        for folder, found in zip(folders, files, strict=True):
            if found is not None:
                write_folder(folder, found)
        return self._packer.open(parcel)

    def share(self, future: object) -> float:
        """Return how many items of a batch are done, with part of the one that is begun."""
        return self._shares.get(future.key, 0.0)

    def end(self, running: Collection[object]) -> None:
        """Cancel what waits; what is being done ends, and is forgotten."""
        if self._is_there:
            self._client.cancel(list(running), force=True)
        for future in running:
            self._futures.pop(future, None)
            self._worker_of.pop(future, None)
        if self._token is not None:
            self._token.unlink(missing_ok=True)
            self._token = None

    def close(self, *, at_once: bool) -> None:
        """Leave the cluster as it was found."""
        self._arrays.clear()
        self._client.close(timeout=2 if at_once else 10)

    def _place(self, folder: Path) -> on_worker.Place:
        return on_worker.Place(str(folder.absolute()), str(self._token.absolute()), read_folder(folder))

    def _send(self, name: str, array: np.ndarray) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # which is meant: it is sent once
            self._arrays[name] = self._client.submit(on_worker.given, array, key=f"array-{name}", pure=False)

    def _heard(self, event: tuple[float, tuple[str, float]]) -> None:
        key, share = event[1]
        self._shares[key] = share

    def _wait_for_workers(self) -> None:
        self._look_at_workers()
        if not self._workers:
            self._say_waiting("yet")
        while not self._workers:
            time.sleep(_WAITS_FOR_WORKERS_S)
            self._look_at_workers()

    def _say_waiting(self, since: str) -> None:
        line = f"dask: no worker at {self.address} {since}; waiting up to {self._wait_s:,.0f} s"
        Console(stderr=True).print(line, markup=False, style="dim")

    def _look_at_workers(self) -> None:
        """Count the workers of now and then; new ones are asked for their versions, and that all are gone is said."""
        now = time.monotonic()
        if self._workers and now - self._looked < _LOOKS_EACH_S:
            return
        self._looked = now
        with self._answering():
            found = frozenset(self._client.scheduler_info(n_workers=-1)["workers"])
            if found - self._workers:
                self._check_versions()
        if self._workers and not found:
            self._say_waiting("any more")
        self._workers = found
        if found:
            self._last_seen = now
        elif now - self._last_seen > self._wait_s:
            raise self._no_worker()

    def _no_worker(self) -> ToolError:
        return ToolError(
            f"dask: expected a worker at {self.address} within {self._wait_s:,.0f} s. Received: none; start some, such "
            f"as dask worker {self.address} --nthreads 1: what was finished is kept where there is a cache or a "
            "directory"
        )

    def _check_versions(self) -> None:
        """Ask all workers; of codesign what they import, which need not be what is installed."""
        imported = self._client.run(resolve_name, "codesign:__version__", on_error="return")
        workers = self._client.get_versions(packages=["numpy"])["workers"]
        both = {address: one for address, one in workers.items() if address in imported}  # others came in between
        for address, one in both.items():
            version = imported[address]
            one["packages"]["codesign"] = version if isinstance(version, str) else None
        check_workers(both)

    @property
    def _is_there(self) -> bool:
        return self._client.status == "running"  # not so as soon as the connection is lost

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn what a lost scheduler makes of the block into one line; errors of the work itself stay."""
        reason = "the connection is closed"
        try:
            if self._is_there:
                yield
                return
        except CancelledError as error:
            reason = type(error).__name__
        except Exception as error:
            if self._is_there:
                raise
            reason = type(error).__name__
        raise ToolError(
            f"dask: the scheduler at {self.address} stopped answering ({reason}); what was finished is kept where "
            "there is a cache or a directory"
        )
