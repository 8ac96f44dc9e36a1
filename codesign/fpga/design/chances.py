"""The probability that a design meets the limits of a budget, from the intervals of what was estimated of it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from codesign.fpga.design.design import Design
from codesign.fpga.design.report import CSYNTH

# Added to a figure before its logarithm is taken, so that small ones have errors of some units, not of some percent.
OFFSETS = {"lut": 100, "ff": 100, "dsp": 3, "bram_18k": 2, "latency_cycles": 2, "initiation_interval": 1}
_NORMAL = 1.6448536269514722  # beyond which, in units of sigma, 5 % of a normal distribution lie


@dataclass(frozen=True)
class Chances:
    """How likely a design meets its limits.

    Args:
        limits: probability that each holds, by its name: 0 or 1 of what was counted or is exact.
        failure: probability that synthesis fails; None: it cannot, or nobody knows.
    """

    limits: Mapping[str, float] = field(default_factory=dict)
    failure: float | None = None

    @property
    def joint(self) -> float:
        """The probability that synthesis succeeds and all limits hold, as if they were independent of each other.

        Errors of one estimate go together (a design of more LUTs than foretold has more registers too), so that it is
        rather more.
        """
        return math.prod(self.limits.values()) * (1 - (self.failure or 0.0))

    @property
    def is_certain(self) -> bool:
        """Whether all limits hold, or do not, beyond doubt."""
        return not self.failure and all(one in (0.0, 1.0) for one in self.limits.values())

    @property
    def weakest(self) -> str | None:
        """The limit that is least likely to hold; None if all are sure to."""
        name = min(self.limits, key=self.limits.__getitem__, default=None)
        return None if name is None or self.limits[name] >= 1 else name

    def as_dict(self) -> dict:
        """Return it for JSON."""
        found = {name: round(one, 4) for name, one in self.limits.items()}
        return {"limits": found, "failure": self.failure, "joint": round(self.joint, 4)}


def chances(design: Design, limits: Iterable[tuple[str, float]]) -> Chances:
    """Return how likely a design meets limits on its costs.

    Args:
        design: with its report.
        limits: (name, limit) of numbers of a report.

    Example:
        >>> from codesign import DenseLayer, Design, DesignReport, Network, quantize_network
        >>> from codesign.fpga.design.chances import chances
        >>> network = Network.chain([DenseLayer("fc", [[0.5]], [0.1])])
        >>> report = DesignReport("estimate", lut=900, ff=90, intervals={"lut": (400, 1900)})
        >>> found = chances(Design(network, report=report), [("lut", 1900), ("ff", 80)]).limits
        >>> {name: round(one, 2) for name, one in found.items()}
        {'lut': 0.95, 'ff': 0.0}
    """
    report = design.report
    if report is None:
        return Chances({name: 0.0 for name, _ in limits})
    found = {name: _probability(design, name, limit) for name, limit in limits}
    return Chances(found, report.failure_probability)


def _probability(design: Design, name: str, limit: float) -> float:
    report, clock_ns = design.report, 1.0
    if name == "latency_ns" and report.interval("latency_cycles") and report.latency_cycles and report.latency_ns:
        name, clock_ns = "latency_cycles", report.latency_ns / report.latency_cycles
    value, found = getattr(report, name, None), report.interval(name)
    if value is None or not math.isfinite(value):
        return 0.0
    if found is None:
        return float(value <= limit)
    return limit_probability(name, value, found, limit / clock_ns)


def limit_probability(name: str, value: float, interval: tuple[float, float], limit: float) -> float:
    """Return the probability that a figure is at most its limit.

    Its logarithm is taken as normal on each side of the estimate, with 5 % beyond each end of the interval.

    Args:
        name: of the figure, one of a report's numbers.
        value: the estimate.
        interval: 90 %, of it.
        limit: the largest figure that is allowed.

    Example:
        >>> from codesign.fpga.design.chances import limit_probability
        >>> [round(limit_probability("lut", 1000, (600, 1640), limit), 2) for limit in (600, 1000, 1640)]
        [0.05, 0.5, 0.95]
    """
    offset = OFFSETS[name.removeprefix(CSYNTH)]
    if limit + offset <= 0:
        return 0.0
    distance = math.log((limit + offset) / (value + offset))
    low, high = interval
    side = (
        math.log((high + offset) / (value + offset)) if distance >= 0 else math.log((value + offset) / (low + offset))
    )
    if side <= 0:
        return 1.0 if limit >= value else 0.0
    return 0.5 * math.erfc(-_NORMAL * distance / side / math.sqrt(2))
