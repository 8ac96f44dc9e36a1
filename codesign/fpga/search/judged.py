"""What a search makes small of a design, and by how much it misses each limit."""

import math

from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import Design
from codesign.fpga.design.standing import loss_of, part_share
from codesign.metrics import MetricName

_MOST_MISSED = 1e6  # of a limit on what is not known


def names_of_losses(metric: MetricName) -> tuple[str, str, str]:
    """Return what the losses of :func:`judged_design` are called."""
    return f"loss of {metric.text}", "share of the part", "latency_ns"


def judged_design(
    design: Design, metric: MetricName, budget: Budget
) -> tuple[tuple[float, float, float], dict[str, float]]:
    """Return the losses of a design, the quality first, and by how much it misses each limit of a budget."""
    missed, latency_ns = budget.excesses(design), design.report.latency_ns
    limits = {name: min(missed.get(name, 0.0), _MOST_MISSED) for name, _ in budget.limits()}
    latency_ns = math.inf if latency_ns is None else latency_ns
    return (loss_of(design, metric), part_share(design), latency_ns), limits
