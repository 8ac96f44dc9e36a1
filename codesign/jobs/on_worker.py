"""What a Dask worker does."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from codesign.errors import ToolError
from codesign.jobs.batch import do_batch
from codesign.jobs.carried import read_folder, write_folder
from codesign.jobs.parcel import Opened
from codesign.jobs.processes import THREADS
from codesign.jobs.versions import differences, own_versions

_TELLS_EACH_S = 0.5
_ONE_AT_A_TIME = threading.Lock()  # seeds belong to the process, and a worker may have several threads

_WORK: dict[str, Opened] = {}  # the last one, unpacked once


@dataclass(frozen=True)
class Place:
    """The folder of an item, as the client sees it.

    Args:
        path: absolute.
        token: a file beside it: who sees that sees the folder.
        files: that are in it, by relative path.
    """

    path: str
    token: str
    files: dict[str, bytes]


@dataclass(frozen=True)
class Errand:
    """All that a worker is told of one batch of items.

    Args:
        items: their parcel.
        work: name of the work that is done to them.
        arrays: names of the large arrays that both need.
        places: of each item's files; None where it has none.
        topic: that progress is told under.
        versions: of the client.
    """

    items: bytes
    work: str
    arrays: tuple[str, ...]
    places: tuple[Place | None, ...]
    topic: str
    versions: dict[str, str]


def given(value: object) -> object:
    """Return what was sent."""
    return value


def do(errand: Errand, work: bytes, *arrays: np.ndarray) -> tuple[bytes, list[dict[str, bytes] | None]]:
    """Return what the work gives for a batch, and the files of each folder that the client cannot see.

    Raises:
        ToolError: on a worker of other versions.
    """
    from distributed import get_worker

    worker = get_worker()
    different = differences(own_versions(), errand.versions)
    if different:
        raise ToolError(f"dask: expected workers with the client's versions. Received: {worker.address} {different}")
    _take_one_thread()
    large = dict(zip(errand.arrays, arrays))
    report = partial(_tell, worker, (errand.topic, worker.get_current_task()), [0.0])
    with _ONE_AT_A_TIME, _folders(errand.places) as (folders, apart):
        if errand.work not in _WORK:
            _WORK.clear()
            _WORK[errand.work] = Opened(work, large)
        opened = _WORK[errand.work]
        done = do_batch(opened.work, opened.item(errand.items, large), folders, report)
        return opened.pack(done), [None if folder is None else read_folder(folder) for folder in apart]


@contextmanager
def _folders(places: Sequence[Place | None]) -> Iterator[tuple[list[Path | None], list[Path | None]]]:
    """Give the folder of each item, and those of them that the client does not see."""
    with tempfile.TemporaryDirectory(prefix="codesign-") as parent:
        folders, apart = [], []
        for number, place in enumerate(places):
            is_seen = place is None or Path(place.token).is_file()
            folder = None if place is None else Path(place.path)
            if not is_seen:
                folder = Path(parent) / str(number) / folder.name
                write_folder(folder, place.files)
            folders.append(folder)
            apart.append(None if is_seen else folder)
        yield folders, apart


@cache
def _take_one_thread() -> None:
    """Let this process's libraries take one thread, once: looking for them takes longer than a small item."""
    from threadpoolctl import threadpool_limits

    for name in THREADS:
        os.environ.setdefault(name, "1")
    threadpool_limits(1)


def _tell(worker: object, where: tuple[str, str], told: list[float], share: float) -> None:
    topic, key = where
    if time.monotonic() - told[0] > _TELLS_EACH_S:
        told[0] = time.monotonic()
        worker.log_event(topic, (key, share))
