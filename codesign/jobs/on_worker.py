"""What a Dask worker does."""

import os
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from codesign.errors import ToolError
from codesign.jobs.carried import read_folder, write_folder
from codesign.jobs.context import Context
from codesign.jobs.parcel import unpack
from codesign.jobs.processes import THREADS
from codesign.jobs.versions import differences, own_versions

_TELLS_EACH_S = 0.5
_ONE_AT_A_TIME = threading.Lock()  # seeds belong to the process, and a worker may have several threads

_WORK: dict[str, object] = {}  # the last one, unpacked once


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
    """All that a worker is told of one item.

    Args:
        item: its parcel.
        work: name of the work that is done to it.
        arrays: names of the large arrays that both need.
        place: of the item's files; None where it has none.
        topic: that progress is told under.
        versions: of the client.
    """

    item: bytes
    work: str
    arrays: tuple[str, ...]
    place: Place | None
    topic: str
    versions: dict[str, str]


def given(value: object) -> object:
    """Return what was sent."""
    return value


def do(errand: Errand, work: bytes, *arrays: np.ndarray) -> tuple[object, dict[str, bytes] | None]:
    """Return what the work gives for an item, and the files of its folder where the client cannot see them.

    Raises:
        ToolError: on a worker of other versions.
    """
    from distributed import get_worker

    worker = get_worker()
    different = differences(own_versions(), errand.versions)
    if different:
        raise ToolError(f"dask: expected workers with the client's versions. Received: {worker.address} {different}")
    _take_one_thread()
    named = dict(zip(errand.arrays, arrays))
    report = partial(_tell, worker, (errand.topic, worker.get_current_task()), [0.0])
    with _ONE_AT_A_TIME:
        if errand.work not in _WORK:
            _WORK.clear()
            _WORK[errand.work] = unpack(work, named)
        task, item = _WORK[errand.work], unpack(errand.item, named)
        if errand.place is None:
            return task(item, Context(report)), None
        if Path(errand.place.token).is_file():
            return task(item, Context(report, Path(errand.place.path))), None
        with tempfile.TemporaryDirectory(prefix="codesign-") as parent:
            folder = Path(parent) / Path(errand.place.path).name
            write_folder(folder, errand.place.files)
            return task(item, Context(report, folder)), read_folder(folder)


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
