"""What a layer or a design costs before it is rounded to counts, as the HLS compiler and as logic synthesis see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """What one tool counts, before it is rounded."""

    lut: float = 0.0
    ff: float = 0.0
    dsp: float = 0.0
    bram_18k: float = 0.0

    def __add__(self, other: "Resources") -> "Resources":
        return Resources(self.lut + other.lut, self.ff + other.ff, self.dsp + other.dsp, self.bram_18k + other.bram_18k)

    def times(self, lut: float, ff: float, dsp: float = 1.0, bram_18k: float = 1.0) -> "Resources":
        """Return each number times its factor."""
        return Resources(self.lut * lut, self.ff * ff, self.dsp * dsp, self.bram_18k * bram_18k)


@dataclass(frozen=True)
class HardwareCost:
    """Resources and schedule of one layer or design.

    Args:
        csynth: resources as the HLS compiler reports them.
        vsynth: after logic synthesis; of an unrolled design after place and route.
        latency_cycles, initiation_interval: as the HLS compiler schedules them.
    """

    csynth: Resources
    vsynth: Resources
    latency_cycles: int
    initiation_interval: int


def summed(costs: Iterable[Resources]) -> Resources:
    """Return the sum of resources."""
    return sum(costs, Resources())


def longest_path(costs: Sequence[float], sources: Sequence[Sequence[int]] | None) -> float:
    """Return the largest sum of costs along any path.

    Args:
        costs: one for each layer, in order.
        sources: for each layer, the indices of those whose values it takes; None: of the one before it.
    """
    ends: list[float] = []
    for index, cost in enumerate(costs):
        before = range(max(0, index - 1), index) if sources is None else sources[index]
        ends.append(max((ends[one] for one in before), default=0) + cost)
    return max(ends, default=0)
