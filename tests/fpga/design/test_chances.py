"""The probability that limits hold: from intervals where numbers are estimates, yes or no where they are counted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import BudgetError, ReportError
from codesign.fpga import Budget, Design, DesignReport, pick
from codesign.fpga.design.chances import limit_probability
from codesign.fpga.design.report import merge_reports
from codesign.network import DenseLayer, Network
from codesign.report.formats.own_json import design_report_from, pick_report
from codesign.report.page import render_page

NETWORK = Network.chain((DenseLayer("dense", np.ones((8, 8)), np.zeros(8)),))
PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)


def report(lut=1000, cycles=10, *, lut_range=(700, 1500), cycle_range=(8, 13), failure=None):
    ranges = {"lut": lut_range, "latency_cycles": cycle_range, "csynth_lut": (1500, 2600)}
    costs = {"lut": lut, "ff": 90, "dsp": 0, "latency_cycles": cycles, "clock_target_ns": 5.0}
    more = {"csynth": {"lut": 2000}, "failure_probability": failure, "notes": ("weights known",)}
    return DesignReport("estimate", **costs, intervals=ranges, **more)


def design(accuracy=0.7, **changes):
    precision = changes.pop("precision", "w6 a8")
    return Design(NETWORK, accuracy=accuracy, precision=precision, report=report(**changes))


@PROPERTY
@given(st.integers(0, 5000), st.floats(1, 4), st.floats(1, 4), st.lists(st.integers(0, 20_000), min_size=2, max_size=6))
def test_a_wider_limit_is_never_less_likely_and_the_ends_are_5_and_95_percent(value, below, above, limits):
    low, high = (value + 100) / below - 100, (value + 100) * above - 100
    found = [limit_probability("lut", value, (low, high), limit) for limit in sorted(limits)]
    assert found == sorted(found) and all(0 <= one <= 1 for one in found)
    if min(below, above) > 1.01:
        ends = [limit_probability("lut", value, (low, high), limit) for limit in (low, value, high)]
        assert ends == pytest.approx([0.05, 0.5, 0.95])


def test_limits_are_independent_counted_numbers_sure_and_a_failure_counts():
    budget = Budget(lut=1500, latency_ns=50, ff=90, dsp=0)
    found = budget.chances(design(failure=0.2))
    assert found.limits == pytest.approx({"latency_ns": 0.5, "lut": 0.95, "ff": 1.0, "dsp": 1.0})
    assert found.joint == pytest.approx(0.8 * 0.5 * 0.95) and found.weakest == "latency_ns"
    counted = replace(design(), report=merge_reports([report(failure=0.2), DesignReport("yosys", lut=1501)]))
    assert budget.chances(counted).limits["lut"] == 0 and budget.chances(counted).failure is None


def test_confidence_chooses_what_holds_and_the_note_says_what_would_move_it():
    near, far = design(0.8), design(0.7, lut=500, lut_range=(350, 700), precision="w4 a6")
    budget = Budget(lut=1050)
    loose = pick([near, far], budget)
    assert loose.best is near and pick([near, far], replace(budget, confidence=0.9)).best is far
    (note,) = (one for one in loose.notes["best"] if "meets the budget" in one)
    assert "meets the budget with 58%" in note and "most would move with lut" in note
    assert "with precision w4 a6 it is 100% and accuracy 0.7000" in note
    assert loose.chances["best"].joint == pytest.approx(0.58, abs=0.01)
    with pytest.raises(BudgetError, match="no design of 2 fits with a confidence of 100%; likeliest: .* w4 a6"):
        pick([near, far], Budget(lut=1050, latency_ns=60, confidence=1.0))


@pytest.mark.parametrize("confidence", [-0.1, 1.5, float("nan"), "most", True])
def test_a_confidence_is_a_probability(confidence):
    with pytest.raises(BudgetError, match=r"budget\.confidence: expected a number from 0 to 1"):
        Budget.of({"lut": 10, "confidence": confidence})


def test_a_merge_keeps_intervals_of_what_stays_an_estimate_and_json_keeps_all():
    merged = merge_reports([report(failure=0.1), DesignReport("yosys", lut=900)])
    assert "lut" not in merged.intervals and merged.interval("latency_ns") == (40.0, 65.0)
    assert merged.csynth == {} and merged.failure_probability is None and merged.notes == ("weights known",)
    for one in (report(failure=0.1), merged):
        assert design_report_from(json.loads(json.dumps(one.as_dict()))) == one
        row = json.loads(json.dumps(replace(design(), report=one).as_dict()))
        assert pick_report(row).intervals == one.intervals and pick_report(row).csynth == one.csynth


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"intervals": {"luts": (1, 2)}}, "intervals: expected names such as lut"),
        ({"intervals": {"lut": (3, 2)}}, "intervals.lut: expected 0 <= low <= high"),
        ({"intervals": {"lut": (-1, 2)}}, "intervals.lut: expected 0 <= low <= high"),
        ({"intervals": {"lut": (1, float("nan"))}}, "intervals.lut"),
        ({"intervals": {"lut": 5}}, "intervals: expected a mapping"),
        ({"failure_probability": 1.2}, "failure_probability: expected a number from 0 to 1"),
        ({"clock_probability": -0.1}, "clock_probability: expected a number from 0 to 1"),
        ({"csynth": {"luts": 5}}, "csynth: expected counts of some of lut"),
    ],
)
def test_what_is_no_interval_or_probability_is_refused(changes, message):
    with pytest.raises(ReportError, match=message):
        replace(report(), **changes)


def test_the_page_shows_intervals_and_what_was_known():
    row = {"role": "best", **design(failure=0.1).as_dict(), "reports": [report(failure=0.1).as_dict()], "agreement": {}}
    page = render_page({"project": "p", "picked": [row], "front": [row]})
    assert page.count("(700 \N{EN DASH} 1,500)") >= 4 and "weights known" in page
    for broken in ("wide", {"lut": "wide"}, {"lut": [1]}, {"lut": [None, 2]}):
        shown = render_page({"project": "p", "front": [row | {"intervals": broken}]})
        assert "1,000" in shown and "wide" not in shown
