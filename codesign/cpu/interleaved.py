"""Run networks on runtimes in turn at one batch size, and make timings of the samples."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.cpu.process import RuntimeProcess
from codesign.cpu.runtime import Program, Runtime
from codesign.cpu.timing import Timing
from codesign.export.agreement import Reference, compare, measure
from codesign.network import Network

CHECKED_EVENTS = 1000
Samples = list[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Entry:
    """One network on one runtime, ready to start.

    Args:
        name: of the network.
        runtime: the runtime.
        program: that it prepared.
        events: (n_events, n_inputs) float32, repeated for larger batches.
        reference: the user's own model.
        n_outputs: of an event.
        folder: for its files.
        threads: that it may use.
        network: what it computes; None: the outputs of `reference` are all that is known.
    """

    name: str
    runtime: Runtime
    program: Program
    events: np.ndarray
    reference: Reference
    n_outputs: int
    folder: Path
    threads: int = 1
    network: Network | None = None

    def batch_of(self, count: int) -> np.ndarray:
        """Return `count` events, (count, n_inputs)."""
        return np.ascontiguousarray(np.resize(self.events, (count, self.events.shape[1])))

    def start(self, batch: int) -> RuntimeProcess:
        """Start the runtime on a batch."""
        options = {"threads": self.threads, "folder": self.folder}
        return RuntimeProcess(self.runtime.name, self.program, self.batch_of(batch), self.n_outputs, **options)

    def difference(self, outputs: np.ndarray) -> float:
        """Return the largest difference of outputs, (n_events, n_outputs), to those of the user's own model.

        Raises:
            AgreementError: if they differ by more than the rounding errors of single precision.
        """
        checked = min(CHECKED_EVENTS, len(outputs))
        x, outputs = self.batch_of(checked), outputs[:checked]
        if self.network is None:
            return float(np.abs(outputs - self.reference.predict(x)).max())
        if self.runtime.approximate:
            return measure(self.network, x, outputs, self.reference).difference
        return compare(self.network, x, outputs, self.runtime.name, self.reference).difference


def time_interleaved(
    entries: Sequence[Entry], batch: int, *, repeats: int, min_time_s: float, progress: Callable[[str], None]
) -> list[Timing]:
    """Return one timing per entry; every repeat runs all entries in turn, and the first one is dropped.

    Raises:
        ToolError: for a runtime that fails.
    """
    with ExitStack() as stack:
        processes = []
        for entry in entries:
            progress(f"batch {batch:,}: start {entry.runtime.name} on {entry.name}")
            processes.append(stack.enter_context(entry.start(batch)))
        calls = [_calls(process, min_time_s) for process in processes]
        samples: list[Samples] = [[] for _ in processes]
        for repeat in range(repeats + 1):
            progress(f"batch {batch:,}: repeat {repeat} of {repeats}")
            for process, count, own in zip(processes, calls, samples):
                own.append(process.sample(count))
        per_event = [np.array(own[1:]) / count / batch * 1e9 for own, count in zip(samples, calls)]
        return [_timing(entry, process, times, batch) for entry, process, times in zip(entries, processes, per_event)]


def _calls(process: RuntimeProcess, min_time_s: float) -> int:
    """Return how many calls take long enough."""
    calls = 1
    while (wall := process.sample(calls)[0]) < min_time_s:
        calls = math.ceil(1.2 * calls * min_time_s / wall) if wall > 0.1 * min_time_s else 8 * calls
    return calls


def _timing(entry: Entry, process: RuntimeProcess, times_ns: np.ndarray, batch: int) -> Timing:
    """Sum up wall and CPU times per event, (repeats, 2)."""
    wall, cpu = times_ns.T
    low, median, high = np.percentile(wall, (25, 50, 75))
    return Timing(
        network=entry.name,
        runtime=entry.runtime.name,
        call=entry.runtime.call,
        batch=batch,
        threads=entry.threads,
        ns_per_event=float(median),
        best_ns=float(wall.min()),
        spread_ns=float(high - low),
        cpu_ns=float(np.median(cpu)),
        best_cpu_ns=float(cpu.min()),
        largest_difference=entry.difference(process.outputs),
        repeats=len(wall),
    )
