"""Batches: items that are worked on one after the other, as many as take about a second together."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from codesign.jobs.context import Context

_SECONDS = 1.0  # beside which the milliseconds of a task of its own do not count


@dataclass(frozen=True)
class Done:
    """What came of a batch.

    Args:
        values: of the items, in order.
        seconds: that they took.
    """

    values: list
    seconds: float


class BatchSizes:
    """How many items make a batch: one until it is known how long one takes; less when few are left."""

    def __init__(self) -> None:
        self._seconds_per_item = math.inf

    def learn(self, done: Done) -> None:
        """Take what the latest batch took."""
        self._seconds_per_item = done.seconds / len(done.values)

    def size(self, n_left: int, n_workers: int) -> int:
        """Return the number of items of the next batch; two for each worker are left at least, so that none idles."""
        return max(1, min(self._by_time(n_left), n_left // (2 * n_workers)))

    def ahead(self, n_left: int, n_workers: int) -> int:
        """Return how many batches there are to be at most: one that waits for each at work, but none of the last ones,
        which shall go to the workers that are free first."""
        return n_workers if n_left < 2 * n_workers * max(1, self._by_time(n_left)) else 2 * n_workers

    def _by_time(self, n_left: int) -> int:
        return n_left if self._seconds_per_item * n_left <= _SECONDS else int(_SECONDS / self._seconds_per_item)


def do_batch(
    work: Callable[[object, Context], object],
    items: Sequence[object],
    folders: Sequence[Path | None],
    report: Callable[[float], None],
) -> Done:
    """Do items one after the other.

    Args:
        report: takes how many are done, with part of the one that is begun.
    """
    start, values = time.perf_counter(), []
    for item, folder in zip(items, folders, strict=True):
        n_done = len(values)
        values.append(work(item, Context(lambda share, n_done=n_done: report(n_done + share), folder)))
        report(len(values))
    return Done(values, time.perf_counter() - start)
