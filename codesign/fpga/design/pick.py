"""Choose among designs: those that no other beats, and the smallest, the fastest and the best within a budget."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign._arguments import checked
from codesign.errors import BudgetError
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.chance_text import chance_notes
from codesign.fpga.design.chances import Chances
from codesign.fpga.design.design import Design
from codesign.fpga.design.pick_text import explain, pick_notes
from codesign.fpga.design.standing import COSTED, costs, loss_of, part_share
from codesign.metrics import MetricName, parse_metric

_ACCURACY = parse_metric("accuracy")


@dataclass(frozen=True)
class Picked:
    """The designs to build; they may be one and the same.

    Args:
        smallest: the one that takes the least share of the part.
        fastest: the one with the least latency.
        best: the best by the metric asked for.
        notes: what to know about each, by ``smallest``, ``fastest`` and ``best``; see :func:`pick_notes`.
        metric: name of the metric.
        chances: how likely each meets the budget's limits on costs, by the same names.
    """

    smallest: Design
    fastest: Design
    best: Design
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    metric: str = "accuracy"
    chances: Mapping[str, Chances] = field(default_factory=dict)


def pareto_front(designs: Sequence[Design], metric: str = "accuracy") -> list[Design]:
    """Return the designs that no other beats, in the order given.

    One beats another if it is at least as good in the metric, in latency_ns and in the share of the part, and better in
    one. Equal designs do not beat each other. A design whose metric, latency or share is not known, NaN or infinite is
    left out.

    Args:
        designs: with reports.
        metric: name of what they are judged by, which they hold; see :func:`codesign.metrics.find_metric`.

    Raises:
        ConfigError: for an unknown metric.
    """
    by = parse_metric(metric)
    losses = np.array([_losses(design, by) for design in designs], float).reshape(len(designs), 3)
    known = np.isfinite(losses).all(1)
    kept = [index for index in np.flatnonzero(known) if not _is_beaten(losses[index], losses[known])]
    return [designs[index] for index in kept]


@checked
def pick(designs: Sequence[Design], budget: Budget, *, metric: str | None = None) -> Picked:
    """Return the smallest, the fastest and the best of the designs within a budget.

    Smallest: the least share of the part, then the fewest LUTs, the best by the metric, the fewest FF, DSP and block
    RAMs, the least latency_ns and initiation interval. Fastest: the least latency_ns, then the smallest. Best: by the
    metric, then the smallest. Designs that the part holds come before all that it does not. Since every quantity takes
    part, no design is at least as good as a picked one in all of them and better in one.

    What is not known is worse than any number: a design without the metric, or whose metric is NaN, is picked only
    where none has one. A design with a cost that is NaN or infinite is never picked, nor one without a latency or any
    resource.

    Args:
        designs: with reports, as :func:`codesign.fpga.sweep` gives them.
        budget: limits.
        metric: name of what they are judged by, which they hold; see :func:`codesign.metrics.find_metric`. None: the
            accuracy where one has it, else the first metric that one has.

    Raises:
        BudgetError: if no design is within the budget; it names the design and the limits that come nearest.
        ConfigError: for an unknown metric.

    Example:
        >>> from codesign import Budget, DenseLayer, Design, Network, estimate, pick, quantize_network
        >>> from dataclasses import replace
        >>> network = Network.chain([DenseLayer("fc", [[0.7], [0.3]], [0.1])])
        >>> fixed = [quantize_network(network, [[1.0, 2.0]], weights=bits, activations=6) for bits in (3, 8)]
        >>> designs = [Design(each, accuracy=accuracy) for each, accuracy in zip(fixed, (0.7, 0.8))]
        >>> designs = [replace(design, report=estimate(design)) for design in designs]
        >>> budgets = (Budget(latency_ns=50), Budget(min_accuracy=0.75))
        >>> [pick(designs, budget).smallest.accuracy for budget in budgets]
        [0.7, 0.8]
    """
    by = _chosen_metric(designs) if metric is None else parse_metric(metric)
    feasible = [design for design in designs if _is_sound(design) and budget.is_met(design)]
    if not feasible:
        raise BudgetError(explain(designs, budget))
    picked = {
        "smallest": min(feasible, key=lambda design: _size(design, by)),
        "fastest": min(feasible, key=lambda design: _time(design, by)),
        "best": min(feasible, key=lambda design: _quality(design, by)),
    }
    notes = {
        role: (
            *pick_notes(design, picked["best"], budget, metric=by),
            *chance_notes(design, designs, budget, metric=by),
        )
        for role, design in picked.items()
    }
    found = {role: budget.chances(design) for role, design in picked.items()}
    return Picked(**picked, notes=notes, metric=by.text, chances=found)


def _chosen_metric(designs: Sequence[Design]) -> MetricName:
    if any(design.measured("accuracy") for design in designs):
        return _ACCURACY
    return next((parse_metric(name) for design in designs for name in design.metrics), _ACCURACY)


def _is_sound(design: Design) -> bool:
    """Whether it can be compared: latency and share are known, and no cost is NaN or infinite."""
    report = design.report
    if report is None or report.latency_ns is None:
        return False
    return all(cost is None or math.isfinite(cost) for cost in costs(design)) and math.isfinite(part_share(design))


def _losses(design: Design, metric: MetricName) -> tuple[float, float, float]:
    """What should be low: the metric's loss, latency, share of the part; NaN or infinite if not known."""
    latency_ns = design.report.latency_ns if design.report else None
    return loss_of(design, metric), math.nan if latency_ns is None else latency_ns, part_share(design)


def _is_beaten(loss: np.ndarray, others: np.ndarray) -> bool:
    return bool(((others <= loss).all(1) & (others < loss).any(1)).any())


def _size(design: Design, metric: MetricName) -> tuple[float, ...]:
    """Every entry falls, or stays, where a quantity gets better: nothing dominates the design of the least tuple."""
    loss, share = loss_of(design, metric), part_share(design)
    lut, *others = (math.inf if cost is None else cost for cost in costs(design))
    unknown = sum(getattr(design.report, name) is None for name in COSTED)
    return (loss == math.inf, unknown, share, lut, loss, *others)


def _time(design: Design, metric: MetricName) -> tuple[float, ...]:
    size = _size(design, metric)
    return (size[0], part_share(design) > 1, design.report.latency_ns, *size)


def _quality(design: Design, metric: MetricName) -> tuple[float, ...]:
    return (part_share(design) > 1, loss_of(design, metric), *_size(design, metric))
