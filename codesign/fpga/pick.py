"""Choose among designs: those that no other beats, the smallest and the fastest within a budget."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import BudgetError
from codesign.fpga.budget import Budget, measured
from codesign.fpga.design import Design
from codesign.fpga.parts import find_part


@dataclass(frozen=True)
class Picked:
    """The two designs to build; they may be one and the same.

    Args:
        smallest: the one that takes the least share of the part.
        fastest: the one with the least latency.
    """

    smallest: Design
    fastest: Design


def part_share(design: Design) -> float:
    """Return the largest of the shares of the part's LUT, FF, DSP and block RAM that a design takes; NaN if none is known."""
    part, report = find_part(design.part), design.report
    used = [(getattr(report, name), getattr(part, name)) for name in ("lut", "ff", "dsp", "bram_18k")] if report else []
    return max((count / capacity for count, capacity in used if count is not None), default=math.nan)


def pareto_front(designs: Sequence[Design]) -> list[Design]:
    """Return the designs that no other beats, in the order given.

    One beats another if it is at least as good in accuracy, in latency_ns and in the share of the part, and better in one.
    Equal designs do not beat each other. A design whose accuracy, latency or share is not known is left out.
    """
    known = [design for design in designs if np.isfinite(_losses(design)).all()]
    losses = np.array([_losses(design) for design in known]).reshape(len(known), 3)
    return [design for design, loss in zip(known, losses) if not _is_beaten(loss, losses)]


def pick(designs: Sequence[Design], budget: Budget) -> Picked:
    """Return the smallest and the fastest of the designs within a budget.

    Smallest: the least share of the part, then the fewest LUTs, then the highest accuracy.
    Fastest: the least latency_ns, then the smallest.

    Args:
        designs: with reports, as :func:`codesign.fpga.sweep.sweep` gives them.
        budget: limits.

    Raises:
        BudgetError: if no design is within the budget; it names the design and the limits that come nearest.
    """
    feasible = [design for design in designs if np.isfinite(_losses(design)[1:]).all() and budget.is_met(design)]
    if not feasible:
        raise BudgetError(_explain(designs, budget))
    return Picked(min(feasible, key=_size), min(feasible, key=lambda design: (design.report.latency_ns, *_size(design))))


def _losses(design: Design) -> tuple[float, float, float]:
    """What should be low: minus accuracy, latency, share of the part; NaN if not known."""
    latency_ns = design.report.latency_ns if design.report else None
    accuracy = math.nan if design.accuracy is None else design.accuracy
    return -accuracy, math.nan if latency_ns is None else latency_ns, part_share(design)


def _is_beaten(loss: np.ndarray, others: np.ndarray) -> bool:
    return bool(((others <= loss).all(1) & (others < loss).any(1)).any())


def _size(design: Design) -> tuple[float, float, float]:
    lut = design.report.lut
    return part_share(design), math.inf if lut is None else lut, -(design.accuracy or 0.0)


def _explain(designs: Sequence[Design], budget: Budget) -> str:
    """One line: the design whose worst excess is least, what it misses, and what to do."""
    if not designs:
        return "budget: expected designs to pick from. Received: none; widen the grid"
    nearest = min(designs, key=lambda design: _distance(budget.excesses(design)))
    excesses = budget.excesses(nearest)
    unknown = [name for name in {**excesses, "latency_ns": 0} if measured(nearest, name) is None]
    if unknown or not excesses:
        missing = " and no ".join(name.removeprefix("min_") for name in unknown) or "resources"
        return f"budget: no design of {len(designs)} fits; {_label(nearest)} has no {missing}; estimate it first"
    needs = " and ".join(_describe(nearest, name, limit, excesses[name]) for name, limit in budget.limits() if name in excesses)
    advice = f"raise {'that limit' if len(excesses) == 1 else 'those limits'} or widen the grid"
    if "min_accuracy" in excesses:
        best = max(design.accuracy for design in designs if measured(design, "min_accuracy") is not None)
        advice = f"the best accuracy reached is {best:.4f}: lower min_accuracy, allow more bits, or train a better network"
    return f"budget: no design of {len(designs)} fits; nearest: {_label(nearest)} {needs}; {advice}"


def _distance(excesses: dict[str, float]) -> tuple[float, float]:
    return max(excesses.values(), default=math.inf), sum(excesses.values())


def _describe(design: Design, name: str, limit: float, excess: float) -> str:
    value = measured(design, name)
    if name == "min_accuracy":
        return f"reaches accuracy {value:.4f}, {100 * excess:.1f} % below min_accuracy {limit}"
    above = f"{100 * excess:.1f} % above" if limit else "above"
    return f"needs {name} {round(value, 3)}, {above} the limit {limit}"


def _label(design: Design) -> str:
    if design.implementation == "unrolled":
        hardware = f"{design.adder_levels_per_stage} adder levels per stage"
    else:
        hardware = f"reuse {design.reuse_factor}"
    return " ".join(word for word in (design.implementation, design.precision, hardware) if word)
