"""What the page and the terminal say: verdicts, notes, budget rows, and the table of the terminal."""

import io

import pytest
from rich.console import Console

from codesign.report import print_picks
from codesign.report.page import render_page
from codesign.report.view import (
    agreement_verdict,
    budget_rows,
    estimate_note,
    latency_source,
    pick_rows,
    resource_sources,
    seconds_text,
)
from tests.report.example import example_report, old_report


def test_verdicts():
    assert agreement_verdict(None) == ("none", "not simulated")
    assert agreement_verdict({"events": 5, "csim_mismatches": None, "rtl_mismatches": 0}) == (
        "ok",
        "5 events, 0 mismatches (RTL)",
    )
    assert agreement_verdict({"events": 5, "csim_mismatches": 1, "rtl_mismatches": 0})[0] == "bad"
    checked = dict.fromkeys(("csim_mismatches", "rtl_mismatches", "cpp_mismatches"), 0)
    assert agreement_verdict(checked)[1] == "0 mismatches (C simulation, RTL and C++)"
    assert agreement_verdict({**checked, "cpp_mismatches": 2}) == ("bad", "2 mismatches in C++")


def test_a_pick_without_reports_shows_its_own_numbers():
    report = example_report()
    del report["picked"][0]["reports"]
    (line,) = pick_rows(report)[0]["lines"]
    assert (line["lut"], line["source"]) == (7418, "yosys")


def test_estimate_note_compares_with_the_synthesis():
    pick = pick_rows(example_report())[0]
    assert estimate_note(pick) == "the estimate said 7,220 LUT, yosys counted 7,418: 2.7 % low"
    assert estimate_note({**pick, "lines": pick["lines"][:1]}) == ""


def test_budget_rows_know_upper_and_lower_limits():
    rows = {row["name"]: row for row in budget_rows(example_report())}
    assert set(rows) == {"latency_ns", "lut", "dsp", "min_accuracy"}
    assert rows["lut"]["cells"] == [(7418, True), (11540, True)]
    report = example_report()
    report["picked"][0].update(accuracy=0.5, lut=None)
    rows = {row["name"]: row for row in budget_rows(report)}
    assert rows["min_accuracy"]["cells"][0] == (0.5, False)
    assert rows["lut"]["cells"][0] == (None, False)


@pytest.mark.parametrize(("value", "text"), [(0.44, "0.4 s"), (31.2, "31 s"), (182.4, "3 min 02 s"), (None, "–")])
def test_seconds_text(value, text):
    assert seconds_text(value) == text


def test_each_accuracy_stands_beside_its_binomial_error_and_that_of_the_model_as_given():
    report = example_report()
    errors = {
        "accuracy_error": 0.0027,
        "accuracy_held_out": 0.6701,
        "accuracy_held_out_error": 0.0047,
        "accuracy_float_error": 0.0028,
    }
    report["picked"][0].update(
        errors, accuracy_float=0.6742, notes=["accuracy 0.67 is within one sigma of [min_accuracy] 0.66"]
    )
    output = io.StringIO()
    print_picks(report, Console(file=output, width=140))
    page = render_page(report)
    for label, text in {
        "accuracy ": "66.78 ± 0.27 %",
        "accuracy when picked": "67.01 ± 0.47 %",
        "accuracy of the model as given": "67.42 ± 0.28 %",
    }.items():
        assert any(label in line and text in line for line in output.getvalue().splitlines())
        assert text in page and label.strip() in page
    assert "smallest: accuracy 0.67 is within one sigma of [min_accuracy] 0.66" in output.getvalue()


def test_the_table_names_who_counted_and_who_timed_of_old_files_too():
    tables = []
    for report in (example_report(), old_report()):
        output = io.StringIO()
        print_picks(report, Console(file=output, width=140))
        tables.append(output.getvalue())
        lines = tables[-1].splitlines()
        rows = ("resources counted by", "latency from")
        counted, timed = (next(line for line in lines if name in line) for name in rows)
        assert counted.count("yosys") == 2
        assert "rtl-sim, target clock" in timed and "estimate, target clock" in timed and "yosys" not in timed
    assert tables[0] == tables[1]
    sources = {"lut": "vsynth", "dsp": "csynth", "latency_cycles": "csynth"}
    report["picked"][0].update(sources=sources, latency_clock="reached")
    row = pick_rows(report)[0]
    assert (resource_sources(row), latency_source(row)) == ("vsynth, csynth", "csynth, reached clock")


def test_terminal_table_has_source_and_agreement():
    output = io.StringIO()
    report = example_report()
    report["picked"][1]["lut"] = 20_000
    print_picks(report, Console(file=output, width=140))
    text = output.getvalue()
    for expected in (
        "smallest",
        "unrolled",
        "w5 a7",
        "7,418",
        "yosys",
        "0 mismatches (C simulation and RTL)",
        "41 decisions",
        "total 4 min 55 s",
    ):
        assert expected in text
    assert "fastest: LUT 20,000, the budget is 12,000" in text
