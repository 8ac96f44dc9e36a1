"""What is said of the probability that a pick meets its budget: in one line, with what would move it most."""

from collections.abc import Iterable, Sequence

from codesign.fpga.design.budget import Budget, measured, within_limit
from codesign.fpga.design.chances import Chances
from codesign.fpga.design.design import Design
from codesign.fpga.design.standing import loss_of
from codesign.metrics import MetricName

_SETTINGS = ("precision", "implementation", "reuse_factor", "adder_levels_per_stage")
_LEAST_GAIN = 0.02  # of the probability, for a change to be worth a word


def chance_notes(design: Design, others: Sequence[Design], budget: Budget, *, metric: MetricName) -> tuple[str, ...]:
    """Return one line on how likely a design meets the limits on its costs; none where nothing is in doubt.

    Args:
        design: that was picked.
        others: the designs that it was picked from: the one that differs in one setting and is likeliest to meet the
            budget is named.
        budget: with the limits.
        metric: that designs are judged by.
    """
    found = budget.chances(design)
    if not found.limits or found.is_certain:
        return ()
    parts = [f"meets the budget with {found.joint:.0%}, as estimated: {chances_text(found)}"]
    if found.weakest is not None:
        parts.append(f"most would move with {found.weakest}")
    change = _best_change(design, others, budget, metric)
    return ("; ".join([*parts, *change]),)


def chances_text(found: Chances) -> str:
    """Return ``lut 91 %, latency_ns 100 %, synthesis succeeds 97 %``."""
    said = [f"{name} {one:.0%}" for name, one in found.limits.items()]
    return ", ".join(said + ([] if found.failure is None else [f"synthesis succeeds {1 - found.failure:.0%}"]))


def _best_change(design: Design, others: Sequence[Design], budget: Budget, metric: MetricName) -> Iterable[str]:
    """The neighbour in one setting that keeps the limits on metrics and is likelier to meet those on costs."""
    own = budget.chances(design).joint
    near = [(budget.chances(one).joint, one) for one in others if _changed(design, one) and _keeps_metrics(one, budget)]
    near = [(joint, one) for joint, one in near if joint >= own + _LEAST_GAIN]
    if not near:
        return ()
    joint, one = min(near, key=lambda pair: (-round(pair[0], 2), loss_of(pair[1], metric)))
    name = _changed(design, one)
    found = one.measured(metric.text)
    quality = "" if found is None else f" and {metric.text} {found.value:.4f}"
    return (f"with {name.replace('_', ' ')} {getattr(one, name)} it is {joint:.0%}{quality}",)


def _changed(design: Design, other: Design) -> str | None:
    """The one setting in which two designs of a method differ; None if there are none, or several."""
    if other.report is None or design.method != other.method or design.part != other.part:
        return None
    if design.clock_period_ns != other.clock_period_ns:
        return None
    changed = [name for name in _SETTINGS if getattr(design, name) != getattr(other, name)]
    return changed[0] if len(changed) == 1 else None


def _keeps_metrics(design: Design, budget: Budget) -> bool:
    return all(within_limit(name, measured(design, name), limit) for name, limit in budget.limits_on_metrics())
