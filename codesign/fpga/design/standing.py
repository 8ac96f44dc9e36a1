"""How good and how large a design is, as numbers to compare designs by."""

import math

from codesign.fpga.design.design import Design
from codesign.metrics import MetricName

COSTED = ("lut", "ff", "dsp", "bram_18k")


def part_share(design: Design) -> float:
    """Return the largest share of the part's LUT, FF, DSP or block RAM that a design takes; NaN if none is known.

    A count that is NaN makes the share NaN, and a use of what the part has none of makes it infinite.
    """
    part, report = design.capacities, design.report
    used = [(getattr(report, name), getattr(part, name)) for name in COSTED] if report else []
    shares = [_share(count, capacity) for count, capacity in used if count is not None and capacity is not None]
    return math.nan if not shares or any(map(math.isnan, shares)) else max(shares)


def loss_of(design: Design, metric: MetricName) -> float:
    """Return what should be low of a metric; infinite where it is not known, or is no number."""
    found = design.measured(metric.text)
    return math.inf if found is None or not math.isfinite(found.value) else metric.loss(found.value)


def costs(design: Design) -> tuple[float | None, ...]:
    """Return LUT, FF, DSP, block RAM, latency_ns, initiation interval; None where not known."""
    return tuple(getattr(design.report, name, None) for name in (*COSTED, "latency_ns", "initiation_interval"))


def _share(count: float, capacity: float) -> float:
    if capacity:
        return count / capacity
    return math.inf if count > 0 else float(count)
