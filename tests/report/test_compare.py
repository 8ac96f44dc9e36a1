"""Comparison: values, ratios, shares and warnings against a plain computation."""

from dataclasses import replace

import pytest

from codesign.errors import ReportError
from codesign.fpga.design.parts import find_part
from codesign.fpga.design.report import RESOURCES, DesignReport, merge_reports
from codesign.report import compare_reports

CSYNTH = DesignReport(
    "csynth", tool="Vitis HLS", tool_version="2023.1", part="xcvu13p-flga2577-2-e", lut=2000, ff=1000, dsp=0,
    latency_cycles=10, clock_target_ns=5.0, available={"lut": 100_000},
)  # fmt: skip
VSYNTH = DesignReport(
    "vsynth", tool="Vivado", tool_version="2023.1", part="xcvu13p-flga2577-2-e", lut=1000, ff=900, dsp=3
)
ESTIMATE = DesignReport("estimate", tool="codesign", lut=1100)
QUARTUS = DesignReport("post-route", tool="Quartus (oneAPI)", lut=4182)


def rows_of(comparison):
    return {row.key: row for row in comparison.rows}


def test_ratios_are_to_the_first_and_shares_to_the_part():
    rows = rows_of(compare_reports({"a": CSYNTH, "b": VSYNTH}))
    assert rows["lut"].values == (2000, 1000)
    assert rows["lut"].ratios == (1.0, 0.5)
    assert rows["lut"].shares == (
        2000 / 100_000,
        1000 / find_part("xcvu13p").lut,
    )  # the report's own capacity comes first
    assert rows["dsp"].ratios == (None, None)  # 3 over 0 is no ratio
    assert rows["latency_ns"].values == (50.0, None)
    assert rows["latency_ns"].shares == (None, None)


def test_plain_loop_gives_the_same_rows():
    reports = {"a": CSYNTH, "b": VSYNTH, "c": ESTIMATE}
    for row in compare_reports(reports).rows:
        first = getattr(CSYNTH, row.key)
        for index, report in enumerate(reports.values()):
            value = getattr(report, row.key)
            assert row.values[index] == value
            assert row.ratios[index] == (value / first if value is not None and first else None)
            assert (row.shares[index] is None) or row.key in RESOURCES


def test_quantities_that_nobody_knows_are_left_out():
    assert set(rows_of(compare_reports({"a": ESTIMATE}))) == {"lut"}


def test_csynth_against_vsynth_warns_with_the_measured_ratio():
    warnings = compare_reports({"a": CSYNTH, "b": VSYNTH}).warnings
    assert any("an HLS compiler: a; logic synthesis: b" in warning for warning in warnings)
    assert any("median ratio vsynth/csynth was 0.54 over 159 designs" in warning for warning in warnings)


def test_estimate_against_synthesis_warns():
    (warning,) = compare_reports({"a": ESTIMATE, "b": VSYNTH}).warnings
    assert "an estimate: a; logic synthesis: b" in warning


def test_same_kind_does_not_warn():
    yosys = DesignReport("yosys", tool="Yosys", lut=900)
    assert compare_reports({"a": VSYNTH, "b": yosys}).warnings == ()


def test_a_number_of_another_source_than_its_column_says_so():
    timed = DesignReport("rtl-sim", latency_cycles=6)
    design = merge_reports([VSYNTH, timed])
    comparison = compare_reports({"vendor": CSYNTH, "design": design})
    rows = rows_of(comparison)
    assert (rows["lut"].sources, rows["latency_cycles"].sources) == (("csynth", "vsynth"), ("csynth", "rtl-sim"))
    assert rows["clock_target_ns"].sources == (None, None)  # it was asked for
    assert "6 (x0.6, rtl-sim)" in comparison.to_text()
    assert "an HLS compiler: vendor; logic synthesis: design; a simulation: design" in comparison.warnings[0]
    assert compare_reports({"a": design, "b": VSYNTH}).warnings == ()  # no number of theirs comes from different kinds


def test_latencies_at_different_clocks_warn():
    reached = DesignReport("post-route", latency_cycles=4, clock_estimated_ns=3.0)
    comparison = compare_reports({"a": replace(reached, clock_target_ns=5.0), "b": reached})
    assert rows_of(comparison)["latency_ns"].values == (20.0, 12.0)
    assert comparison.warnings == ("latency in ns is at the target clock in a, at the clock reached in b",)


def test_intel_against_amd_warns():
    assert any("ALUT" in warning for warning in compare_reports({"a": QUARTUS, "b": VSYNTH}).warnings)
    assert not any("ALUT" in warning for warning in compare_reports({"a": QUARTUS}).warnings)


def test_text_shows_source_tool_and_warnings_of_every_column():
    text = compare_reports({"old [x]": CSYNTH, "new": VSYNTH, "guess": ESTIMATE}).to_text()
    for expected in (
        "old [x]",
        "csynth",
        "vsynth",
        "estimate",
        "Vitis HLS 2023.1",
        "Vivado 2023.1",
        "x0.5",
        "2.0%",
        "warning: csynth LUTs",
    ):
        assert expected in text
    assert all(len(line) <= 120 for line in text.splitlines())


def test_as_dict_is_plain_json():
    import json

    found = json.loads(json.dumps(compare_reports({"a": CSYNTH, "b": VSYNTH}).as_dict()))
    assert found["columns"][1] == {
        "name": "b",
        "source": "vsynth",
        "tool": "Vivado",
        "tool_version": "2023.1",
        "part": VSYNTH.part,
    }
    assert found["rows"][0]["key"] == "lut" and found["rows"][0]["ratios"] == [1.0, 0.5]
    assert len(found["warnings"]) == 2


def test_rejects_nothing():
    with pytest.raises(ReportError, match="expected at least one report"):
        compare_reports({})
