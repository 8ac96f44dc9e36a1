"""`codesign compare` of any mixture: the manifest to the digit, projects, clocks that were missed, page, plot, JSON."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from codesign.cli.main import main
from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report import compare_reports
from codesign.report.parse import locate_design
from tests.report.layouts import COSIM, LAYOUTS, TIMING
from tests.report.test_page import Page

GOLDEN = Path(__file__).parent / "golden"
COUNTS = {"lut": "lut", "ff": "ff", "dsp": "dsp", "bram": "bram_18k", "bram18": "bram_18k"}


def json_of(capsys, *words):
    assert main(["compare", *map(str, words), "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_cell_of_the_manifest(capsys):
    """All its files in one call; every number of a row, at its stage, is that of the file's column."""
    with (GOLDEN / "MANIFEST.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = json_of(capsys, *(GOLDEN / row["file"] for row in rows))
    values = {row["key"]: row["values"] for row in found["rows"]}
    names = {f"{stage}_{short}": key for stage in ("hls", "vsynth") for short, key in COUNTS.items()}
    names |= {"latency_max": "latency_cycles", "ii_max": "initiation_interval"}
    names |= {"clock_target_ns": "clock_target_ns", "clock_est_ns": "clock_estimated_ns"}
    for index, (row, column) in enumerate(zip(rows, found["columns"])):
        for name, key in names.items():
            if row.get(name):
                assert values[key][index] == float(row[name].split(" ")[0]), (row["file"], name)
        assert row["tool_version"] in ("", column["tool_version"]) and row["part"] in ("", column["part"])


def test_a_mixture_of_all_layouts_is_one_table_page_and_plot(tmp_path, capsys):
    for name, layout in LAYOUTS.items():
        (tmp_path / f"{name}.rpt").write_text(layout.text)
    paths = [*sorted(tmp_path.glob("*.rpt")), *sorted(path for path in GOLDEN.iterdir() if path.suffix != ".csv")]
    page, plot = tmp_path / "all.html", tmp_path / "costs.svg"
    found = json_of(capsys, *paths, paths[0], "--html", page, "--plot", plot)
    assert [column["path"] for column in found["columns"]] == list(map(str, paths))  # the same file twice is one
    assert len(found["modules"]["hls_summary.rpt"]) == 2
    text = page.read_text()
    assert Page(text) and "dense_latency_1" in text and "the clock was missed" in text and "<svg" in text
    assert plot.exists() and plot.with_suffix(".png").exists()


def test_a_missed_clock_is_said_with_the_latency_at_both_clocks():
    late = DesignReport("csynth", latency_cycles=10, clock_target_ns=5.0, clock_estimated_ns=6.31, lut=5)
    comparison = compare_reports({"late": late, "fine": DesignReport("csynth", lut=4)})
    rows = {row.key: row for row in comparison.rows}
    assert rows["slack_ns"].values == (-1.31, None)
    assert rows["latency_reached_ns"].values == (pytest.approx(63.1), None) and rows["latency_ns"].values[0] == 50.0
    assert "late: the clock was missed: 6.31 ns reached, 5 ns asked for (slack -1.31 ns)" in comparison.warnings[-1]
    assert "10 cycles are 63.1 ns at the clock reached, 50 ns at the target" in comparison.warnings[-1]
    assert rows["lut"].differences == (0, -1) and "-1" in comparison.to_text()


@pytest.fixture
def project(tmp_path):
    """An hls4ml project after all steps; the compiler's report of one module too."""
    folder, text = tmp_path / "tagger", (GOLDEN / "01_vivadohls2020.1_hls4mltest_csynth.xml").read_text()
    for name in ("syn", "sim"):
        (folder / "tagger_prj" / "solution1" / name / "report").mkdir(parents=True)
    (folder / "hls4ml_config.yml").write_text("Backend: Vivado\n")
    solution = folder / "tagger_prj" / "solution1"
    (solution / "syn" / "report" / "tagger_csynth.xml").write_text(text)
    (solution / "syn" / "report" / "dense_csynth.xml").write_text(text.replace("<LUT>2532<", "<LUT>2134<"))
    (solution / "sim" / "report" / "tagger_cosim.rpt").write_text(COSIM)
    (folder / "timing.rpt").write_text(TIMING)
    shutil.copy(GOLDEN / "01_vivado_hls4mltest_vivado_synth.rpt", folder / "vivado_synth.rpt")
    return folder


def test_a_project_gives_each_number_from_the_best_founded_of_its_reports(project, capsys):
    report, files = locate_design(project)
    assert (report.lut, report.latency_cycles, report.initiation_interval, report.clock_estimated_ns) == (
        1526,
        14,
        3,
        5.75,
    )
    assert {name: report.sources[name] for name in ("lut", "latency_cycles", "clock_estimated_ns")} == {
        "lut": "vsynth",
        "latency_cycles": "rtl-sim",
        "clock_estimated_ns": "post-route",
    }
    assert len(files) == 4
    main(["compare", str(project)])
    printed = capsys.readouterr()
    assert "the clock was missed: 5.75 ns" in printed.out.replace("\n", " ") and printed.err.count("read from") == 1


def test_a_project_that_was_not_built_and_files_that_are_none(project, tmp_path, capsys):
    shutil.rmtree(project / "tagger_prj")
    (project / "vivado_synth.rpt").unlink()
    (project / "timing.rpt").unlink()
    (tmp_path / "latin.rpt").write_bytes(TIMING.encode("utf-16"))
    (tmp_path / "huge.rpt").touch()
    with (tmp_path / "huge.rpt").open("r+b") as file:
        file.truncate(100_000_000)
    names = [project, tmp_path / "latin.rpt", tmp_path / "huge.rpt", tmp_path / "none.rpt"]
    assert main(["compare", *map(str, names)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4 and all(str(name) in line for name, line in zip(names, lines))
    assert "it was not built" in lines[0] and "codesign estimate" in lines[0]


def test_inputs_that_are_left_out_make_the_exit_status_1_behind_what_was_compared(tmp_path, capsys):
    good, bad = GOLDEN / "04_bambu_results_0.xml", tmp_path / "bad.rpt"
    bad.write_text("nothing")
    assert main(["compare", str(good), str(bad), str(tmp_path / "none.rpt"), "--json", "-"]) == 1
    printed = capsys.readouterr()
    assert [one["path"] for one in json.loads(printed.out)["columns"]] == [str(good)]
    left_out = [line for line in printed.err.splitlines() if "left out" in line]
    assert len(left_out) == 2 and str(bad) in left_out[0] and "does not exist" in left_out[1]


def test_of_a_folder_what_can_be_read_stands_and_what_is_damaged_is_said(tmp_path, project, capsys, monkeypatch):
    (project / "empty.json").write_text("")  # no report, as many files of a project
    text = (GOLDEN / "01_vivado_hls4mltest_vivado_synth.rpt").read_text()
    for folder in (tmp_path / "many", project):
        folder.mkdir(exist_ok=True)
        (folder / "trunc.rpt").write_text(text[:3000])
        (folder / "report.json").write_text('{"picked": [')
    shutil.copy(GOLDEN / "04_bambu_results_0.xml", tmp_path / "many" / "good.xml")
    monkeypatch.chdir(tmp_path / "many")
    assert main(["compare", str(project / "timing.rpt"), ".", str(project), "--json", "-"]) == 1
    printed = capsys.readouterr()
    assert [one["path"] for one in json.loads(printed.out)["columns"]] == [
        str(project / "timing.rpt"),
        ".",
        str(project),
    ]
    lines = [line for line in printed.err.splitlines() if "left out" in line]
    assert [line.split(": ")[1] for line in lines] == ["left out of .", "left out of ."] + ["left out"] * 2
    assert all("is truncated" in line for line in lines) and str(project / "trunc.rpt") in lines[3]
    (tmp_path / "many" / "good.xml").unlink()
    with pytest.raises(ReportError, match="report.json: .*is truncated"):
        locate_design(tmp_path / "many", damaged=[])


@pytest.mark.parametrize("name", [path.name for path in sorted(GOLDEN.iterdir()) if path.suffix != ".csv"])
def test_a_report_that_is_empty_or_ends_early_is_called_so(name, tmp_path):
    """Wherever it was cut within its first tenth, or before its last character that counts, and if no more was read."""
    text, path = (GOLDEN / name).read_text(), tmp_path / name
    lengths = {len(text) * percent // 100 for percent in (2, 5, 10)} | {len(text) // 2}
    for length in sorted(lengths):
        path.write_text(text[:length])
        try:
            assert locate_design(path)  # what it says was complete
        except ReportError as error:
            assert "ends early" in str(error) or "is truncated" in str(error), str(error)
    for nothing in ("", " \n\n", "\0" * 512):
        path.write_text(nothing)
        with pytest.raises(ReportError, match="is empty; expected a whole report"):
            locate_design(path)


@pytest.mark.parametrize("text", ["nothing", '{"a": 1}', "<html></html>", "| a | b |\n| 1 | 2 |\n", "[1, 2]\n"])
def test_what_is_no_report_does_not_end_early(text, tmp_path):
    (tmp_path / "other.rpt").write_text(text)
    with pytest.raises(ReportError, match="not a report that is known"):
        locate_design(tmp_path / "other.rpt")


def test_a_report_under_two_names_is_compared_once_and_said(tmp_path, project, capsys):
    first = tmp_path / "first.xml"
    shutil.copy(GOLDEN / "04_bambu_results_0.xml", first)
    (tmp_path / "link.xml").symlink_to(first)
    names = [first, first, f"{tmp_path}/../{tmp_path.name}/first.xml", tmp_path / "link.xml", project, f"{project}/."]
    assert main(["compare", *map(str, names), "--json", "-"]) == 0
    printed = capsys.readouterr()
    assert [one["path"] for one in json.loads(printed.out)["columns"]] == [str(first), str(project)]
    assert printed.err.count("compared once") == 4 and f"{first}: given twice" in printed.err


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("count", [1, 2, 5, 6, 12])
def test_no_name_and_no_number_of_a_table_is_cut(count, width):
    """However many reports: every character of each name is there, folded, and the tables have each report once."""
    names = [f"{'a_long_name_of_a_project_' * 3}{place:02}_csynth.rpt" for place in range(count)]
    comparison = compare_reports({name: DesignReport("csynth", lut=10**9 + place) for place, name in enumerate(names)})
    text = comparison.to_text(width=width)
    assert max(map(len, text.splitlines())) <= width
    heads = "".join(line for line in text.splitlines() if line.startswith("┃"))
    assert "…" not in text and len([one for one in range(count) if f"{10**9 + one:,}" in text]) == count
    assert len(heads.replace("┃", "").replace(" ", "").replace("csynthdifference", "csynth")) >= sum(map(len, names))


def test_tables_fit_the_terminal(capsys, monkeypatch):
    files = [path for path in sorted(GOLDEN.iterdir()) if path.suffix in (".xml", ".rpt")][:8]
    for columns in ("40", "80", "132"):
        monkeypatch.setenv("COLUMNS", columns)
        assert main(["compare", *map(str, files)]) == 0
        assert max(map(len, capsys.readouterr().out.splitlines())) <= int(columns)
