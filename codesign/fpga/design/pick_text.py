"""What is said of picks: notes beside them, and why there are none."""

import math
from collections.abc import Iterable, Iterator, Sequence

from codesign.fpga.design.budget import Budget, is_on_metric, measured, metric_of
from codesign.fpga.design.chance_text import chances_text
from codesign.fpga.design.design import Design
from codesign.fpga.design.standing import COSTED, costs, loss_of, part_share
from codesign.metrics import MetricName


def pick_notes(design: Design, best: Design, budget: Budget, *, metric: MetricName) -> tuple[str, ...]:
    """Return what to know about a pick, one sentence each: how good it is, and whether it is larger than the part.

    Without a limit on the metric: how much was given up against the `best` design within the budget. With limits on
    metrics: which of them are within one sigma, so that chance may have lifted the design over.
    """
    share = part_share(design)
    larger = (f"it takes {share:.0%} of {design.part}: choose a larger part",) if share > 1 else ()
    return (*_metric_notes(design, best, budget, metric), *larger)


def _metric_notes(design: Design, best: Design, budget: Budget, metric: MetricName) -> Iterator[str]:
    if loss_of(design, metric) == math.inf:
        yield f"its {metric.text} is not known: measure it with sweep"
        return
    limits = budget.limits_on_metrics()
    if metric.text not in [metric_of(name).text for name, _ in limits]:
        yield from _given_up(design, best, metric)
    for name, limit in limits:
        found = design.measured(metric_of(name).text)
        above = name.startswith("min_")
        margin = abs(found.value) - limit if above else limit - abs(found.value)
        if found.error is not None and margin < found.error:
            events = "" if found.events is None else f", {found.events:,} events"
            yield (
                f"{metric_of(name).text} {found.value:.4f} is within one sigma ({found.error:.4f}{events}) of {name} "
                f"{limit}: the true one may lie {'below' if above else 'above'}"
            )


def _given_up(design: Design, best: Design, metric: MetricName) -> Iterator[str]:
    given_up = loss_of(design, metric) - loss_of(best, metric)
    if given_up > 0:
        own, others = (one.measured(metric.text).value for one in (design, best))
        bound, side = ("min_", "below") if metric.higher_is_better else ("max_", "above")
        yield (
            f"{metric.text} {own:.4f} is {given_up:.4f} {side} the best within the budget, {others:.4f} of "
            f"{best.label}: no {bound}{metric.text} was set; set one in the budget to keep it"
        )


def explain(designs: Sequence[Design], budget: Budget) -> str:
    """Return one line: the design whose worst excess is least, what it misses, and what to do."""
    if not designs:
        return "budget: expected designs to pick from. Received: none; widen the grid"
    doubtful = _in_doubt(designs, budget)
    if doubtful:
        return doubtful
    nearest = min(designs, key=lambda design: _distance(budget.excesses(design)))
    excesses = budget.excesses(nearest)
    broken = _broken(nearest, {**excesses, "latency_ns": 0})
    if broken or not excesses:
        wrong = " and ".join(broken) or "no resources"
        cure = "measure it first" if any(map(is_on_metric, excesses)) else "estimate it first"
        return f"budget: no design of {len(designs)} fits; {nearest.label} has {wrong}; {cure}"
    missed = [(name, limit) for name, limit in budget.limits() if name in excesses]
    needs = " and ".join(_describe(nearest, name, limit, excesses[name]) for name, limit in missed)
    limits = [name for name in excesses if is_on_metric(name)]
    advice = f"raise {'that limit' if len(excesses) == 1 else 'those limits'} or widen the grid"
    if limits:
        advice = _metric_advice(designs, limits[0])
    return f"budget: no design of {len(designs)} fits; nearest: {nearest.label} {needs}; {advice}"


def _in_doubt(designs: Sequence[Design], budget: Budget) -> str:
    """What to say where estimates keep every limit, but not with the confidence that the budget asks for."""
    within = [design for design in designs if not budget.excesses(design)]
    if budget.confidence is None or not within:
        return ""
    likeliest = max(within, key=lambda design: budget.chances(design).joint)
    found = budget.chances(likeliest)
    return (
        f"budget: no design of {len(designs)} fits with a confidence of {budget.confidence:.0%}; likeliest: "
        f"{likeliest.label}, {found.joint:.0%} ({chances_text(found)}); lower budget.confidence or widen the grid"
    )


def _metric_advice(designs: Sequence[Design], limit: str) -> str:
    metric = metric_of(limit)
    reached = (value for value in (measured(design, limit) for design in designs) if value is not None)
    best = min(reached, key=metric.loss)
    verb = "lower" if metric.higher_is_better else "raise"
    return f"the best {metric.text} reached is {best:.4f}: {verb} {limit}, allow more bits, or train a better network"


def _broken(design: Design, limited: Iterable[str]) -> list[str]:
    """What is missing, or is no number that a limit can be held against."""
    names = {
        name: metric_of(name).text if is_on_metric(name) else name for name in limited if measured(design, name) is None
    }
    wrong = []
    for name, value in zip((*COSTED, "latency_ns", "initiation_interval"), costs(design)):
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
    if is_on_metric(name):
        side = "below" if name.startswith("min_") else "above"
        return f"reaches {metric_of(name).text} {value:.4f}, {100 * excess:.1f} % {side} {name} {limit}"
    above = f"{100 * excess:.1f} % above" if limit else "above"
    return f"needs {name} {round(value, 3)}, {above} the limit {limit}"
