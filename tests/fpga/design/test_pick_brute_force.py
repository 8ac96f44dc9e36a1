"""Picks and fronts against searches through all pairs, on tables that hold ties, None, NaN and infinities."""

import math
from itertools import product

import numpy as np
import pytest

from codesign.errors import BudgetError
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import Design
from codesign.fpga.design.pick import pareto_front, pick
from codesign.fpga.design.report import DesignReport
from codesign.fpga.design.standing import part_share
from codesign.network import DenseLayer, Network

NETWORK = Network.chain((DenseLayer("dense", np.ones((8, 8)), np.zeros(8)),))
RESOURCES = ("lut", "ff", "dsp", "bram_18k")
ODD = (None, math.nan, math.inf)
TABLES = 4_000


def values(rng, usual, *, odd):
    return ODD[rng.integers(3)] if rng.random() < odd else usual[rng.integers(len(usual))]


def random_design(rng, odd):
    usual = ((0, 90, 100, 500), (0, 200, 1000), (0, 2), (0, 1))
    costs = {name: values(rng, one, odd=odd) for name, one in zip(RESOURCES, usual)}
    timing = {"latency_cycles": values(rng, (1, 2, 3), odd=odd), "initiation_interval": values(rng, (1, 2), odd=odd)}
    numbers = costs | timing
    report = DesignReport(
        "estimate",
        clock_target_ns=5.0,
        **{name: value for name, value in numbers.items() if value in (0, *range(2000))},
    )
    for name, value in numbers.items():
        object.__setattr__(report, name, value)  # a report refuses NaN and inf, and yet they must not win
    accuracy = values(rng, (0.5, 0.6, 0.7, -math.inf), odd=odd) if odd else values(rng, (0.5, 0.6, 0.7), odd=0)
    return Design(NETWORK, accuracy=accuracy, report=report, part="xc7z020clg400-1", events=1000)


@pytest.fixture(scope="module")
def pool():
    rng = np.random.default_rng(0)
    return [random_design(rng, odd) for odd, _ in product((0.0, 0.05, 0.3), range(300))]


def is_known(accuracy):
    return accuracy is not None and math.isfinite(accuracy)


def quantities(design):
    """What should be low, the accuracy first; a number that is not known is worse than any."""
    report = design.report
    found = [-design.accuracy if is_known(design.accuracy) else None]
    found += [getattr(report, name) for name in (*RESOURCES, "latency_ns", "initiation_interval")]
    return [math.inf if value is None else value for value in found]


def dominates(one, other):
    mine, theirs = quantities(one), quantities(other)
    return all(a <= b for a, b in zip(mine, theirs)) and any(a < b for a, b in zip(mine, theirs))


def is_sound(design):
    report = design.report
    numbers = [report.latency_ns, report.initiation_interval, *(getattr(report, name) for name in RESOURCES)]
    known = [number for number in numbers if number is not None]
    return report.latency_ns is not None and all(map(math.isfinite, known)) and not math.isnan(part_share(design))


def fits(design, budget):
    values = {
        "min_accuracy": design.accuracy if is_known(design.accuracy) else None,
        "lut": design.report.lut,
        "latency_ns": design.report.latency_ns,
    }
    kept = {name: values[name] for name, _ in budget.limits()}
    if any(value is None for value in kept.values()):
        return False
    upper = all(value <= getattr(budget, name) for name, value in kept.items() if name != "min_accuracy")
    return upper and kept.get("min_accuracy", 1.0) >= (budget.min_accuracy or 0.0)


def test_picks_are_feasible_best_and_dominated_by_nothing(pool):
    rng = np.random.default_rng(1)
    picks = 0
    for _ in range(TABLES):
        table = [pool[index] for index in rng.integers(len(pool), size=rng.integers(1, 9))]
        limits = {"min_accuracy": (None, 0.6), "lut": (None, 100), "latency_ns": (None, 10)}
        budget = Budget(**{name: values(rng, choices, odd=0) for name, choices in limits.items()})
        feasible = [design for design in table if is_sound(design) and fits(design, budget)]
        if not feasible:
            with pytest.raises(BudgetError) as error:
                pick(table, budget)
            assert "\n" not in str(error.value)
            continue
        picks += 1
        picked = pick(table, budget)
        measured = [design for design in feasible if is_known(design.accuracy)] or feasible
        known = [sum(getattr(design.report, name) is None for name in RESOURCES) for design in measured]
        complete = [design for design, missing in zip(measured, known) if missing == min(known)]
        assert part_share(picked.smallest) == min(map(part_share, complete))
        assert picked.fastest.report.latency_ns == min(design.report.latency_ns for design in measured)
        for design in (picked.smallest, picked.fastest):
            assert any(design is one for one in measured)
            assert not any(dominates(other, design) for other in feasible)
    assert picks > TABLES / 4


def test_fronts_are_what_no_design_beats(pool):
    rng = np.random.default_rng(2)

    def losses(design):
        accuracy = None if design.accuracy is None else -design.accuracy
        return [
            math.nan if value is None else value for value in (accuracy, design.report.latency_ns, part_share(design))
        ]

    def beats(one, other):
        return all(a <= b for a, b in zip(one, other)) and any(a < b for a, b in zip(one, other))

    for _ in range(TABLES // 10):
        table = [pool[index] for index in rng.integers(len(pool), size=rng.integers(0, 12))]
        known = [design for design in table if all(map(math.isfinite, losses(design)))]
        wanted = [design for design in known if not any(beats(losses(other), losses(design)) for other in known)]
        found = pareto_front(table)
        assert len(found) == len(wanted) and all(one is other for one, other in zip(found, wanted))
