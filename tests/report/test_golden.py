"""Real reports of real tools, with the numbers that are printed in them."""

import csv
import json
import math
from pathlib import Path

import pytest

from codesign.fpga.design.report import DesignReport
from codesign.report import find_reports, parse_report
from codesign.report.formats.kernel_symbols import kernel_name
from codesign.report.formats.oneapi import parse_oneapi_summary

GOLDEN = Path(__file__).parent / "golden"
ZYNQ = {"lut": 53200, "ff": 106400, "dsp": 220, "bram_18k": 280}
VU13P = {"lut": 1728000, "ff": 3456000, "dsp": 12288, "bram_18k": 5376, "uram": 1280}
HLS = {"tool": "Vivado HLS", "tool_version": "2020.1", "part": "xc7z020-clg400-1", "available": {**ZYNQ, "uram": 0}}
CSYNTH = DesignReport(
    "csynth", **HLS, lut=2532, ff=7969, dsp=73, bram_18k=0, uram=0,
    latency_cycles=10, latency_cycles_min=10, initiation_interval=8, clock_target_ns=5.0, clock_estimated_ns=4.049,
)  # fmt: skip
EXPECTED = {
    "01_vivadohls2020.1_hls4mltest_csynth.xml": CSYNTH,
    "01_vivadohls2020.1_hls4mltest_csynth.rpt": CSYNTH,
    "01_vivado_hls4mltest_vivado_synth.rpt": DesignReport(
        "vsynth", tool="Vivado", tool_version="2020.1", part="xc7z020clg400-1",
        lut=1526, ff=2428, dsp=66, bram_18k=0, available=ZYNQ,
    ),
    "02_oneapi_quartus.ndjson": DesignReport(
        "post-route", tool="Quartus (oneAPI)", lut=4182, ff=16419, dsp=40, bram_18k=36, clock_estimated_ns=1000 / 597.73
    ),
    "02_oneapi_summary.ndjson": DesignReport(
        "csynth", tool="oneAPI", lut=2462, ff=7938, dsp=40, bram_18k=77,
        available={"lut": 974400, "ff": 1948800, "bram_18k": 7110, "dsp": 4510},
        notes=("in the sum, but in no module: Pipe resources, 65 ALUTs, 3,258 FFs",),
    ),
    "03_hls4ml_baseline_vitis2023.1_dense.json": DesignReport(
        "csynth", tool="Vivado/Vitis HLS", lut=190, ff=89, dsp=2, bram_18k=1, uram=0,
        latency_cycles=2, latency_cycles_min=2,
        initiation_interval=1, clock_target_ns=5.0, clock_estimated_ns=3.015, available=VU13P,
    ),
    "03_hls4ml_baseline_vitis2024.1_dense_stream.json": DesignReport(
        "csynth", tool="Vivado/Vitis HLS", lut=279, ff=110, dsp=2, bram_18k=1, uram=0,
        latency_cycles=4, latency_cycles_min=4,
        initiation_interval=4, clock_target_ns=5.0, clock_estimated_ns=3.417, available=VU13P,
    ),
    "04_bambu_results_0.xml": DesignReport(
        "vsynth", tool="Bambu", tool_version="2024.10", lut=67, ff=3, dsp=0, bram_18k=0, latency_cycles=2,
        clock_target_ns=10.0, clock_estimated_ns=2.192,
    ),
    "05_yosys_stat_hierarchical.json": DesignReport(
        "yosys", tool="Yosys", tool_version="0.70", lut=16, ff=32, dsp=1, bram_18k=0, uram=0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_golden_report(name):
    assert parse_report(GOLDEN / name) == EXPECTED[name]


def test_every_golden_file_is_tested():
    assert {path.name for path in GOLDEN.iterdir()} - {"MANIFEST.csv"} == set(EXPECTED)


def test_agrees_with_the_manifest():
    """The manifest names the stage of a number by its column; parentheses hold a vendor's unit."""
    columns = {"lut": "lut", "ff": "ff", "dsp": "dsp", "latency_max": "latency_cycles", "ii_max": "initiation_interval"}
    with (GOLDEN / "MANIFEST.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 8
    for row in rows:
        report = parse_report(GOLDEN / row["file"])
        for column, field in columns.items():
            for stage in ("hls_", "vsynth_", ""):
                if row.get(stage + column):
                    assert getattr(report, field) == int(row[stage + column].split(" ")[0]), (row["file"], column)
        for column, field in (("clock_target_ns", "clock_target_ns"), ("clock_est_ns", "clock_estimated_ns")):
            assert not row[column] or math.isclose(getattr(report, field), float(row[column]))


def test_latency_ns_follows_from_cycles_and_target_clock():
    assert parse_report(GOLDEN / "01_vivadohls2020.1_hls4mltest_csynth.xml").latency_ns == 50.0
    assert parse_report(GOLDEN / "01_vivado_hls4mltest_vivado_synth.rpt").latency_ns is None


def test_fractional_dsps_of_oneapi_are_the_blocks_that_quartus_places():
    compiler, fitter = (parse_report(GOLDEN / f"02_oneapi_{name}.ndjson") for name in ("summary", "quartus"))
    assert compiler.dsp == fitter.dsp == 40


def test_folder_gives_the_report_nearest_to_the_device_and_keeps_the_others_apart():
    found = find_reports(GOLDEN)
    assert list(found) == ["post-route", "vsynth", "yosys", "csynth"]
    assert parse_report(GOLDEN) == EXPECTED["02_oneapi_quartus.ndjson"]
    assert found["csynth"] == CSYNTH  # the one with the most LUTs is the top module


def test_kernels_of_oneapi_have_the_names_of_their_functions_and_none_is_lost():
    """The compiler's own names are cut at the last ``::``, so that two layers share one."""
    text = (GOLDEN / "02_oneapi_summary.ndjson").read_text()
    report = parse_oneapi_summary(text)
    assert [one.name for one in report.modules] == [
        "relu_stream<relu_config3>",
        "dense_resource_stream<config2>",
        "Myproject",
    ]
    assert "Pipe resources, 65 ALUTs, 3,258 FFs" in report.notes[0]
    twice = []
    for line in text.splitlines():
        twice += [line] + [line.replace("7config2", "7config4")] * ('"bias_t)"' in line)
    names = [one.name for one in parse_oneapi_summary("\n".join(twice)).modules]
    assert names[1:3] == ["dense_resource_stream<config2>", "dense_resource_stream<config4>"]


def test_a_symbol_that_is_cut_anywhere_or_of_another_compiler_gives_a_name_or_none():
    lines = [json.loads(line) for line in (GOLDEN / "02_oneapi_summary.ndjson").read_text().splitlines()]
    for symbol in filter(None, (line.get("compiler_name") for line in lines)):
        for end in range(len(symbol)):
            assert len(kernel_name(symbol[:end])) < 80
    assert kernel_name("?dense@nnet@@YAXXZ") == kernel_name("") == kernel_name("_ZN99999999x") == ""
    assert kernel_name("_ZN4nnet4copyIiLi16EEEvv") == "copy"
