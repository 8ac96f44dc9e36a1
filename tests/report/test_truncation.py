"""A cut file gives the whole report or an error: never another exception, never other numbers."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report import parse_report
from codesign.report.parse import parse_text

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(path.name for path in GOLDEN.iterdir() if path.suffix != ".csv")


def outcome(text):
    """Return the reports in the text, None for an error of one line or a format that is not known."""
    try:
        return parse_text(text) or None
    except ReportError as error:
        assert "\n" not in str(error)
        return None


@pytest.mark.parametrize("name", FILES)
def test_truncation_gives_the_whole_report_or_an_error(name):
    text = (GOLDEN / name).read_text()
    whole = parse_text(text)
    step = 1 if len(text) < 8000 else 5
    lengths = {*range(0, len(text), step), *range(max(len(text) - 300, 0), len(text))}
    lengths |= {place + 1 for place, letter in enumerate(text) if letter in "\n|"}
    for length in sorted(lengths):
        assert outcome(text[:length]) in (None, whole), f"{name}: other numbers from its first {length} characters"


@pytest.mark.parametrize("name", FILES)
def test_a_lost_line_gives_an_error_or_no_other_counts(name):
    """It may leave a field unknown, but never another number."""
    lines = (GOLDEN / name).read_text().splitlines(keepends=True)
    whole = parse_report(GOLDEN / name)
    for index in range(len(lines)):
        found = outcome("".join(lines[:index] + lines[index + 1 :]))
        report = next(iter(found.values())) if found else whole
        for field in (
            "lut",
            "ff",
            "dsp",
            "bram_18k",
            "uram",
            "latency_cycles",
            "initiation_interval",
            "clock_target_ns",
        ):
            assert getattr(report, field) in (getattr(whole, field), None), (name, lines[index], field)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
@example(b"")
@example(b"{")
@example(b'{"picked": [1]}')
@example(b'{"source": "estimate", "clock_target_ns": "5"}')
@example(b'{"source": 3, "clock_target_ns": 5}')
@example(b"[" * 200_000)
@example(b'{"quartusFit": {"alut": 1}}')
@example(b'{"creator": "Yosys 0.3", "design": {"num_cells_by_type": 3}}')
@example(b'{"CSynthesisReport": 5}')
@example(b'{"summary_type": "estimatedResources", "columns": 3}')
@example(b"<profile><ReportVersion></ReportVersion></profile>")
@example(b"<bambu_results/>")
def test_any_bytes_give_an_error_of_one_line(content):
    assert outcome(content.decode("utf-8", "replace")) is None


def test_as_dict_survives_the_round_trip(tmp_path):
    report = DesignReport(
        "estimate", tool="codesign", part="xc7z020", lut=3, clock_target_ns=5.0, latency_cycles=4, available={"lut": 9}
    )
    path = tmp_path / "anything.txt"
    path.write_text(json.dumps(report.as_dict()))
    assert parse_report(path) == report
