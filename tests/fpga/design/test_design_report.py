"""Every number of a report has a source; a merge takes each from the best-founded report, and never invents one."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import ReportError
from codesign.fpga import Design
from codesign.fpga.design.report import NUMBERS, SOURCES, DesignReport, best_report, can_see, merge_reports, rank
from codesign.report.formats.own_json import design_report_from
from tests.random_networks import random_network

PROPERTY = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def reports(draw):
    """What one tool says: any of the numbers that it can see, few values so that some are equal."""
    source = draw(st.sampled_from(list(SOURCES)))
    seen = [name for name in NUMBERS if can_see(source, name) and draw(st.booleans())]
    numbers = {name: draw(st.integers(0, 3)) for name in seen}
    asked = {"part": draw(st.sampled_from(["", "a", "b"])), "clock_target_ns": draw(st.sampled_from([None, 2.5, 5.0]))}
    available = draw(st.dictionaries(st.sampled_from(["lut", "dsp"]), st.integers(1, 3)))
    return DesignReport(source, tool=draw(st.sampled_from(["x", "y"])), **asked, **numbers, available=available)


SEVERAL = st.lists(reports(), min_size=1, max_size=6)


@PROPERTY
@given(SEVERAL)
def test_a_merge_takes_each_number_from_the_best_founded_report_that_has_it(several):
    merged = merge_reports(several)
    for name in NUMBERS:
        expected, said_by = None, None
        for source in SOURCES:  # the best-founded first; of equal ones the first in order
            for report in several:
                if expected is None and report.source == source and getattr(report, name) is not None:
                    expected, said_by = getattr(report, name), source
        assert (getattr(merged, name), merged.sources.get(name)) == (expected, said_by)
    counting = [report for report in several if report.lut is not None] or several
    assert merged.source == min((report.source for report in counting), key=rank) == best_report(several).source
    assert merged.tool == best_report(several).tool and best_report(several) in several
    for name in ("part", "clock_target_ns"):
        assert getattr(merged, name) in {getattr(report, name) for report in several}
        assert getattr(merged, name) or not any(getattr(report, name) for report in several)
    for name, count in merged.available.items():
        assert count in {report.available.get(name) for report in several}


@PROPERTY
@given(SEVERAL, SEVERAL)
def test_merges_can_be_merged_and_written(first, second):
    whole, in_steps = merge_reports([*first, *second]), merge_reports([merge_reports(first), *second])
    for name in NUMBERS:
        assert (getattr(whole, name), whole.sources.get(name)) == (getattr(in_steps, name), in_steps.sources.get(name))
    assert merge_reports([whole]) == whole
    assert design_report_from(json.loads(json.dumps(whole.as_dict()))) == whole


@PROPERTY
@given(reports())
def test_a_report_has_a_source_for_every_number_and_a_clock_for_every_latency(report):
    assert report.sources == {name: report.source for name in NUMBERS if getattr(report, name) is not None}
    clock_ns = {"target": report.clock_target_ns, "reached": report.clock_estimated_ns}.get(report.latency_clock)
    if report.latency_cycles is None or (report.clock_target_ns is None and report.clock_estimated_ns is None):
        assert report.latency_ns is report.latency_clock is None
    else:
        assert report.latency_ns == report.latency_cycles * clock_ns
        assert report.latency_clock == ("reached" if report.clock_target_ns is None else "target")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "a guess"}, "source: expected one of post-route, vsynth, .*Received: 'a guess'"),
        ({"source": ["yosys"]}, "source: expected one of post-route"),
        ({"source": "yosys", "latency_cycles": 3}, "latency_cycles: expected a source that .*Received: yosys"),
        ({"source": "rtl-sim", "lut": 3}, "lut: expected a source that can see it.*Received: rtl-sim"),
        ({"source": "yosys", "lut": 3, "sources": {"lut": "estimate"}}, "source: expected that of lut, estimate"),
        ({"source": "yosys", "sources": {"luts": "yosys"}}, "sources: expected some of lut, .*Received: 'luts'"),
        ({"source": "yosys", "sources": {"lut": "me"}}, "sources.lut: expected one of post-route"),
    ],
)
def test_a_number_of_nobody_is_refused(arguments, message):
    with pytest.raises(ReportError, match=message):
        DesignReport(**arguments)


def test_there_is_no_merge_of_nothing():
    for function in (merge_reports, best_report):
        with pytest.raises(ReportError, match="reports: expected at least one"):
            function([])


def test_a_design_has_its_own_clock_where_no_report_names_one():
    design = Design(random_network(np.random.default_rng(0), (4, 3)), clock_period_ns=4.0)
    counted, timed = DesignReport("yosys", lut=9), DesignReport("rtl-sim", latency_cycles=3, initiation_interval=1)
    guessed = DesignReport("estimate", lut=8, ff=7, latency_cycles=2, clock_target_ns=2.0)
    row = design.with_reports([counted, timed]).as_dict()
    assert (row["latency_ns"], row["latency_clock"], row["source"]) == (12.0, "target", "yosys")
    assert row["sources"] == {"lut": "yosys", "latency_cycles": "rtl-sim", "initiation_interval": "rtl-sim"}
    row = design.with_reports([guessed, timed, counted]).as_dict()
    assert (row["lut"], row["ff"], row["latency_ns"], row["sources"]["ff"]) == (9, 7, 6.0, "estimate")
    assert replace(counted, ff=2).sources == {"lut": "yosys", "ff": "yosys"}
    assert design.as_dict()["sources"] == {}
