"""Versions of formats that the golden files do not cover, folders, and errors."""

import json
from pathlib import Path

import pytest

from codesign.errors import ReportError
from codesign.fpga.design.report import RESOURCES
from codesign.report import find_reports, parse, parse_report
from codesign.report.parse import locate_report, parse_text
from tests.report.example import PART, example_report, old_report
from tests.report.excerpts import OLD_HLS, ULTRASCALE

GOLDEN = Path(__file__).parent / "golden"


def only(text):
    (report,) = parse_text(text).values()
    return report


def test_routed_ultrascale_plus_counts_half_tiles_and_ignores_the_slr_table():
    report = only(ULTRASCALE)
    assert (report.source, report.tool_version, report.part) == ("post-route", "2022.2", "xcvu13p-flga2577-2-e")
    assert (report.lut, report.ff, report.dsp, report.bram_18k, report.uram) == (31277, 4555, 12, 5, 3)
    assert report.available == {"lut": 1728000, "ff": 3456000, "dsp": 12288, "bram_18k": 5376, "uram": 1280}


def test_placed_design_is_neither_synthesized_nor_routed():
    with pytest.raises(ReportError, match="Design State: expected Synthesized or Routed. Received: 'Fully Placed'"):
        parse_text(ULTRASCALE.replace(": Routed", ": Fully Placed"))


def test_vivado_hls_of_2018_has_other_columns():
    report = only(OLD_HLS)
    assert (report.tool, report.tool_version, report.part) == ("Vivado HLS", "2018.2", "xcku115-flvb2104-2-i")
    assert (report.lut, report.ff, report.dsp, report.bram_18k, report.uram) == (88797, 53019, 954, 13, None)
    assert (report.latency_cycles, report.latency_cycles_min, report.initiation_interval) == (16, 14, 2)
    assert (report.clock_target_ns, report.clock_estimated_ns) == (5.0, 4.361)
    assert report.available["lut"] == 663360


def test_dsp_of_vitis_is_dsp48e_of_vivado_hls():
    report = only(OLD_HLS.replace("DSP48E", "   DSP").replace("Vivado HLS", "Vitis HLS"))
    assert (report.tool, report.dsp) == ("Vitis HLS", 954)


def test_a_latency_that_the_compiler_does_not_know_is_none():
    report = only(OLD_HLS.replace("|   14|   16|    1|    2|", "|    ?|    ?|    ?|    ?|"))
    assert (report.latency_cycles, report.initiation_interval, report.lut) == (None, None, 88797)
    xml = (GOLDEN / "01_vivadohls2020.1_hls4mltest_csynth.xml").read_text()
    assert only(xml.replace("<Worst-caseLatency>10<", "<Worst-caseLatency>undef<")).latency_cycles is None


def test_hls4ml_json_keeps_the_stages_apart_and_doubles_tiles():
    report = json.loads((GOLDEN / "03_hls4ml_baseline_vitis2023.1_dense.json").read_text())
    report["VivadoSynthReport"] = {"LUT": "1526", "FF": "2428", "BRAM_18K": "0.5", "DSP48E": "66"}
    found = parse_text(json.dumps(report))
    assert set(found) == {"vsynth", "csynth"}
    assert (found["vsynth"].lut, found["vsynth"].bram_18k, found["vsynth"].latency_cycles) == (1526, 1, None)
    assert (found["csynth"].lut, found["csynth"].bram_18k, found["csynth"].latency_cycles) == (190, 1, 2)


def test_yosys_counts_memories_as_luts_and_inverters_not():
    logic = {"LUT6": 10, "LUT1": 1, "SRLC32E": 2, "RAM64M": 3, "INV": 50, "CARRY4": 5, "FDRE": 7}
    cells = {**logic, "RAMB36E2": 2, "RAMB18E2": 1, "URAM288": 4}
    stat = {"creator": "Yosys 0.33 (git)", "modules": {"\\top": {}}, "design": {"num_cells_by_type": cells}}
    report = only("\n3. Printing statistics.\n" + json.dumps(stat))
    assert (report.lut, report.ff, report.dsp, report.bram_18k, report.uram) == (25, 7, 0, 5, 4)


@pytest.mark.parametrize("cell", ["$add", "SB_LUT4", "TRELLIS_FF"])
def test_yosys_refuses_cells_that_it_cannot_count(cell):
    stat = {"creator": "Yosys 0.33", "modules": {}, "design": {"num_cells_by_type": {"LUT2": 1, cell: 9}}}
    with pytest.raises(ReportError, match="expected cells of AMD parts.*synth_xilinx"):
        parse_text(json.dumps(stat))


def test_yosys_needs_the_totals_of_a_top_module():
    with pytest.raises(ReportError, match="name the top module"):
        parse_text(json.dumps({"creator": "Yosys 0.33", "modules": {"\\top": {"num_cells_by_type": {"LUT2": 1}}}}))


def test_quartus_before_the_fitter_is_no_report(tmp_path):
    path = tmp_path / "quartus.ndjson"
    path.write_text('{"quartusFitClockSummary":{"nodes":[{"name":"Run Quartus compile to populate this section"}]}}')
    with pytest.raises(ReportError, match="not a report that is known"):
        parse_report(path)


def test_project_json_gives_every_report_of_every_pick(tmp_path):
    (tmp_path / "report.json").write_text(json.dumps(example_report()))
    (tmp_path / "other.json").write_bytes((GOLDEN / "03_hls4ml_baseline_vitis2023.1_dense.json").read_bytes())
    found = find_reports(tmp_path)
    assert list(found)[:3] == ["smallest (yosys)", "fastest (yosys)", "smallest (estimate)"]
    assert list(found)[3:] == ["fastest (estimate)", "smallest (rtl-sim)"]
    assert parse_report(tmp_path).lut == 7418
    assert parse_report(tmp_path / "report.json") == parse_report(tmp_path)


@pytest.mark.parametrize("content", [example_report(), old_report()])
def test_a_project_gives_each_number_of_its_pick_with_its_source(tmp_path, content):
    (tmp_path / "report.json").write_text(json.dumps(content))
    report = parse_report(tmp_path)
    assert (report.tool, report.part, report.latency_ns, report.latency_clock) == ("Yosys", PART, 30.0, "target")
    assert report.sources == dict.fromkeys(RESOURCES, "yosys") | dict.fromkeys(
        ("latency_cycles", "initiation_interval"), "rtl-sim"
    )
    assert find_reports(tmp_path)["smallest (yosys)"].latency_cycles is None
    content = {**content, "picked": [{**content["picked"][0], "lut": "many"}]}
    (tmp_path / "report.json").write_text(json.dumps(content))
    with pytest.raises(ReportError, match="report.json: DesignReport: lut: expected what as_dict"):
        parse_report(tmp_path)


def test_json_that_only_quotes_reports_is_not_one(tmp_path):
    (tmp_path / "cache.json").write_text(json.dumps({"entries": example_report()["picked"]}))
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "stat.json").write_bytes((GOLDEN / "05_yosys_stat_hierarchical.json").read_bytes())
    assert set(find_reports(tmp_path)) == {"yosys"}


def hls4ml_project(folder):
    """Lay out an hls4ml project after C and logic synthesis, with a submodule and the compiler's own state."""
    reports = folder / "myproject_prj" / "solution1" / "syn" / "report"
    hidden = folder / "myproject_prj" / "solution1" / ".autopilot" / "db"
    reports.mkdir(parents=True)
    hidden.mkdir(parents=True)
    xml = (GOLDEN / "01_vivadohls2020.1_hls4mltest_csynth.xml").read_text()
    (reports / "myproject_csynth.xml").write_text(xml)
    (reports / "dense_csynth.xml").write_text(xml.replace("<LUT>2532<", "<LUT>2134<"))
    (hidden / "myproject.verbose.rpt").write_text("== Vivado HLS Report for 'myproject'\nnot complete")
    (folder / "vivado_synth.rpt").write_bytes((GOLDEN / "01_vivado_hls4mltest_vivado_synth.rpt").read_bytes())
    (folder / "project.json").write_text('{"name": "myproject"}')
    return folder


def test_hls4ml_project_gives_its_top_module(tmp_path):
    found = find_reports(hls4ml_project(tmp_path))
    assert {source: report.lut for source, report in found.items()} == {"vsynth": 1526, "csynth": 2532}


def test_truncated_report_in_a_folder_is_not_passed_over(tmp_path):
    project = hls4ml_project(tmp_path)
    cut = (project / "vivado_synth.rpt").read_text()[:3000]
    (project / "vivado_synth.rpt").write_text(cut)
    with pytest.raises(
        ReportError, match=r"vivado_synth\.rpt: report_utilization: section '9\. Instantiated Netlists' is missing"
    ):
        parse_report(project)


def test_missing_empty_and_unknown_paths_say_what_to_do(tmp_path):
    with pytest.raises(ReportError, match="does not exist"):
        parse_report(tmp_path / "nothing")
    with pytest.raises(ReportError, match="no report in this folder; run the synthesis first"):
        parse_report(tmp_path)
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(ReportError, match="not a report that is known; known: .*yosys"):
        parse_report(tmp_path / "note.txt")


def test_error_names_the_file_and_the_field(tmp_path):
    path = tmp_path / "csynth.xml"
    whole = (GOLDEN / "01_vivadohls2020.1_hls4mltest_csynth.xml").read_text()
    path.write_text(whole.replace("<LUT>2532<", "<LUT>many<"))
    with pytest.raises(ReportError, match=r"csynth\.xml: LUT: expected a whole number\. Received: 'many'"):
        parse_report(path)


def test_a_folder_names_the_file_that_was_taken_and_links_are_not_followed(tmp_path):
    report = tmp_path / "deep" / "er" / "report.rpt"
    report.parent.mkdir(parents=True)
    report.write_text(OLD_HLS)
    (tmp_path / "deep" / "back").symlink_to(tmp_path)
    found, path = locate_report(tmp_path)
    assert (found, path) == (parse_report(report), report)


def test_a_folder_with_too_many_files_is_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(parse, "_MOST_FILES", 10)
    for index in range(11):
        (tmp_path / f"{index}.txt").touch()
    with pytest.raises(ReportError, match="more than 10 files to search; name"):
        parse_report(tmp_path)
