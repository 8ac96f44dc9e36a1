"""Choose among designs: those that no other beats, the smallest and the fastest within a budget."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign._arguments import checked
from codesign.errors import BudgetError
from codesign.fpga.design.budget import Budget, measured
from codesign.fpga.design.design import Design

_RESOURCES = ("lut", "ff", "dsp", "bram_18k")


@dataclass(frozen=True)
class Picked:
    """The two designs to build; they may be one and the same.

    Args:
        smallest: the one that takes the least share of the part.
        fastest: the one with the least latency.
        notes: what to know about each, by ``smallest`` and ``fastest``; see :func:`pick_notes`.
    """

    smallest: Design
    fastest: Design
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def part_share(design: Design) -> float:
    """Return the largest share of the part's LUT, FF, DSP or block RAM that a design takes; NaN if none is known.

    A count that is NaN makes the share NaN, and a use of what the part has none of makes it infinite.
    """
    part, report = design.capacities, design.report
    used = [(getattr(report, name), getattr(part, name)) for name in _RESOURCES] if report else []
    shares = [_share(count, capacity) for count, capacity in used if count is not None and capacity is not None]
    return math.nan if not shares or any(map(math.isnan, shares)) else max(shares)


def pareto_front(designs: Sequence[Design]) -> list[Design]:
    """Return the designs that no other beats, in the order given.

    One beats another if it is at least as good in accuracy, in latency_ns and in the share of the part, and better in
    one. Equal designs do not beat each other. A design whose accuracy, latency or share is not known, NaN or infinite
    is left out.
    """
    losses = np.array([_losses(design) for design in designs], float).reshape(len(designs), 3)
    known = np.isfinite(losses).all(1)
    kept = [index for index in np.flatnonzero(known) if not _is_beaten(losses[index], losses[known])]
    return [designs[index] for index in kept]


@checked
def pick(designs: Sequence[Design], budget: Budget) -> Picked:
    """Return the smallest and the fastest of the designs within a budget.

    Smallest: the least share of the part, then the fewest LUTs, the highest accuracy, the fewest FF, DSP and block
    RAMs, the least latency_ns and initiation interval. Fastest: the least latency_ns, then the smallest. Designs that
    the part holds come before all that it does not. Since every quantity takes part, no design is at least as good as
    a picked one in all of them and better in one.

    What is not known is worse than any number: a design without an accuracy, or whose accuracy is NaN, is picked only
    where none has one. A design with a cost that is NaN or infinite is never picked, nor one without a latency or any
    resource.

    Args:
        designs: with reports, as :func:`codesign.fpga.sweep` gives them.
        budget: limits.

    Raises:
        BudgetError: if no design is within the budget; it names the design and the limits that come nearest.
    """
    feasible = [design for design in designs if _is_sound(design) and budget.is_met(design)]
    if not feasible:
        raise BudgetError(_explain(designs, budget))
    picked = {"smallest": min(feasible, key=_size), "fastest": min(feasible, key=_time)}
    best = min(feasible, key=_loss_of_accuracy)
    return Picked(**picked, notes={role: pick_notes(design, best, budget) for role, design in picked.items()})


def pick_notes(design: Design, best: Design, budget: Budget) -> tuple[str, ...]:
    """Return what to know about a pick, one sentence each: about its accuracy, and whether it is larger than the part.

    Without a floor on the accuracy: how much was given up against the `best` design within the budget. With one:
    whether the accuracy is within one sigma of it, so that chance may have lifted it over.
    """
    share = part_share(design)
    larger = (f"it takes {share:.0%} of {design.part}: choose a larger part",) if share > 1 else ()
    return (*_accuracy_notes(design, best, budget), *larger)


def _accuracy_notes(design: Design, best: Design, budget: Budget) -> tuple[str, ...]:
    if _loss_of_accuracy(design) == math.inf:
        return ("its accuracy is not known: measure it with sweep",)
    floor, error = budget.min_accuracy, design.accuracy_error
    if floor is None:
        given_up = best.accuracy - design.accuracy
        if not given_up > 0:
            return ()
        return (
            f"accuracy {design.accuracy:.4f} is {given_up:.4f} below the best within the budget, "
            f"{best.accuracy:.4f} of {best.label}: no min_accuracy was set; set one in the budget to keep it",
        )
    if error is None or design.accuracy - floor >= error:
        return ()
    return (
        f"accuracy {design.accuracy:.4f} is within one sigma ({error:.4f}, {design.events:,} events) "
        f"of min_accuracy {floor}: the true one may lie below",
    )


def _share(count: float, capacity: float) -> float:
    if capacity:
        return count / capacity
    return math.inf if count > 0 else float(count)


def _is_sound(design: Design) -> bool:
    """Whether it can be compared: latency and share are known, and no cost is NaN or infinite."""
    report = design.report
    if report is None or report.latency_ns is None:
        return False
    return all(cost is None or math.isfinite(cost) for cost in _costs(design)) and math.isfinite(part_share(design))


def _loss_of_accuracy(design: Design) -> float:
    """Minus the accuracy; infinite where it is not known, or is no number."""
    return math.inf if design.accuracy is None or not math.isfinite(design.accuracy) else -design.accuracy


def _losses(design: Design) -> tuple[float, float, float]:
    """What should be low: minus accuracy, latency, share of the part; NaN or infinite if not known."""
    latency_ns = design.report.latency_ns if design.report else None
    return _loss_of_accuracy(design), math.nan if latency_ns is None else latency_ns, part_share(design)


def _is_beaten(loss: np.ndarray, others: np.ndarray) -> bool:
    return bool(((others <= loss).all(1) & (others < loss).any(1)).any())


def _costs(design: Design) -> tuple[float | None, ...]:
    """LUT, FF, DSP, block RAM, latency_ns, initiation interval; None where not known."""
    return tuple(getattr(design.report, name, None) for name in (*_RESOURCES, "latency_ns", "initiation_interval"))


def _size(design: Design) -> tuple[float, ...]:
    """Every entry falls, or stays, where a quantity gets better: nothing dominates the design of the least tuple."""
    accuracy, share = _loss_of_accuracy(design), part_share(design)
    lut, *others = (math.inf if cost is None else cost for cost in _costs(design))
    unknown = sum(getattr(design.report, name) is None for name in _RESOURCES)
    return (accuracy == math.inf, unknown, share, lut, accuracy, *others)


def _time(design: Design) -> tuple[float, ...]:
    return (_loss_of_accuracy(design) == math.inf, part_share(design) > 1, design.report.latency_ns, *_size(design))


def _explain(designs: Sequence[Design], budget: Budget) -> str:
    """One line: the design whose worst excess is least, what it misses, and what to do."""
    if not designs:
        return "budget: expected designs to pick from. Received: none; widen the grid"
    nearest = min(designs, key=lambda design: _distance(budget.excesses(design)))
    excesses = budget.excesses(nearest)
    broken = _broken(nearest, {**excesses, "latency_ns": 0})
    if broken or not excesses:
        wrong = " and ".join(broken) or "no resources"
        return f"budget: no design of {len(designs)} fits; {nearest.label} has {wrong}; estimate it first"
    missed = [(name, limit) for name, limit in budget.limits() if name in excesses]
    needs = " and ".join(_describe(nearest, name, limit, excesses[name]) for name, limit in missed)
    advice = f"raise {'that limit' if len(excesses) == 1 else 'those limits'} or widen the grid"
    if "min_accuracy" in excesses:
        best = max(design.accuracy for design in designs if measured(design, "min_accuracy") is not None)
        advice = (
            f"the best accuracy reached is {best:.4f}: lower min_accuracy, allow more bits, or train a better network"
        )
    return f"budget: no design of {len(designs)} fits; nearest: {nearest.label} {needs}; {advice}"


def _broken(design: Design, limited: Iterable[str]) -> list[str]:
    """What is missing, or is no number that a limit can be held against."""
    names = {name: name.removeprefix("min_") for name in limited if measured(design, name) is None}
    wrong = []
    for name, value in zip((*_RESOURCES, "latency_ns", "initiation_interval"), _costs(design)):
        if value is not None and not math.isfinite(value):
            wrong.append(f"{name} {value}")
            names = {limit: text for limit, text in names.items() if text != name}
    share = part_share(design)
    if not wrong and math.isinf(share):
        wrong.append(f"a use of what {design.part} has none of")
    return [*(f"no {text}" for text in names.values()), *wrong]


def _distance(excesses: dict[str, float]) -> tuple[float, float]:
    return max(excesses.values(), default=math.inf), sum(excesses.values())


def _describe(design: Design, name: str, limit: float, excess: float) -> str:
    value = measured(design, name)
    if name == "min_accuracy":
        return f"reaches accuracy {value:.4f}, {100 * excess:.1f} % below min_accuracy {limit}"
    above = f"{100 * excess:.1f} % above" if limit else "above"
    return f"needs {name} {round(value, 3)}, {above} the limit {limit}"
