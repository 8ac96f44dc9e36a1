import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import BudgetError
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import Design
from codesign.fpga.design.pick import pareto_front, pick
from codesign.fpga.design.report import DesignReport
from codesign.fpga.design.standing import part_share
from codesign.metrics import Measured
from codesign.network import DenseLayer, Network

NETWORK = Network.chain((DenseLayer("dense", np.ones((8, 8)), np.zeros(8)),))
PART = "xc7z020clg400-1"
TINY = {"part": "tiny", "capacity": {"lut": 1000, "ff": 1000}}
CAPACITIES = {"lut": 53_200, "ff": 106_400, "dsp": 220, "bram_18k": 280}


def design(accuracy=0.7, latency_cycles=10, lut=1000, *, ff=0, dsp=0, bram_18k=0, **settings):
    costs = {"lut": lut, "ff": ff, "dsp": dsp, "bram_18k": bram_18k, "latency_cycles": latency_cycles}
    report = DesignReport("estimate", clock_target_ns=5.0, **costs)
    return Design(NETWORK, accuracy=accuracy, report=report, **{"precision": "w6 a8", "part": PART, **settings})


def share_one_by_one(candidate):
    return max(getattr(candidate.report, name) / capacity for name, capacity in CAPACITIES.items())


def beats(one, other):
    mine = (-one.accuracy, one.report.latency_ns, share_one_by_one(one))
    theirs = (-other.accuracy, other.report.latency_ns, share_one_by_one(other))
    return all(a <= b for a, b in zip(mine, theirs)) and any(a < b for a, b in zip(mine, theirs))


# Few values, so that ties are the rule.
designs_with_ties = st.lists(
    st.builds(
        design,
        st.sampled_from([0.5, 0.6, 0.7]),
        st.integers(1, 4),
        st.sampled_from([0, 100, 500]),
        ff=st.sampled_from([0, 200, 1000]),
        dsp=st.sampled_from([0, 2]),
        bram_18k=st.sampled_from([0, 1]),
    ),
    max_size=25,
)


@given(designs_with_ties)
def test_front_is_what_no_other_design_beats(designs):
    assert pareto_front(designs) == [one for one in designs if not any(beats(other, one) for other in designs)]


@given(designs_with_ties, st.integers(1, 4), st.sampled_from([None, 100, 500]), st.sampled_from([None, 0.6]))
@settings(max_examples=200)
def test_picks_match_a_search_through_all_designs(designs, cycles, lut, min_accuracy):
    budget = Budget(latency_ns=5.0 * cycles, lut=lut, min_accuracy=min_accuracy)
    feasible = [
        one
        for one in designs
        if one.report.latency_cycles <= cycles
        and one.report.lut <= (lut or math.inf)
        and one.accuracy >= (min_accuracy or 0)
    ]
    if not feasible:
        with pytest.raises(BudgetError):
            pick(designs, budget)
        return
    picked = pick(designs, budget)

    def size(one):
        return share_one_by_one(one), one.report.lut, -one.accuracy

    assert size(picked.smallest) == min(map(size, feasible))
    fastest = picked.fastest
    assert (fastest.report.latency_ns, *size(fastest)) == min((one.report.latency_ns, *size(one)) for one in feasible)


def test_the_largest_share_decides():
    assert part_share(design(lut=5_320, dsp=110)) == 0.5
    assert part_share(design(lut=5_320, dsp=2)) == 0.1
    assert math.isnan(part_share(Design(NETWORK, part=PART)))


def test_equal_designs_are_all_on_the_front():
    twins = [design(), design()]
    assert pareto_front(twins) == twins


@pytest.mark.parametrize("accuracy", [None, math.nan])
def test_designs_without_an_accuracy_are_left_out_of_the_front(accuracy):
    known = design(0.1, latency_cycles=99)
    assert pareto_front([design(accuracy), known, Design(NETWORK)]) == [known]


@pytest.mark.parametrize("accuracy", [None, math.nan])
def test_an_unknown_accuracy_never_meets_a_limit(accuracy):
    with pytest.raises(BudgetError, match="has no accuracy"):
        pick([design(accuracy)], Budget(min_accuracy=0.1))
    assert pick([design(accuracy)], Budget(lut=2000)).smallest.report.lut == 1000


def test_a_design_without_costs_is_never_picked():
    with pytest.raises(BudgetError, match="has no latency_ns; estimate it first"):
        pick([Design(NETWORK)], Budget())


def test_says_which_limit_is_nearest():
    designs = [
        design(latency_cycles=40, implementation="hls4ml-latency"),
        design(latency_cycles=26, implementation="hls4ml-resource", reuse_factor=8),
    ]
    with pytest.raises(BudgetError) as caught:
        pick(designs, Budget(latency_ns=100.0))
    assert str(caught.value) == (
        "budget: no design of 2 fits; nearest: hls4ml-resource w6 a8 reuse 8 needs latency_ns 130.0, "
        "30.0 % above the limit 100.0; raise that limit or widen the grid"
    )


def test_names_every_limit_that_the_nearest_design_misses():
    needs = (
        "needs latency_ns 50.0, 25.0 % above the limit 40 and needs lut 1000, 10.0 % above the limit 909; raise those "
        "limits"
    )
    with pytest.raises(BudgetError, match=needs):
        pick([design(), design(latency_cycles=100)], Budget(latency_ns=40, lut=909))


def test_names_the_best_accuracy_when_that_is_the_obstacle():
    designs = [design(0.65, latency_cycles=90), design(0.62), design(math.nan)]
    needs = "reaches accuracy 0.6500, 7.1 % below min_accuracy 0.7; the best accuracy reached is 0.6500"
    with pytest.raises(BudgetError, match=needs):
        pick(designs, Budget(min_accuracy=0.7))


def test_a_limit_of_zero_can_be_missed_by_more_or_less():
    designs = [design(dsp=5), design(dsp=3, precision="w5 a8"), design(dsp=4)]
    with pytest.raises(BudgetError, match="w5 a8 4 adder levels per stage needs dsp 3, above the limit 0"):
        pick(designs, Budget(dsp=0))


def test_nothing_to_pick_from():
    with pytest.raises(BudgetError, match="Received: none"):
        pick([], Budget())
    assert pareto_front([]) == []


def test_of_designs_of_equal_size_the_better_in_everything_else_is_picked():
    slow, fast = design(latency_cycles=10, ff=5472), design(latency_cycles=4, ff=2068)
    for designs in ([slow, fast], [fast, slow]):
        assert pick(designs, Budget()).smallest is pick(designs, Budget()).fastest is fast


def test_a_pick_without_a_floor_says_what_it_gave_up():
    small, good = design(0.35, lut=100, events=400), design(0.65, lut=900, latency_cycles=20, events=400)
    notes = pick([small, good], Budget()).notes
    assert "accuracy 0.3500 is 0.3000 below the best within the budget, 0.6500" in notes["smallest"][0]
    assert notes["smallest"] == notes["fastest"]
    assert pick([good], Budget()).notes == {"smallest": (), "fastest": (), "best": ()}
    assert pick([good, small], Budget(min_accuracy=0.1)).notes["smallest"] == ()


def test_a_pick_within_one_sigma_of_the_floor_says_so():
    near, far = design(0.65, lut=100, events=900), design(0.65, lut=100, events=900_000)
    assert near.accuracy_error == pytest.approx(math.sqrt(0.65 * 0.35 / 900))
    assert (
        "within one sigma (0.0159, 900 events) of min_accuracy 0.64"
        in pick([near], Budget(min_accuracy=0.64)).notes["smallest"][0]
    )
    assert pick([far], Budget(min_accuracy=0.64)).notes["smallest"] == ()


def test_what_the_part_has_none_of_does_not_fit():
    capacity = {"lut": 1000, "ff": 2000, "dsp": 0}
    declared = {"part": "new-part", "capacity": capacity}
    multiplying, plain = design(dsp=3, **declared), design(lut=999, **declared)
    assert part_share(plain) == 0.999 and pick([multiplying, plain], Budget()).fastest is plain
    with pytest.raises(BudgetError, match="has a use of what new-part has none of"):
        pick([multiplying], Budget())


def test_what_the_part_holds_comes_before_what_it_does_not():
    large, small = design(lut=2000, latency_cycles=1, **TINY), design(lut=900, latency_cycles=9, **TINY)
    assert pick([large, small], Budget(min_accuracy=0.1)).fastest is small
    picked = pick([large], Budget(min_accuracy=0.1))
    assert picked.notes["fastest"] == ("it takes 200% of tiny: choose a larger part",)


def judged(lut, **metrics):
    return design(None, lut=lut, metrics={name: Measured(value, 0.01, 400) for name, value in metrics.items()})


def test_best_is_by_the_metric_within_the_budget_and_ties_go_to_the_smaller():
    small, good, twin, large = (judged(lut, rmse=rmse) for lut, rmse in ((1, 3.0), (3, 2.0), (2, 2.0), (9, 1.0)))
    designs = [small, good, twin, large]
    picked = pick(designs, Budget(lut=5))
    assert (picked.smallest, picked.best, picked.metric) == (small, twin, "rmse")
    assert "rmse 3.0000 is 1.0000 above the best within the budget, 2.0000" in picked.notes["smallest"][0]
    assert "no max_rmse was set" in picked.notes["smallest"][0] and picked.notes["best"] == ()
    assert pareto_front(designs, "rmse") == [small, twin, large] and pareto_front(designs) == []
    assert pick(designs, Budget(max_rmse=2.5)).smallest is twin
    near = pick(designs, Budget(max_rmse=3.005)).notes["smallest"]
    assert near == (
        "rmse 3.0000 is within one sigma (0.0100, 400 events) of max_rmse 3.005: the true one may lie above",
    )
    with pytest.raises(BudgetError, match="reaches rmse 1.0000, 100.0 % above max_rmse 0.5; the best rmse reached is"):
        pick(designs, Budget(max_rmse=0.5))


def test_any_metric_can_have_a_limit():
    one = judged(1, auc=0.8)
    other = design(None, lut=2, metrics={"signal_efficiency@0.01": Measured(0.5, 0.1), "bias": Measured(-0.2)})
    limits = {"lut": 10, "min_signal_efficiency @ 0.010": 0.45, "max_bias": 0.3}
    assert pick([one, other], Budget.of(limits), metric="bias").best is other
    assert Budget.of(limits) == Budget(lut=10, metrics={name: limits[name] for name in list(limits)[1:]})
    with pytest.raises(BudgetError, match="has no auc; measure it first"):
        pick([other], Budget(min_auc=0.5))
    assert judged(1, auc=0.8).as_dict()["metrics"] == {"auc": {"value": 0.8, "error": 0.01, "events": 400}}
    assert replace(one, method="posterior").label.startswith("posterior unrolled")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"luts": 3}, "unknown key 'luts' .did you mean 'lut'"),
        ({"min_acc": 0.3}, r"budget.min_acc: metric: expected one of accuracy"),
        ({"max_auc": 0.3}, "budget.max_auc: expected min_auc, for auc is better when high"),
        ({"min_resolution": 0.3}, "expected max_resolution, for resolution is better when low"),
        ({"min_auc[b]": 1.3}, r"budget.min_auc\[b\]: expected a share between 0 and 1"),
        ({"min_signal_efficiency": 0.3}, "expected a background rate behind it"),
        ({"max_rmse": -1}, "budget.max_rmse: expected a number that is not negative"),
        ([3], "budget: expected a mapping"),
    ],
)
def test_bad_limits(limits, message):
    with pytest.raises(BudgetError, match=message):
        Budget.of(limits)
