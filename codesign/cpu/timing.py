"""Timing: what one runtime took per event on one network at one batch size."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Timing:
    """Times per event of one runtime, over the repeats.

    Args:
        network: name of the network.
        runtime: as in :func:`codesign.cpu.runtimes`.
        call: what was timed: ``C++``, ``C``, ``C API`` or ``Python``.
        batch: events per call; at 1 it is the same event again and again, in cache.
        threads: that the runtime was told to use.
        ns_per_event: wall time, median.
        best_ns: wall time, least.
        spread_ns: wall time, from the first to the third quartile.
        cpu_ns: CPU time of all threads of the process, median: what other programs on the machine take does not count.
        best_cpu_ns: CPU time, least.
        largest_difference: to the outputs of the model itself, over at most 1000 events; relative to outputs above 1.
        repeats: that were kept.
    """

    network: str
    runtime: str
    call: str
    batch: int
    threads: int
    ns_per_event: float
    best_ns: float
    spread_ns: float
    cpu_ns: float
    best_cpu_ns: float
    largest_difference: float
    repeats: int

    def as_dict(self) -> dict:
        """Return the numbers under their names."""
        return asdict(self)
