import json
import subprocess
import sys
from pathlib import Path

import pytest

from codesign.cli.main import main

ROOT = Path(__file__).parents[2]


def test_no_command_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2


@pytest.mark.parametrize("command", ["synthesize", "compare", "drone", "export", "time", "reproduce", "doctor"])
def test_help_of_every_command(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert command in capsys.readouterr().out


def test_error_is_one_line_and_status_1(capsys, tmp_path):
    assert main(["synthesize", str(tmp_path / "nowhere")]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("codesign: project: expected a folder") and printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("codesign.export.checked_file.export_model", ["export", "x.h5", "--to", "json"], "starts anew"),
        ("codesign.cli.sweep._sweep", ["sweep", "x.h5", "--data", "jets_hlf"], "starts anew"),
        ("codesign.cli.sweep._sweep", ["sweep", "x.h5", "--data", "jets_hlf", "--cache", "c"], "goes on from here"),
        ("codesign.project.run_project", ["synthesize", str(ROOT / "fpga_projects/jet_tagger")], "goes on from here"),
    ],
)
def test_ctrl_c_says_what_the_same_command_does(name, words, message, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(name, interrupt)
    assert main(words) == 130
    assert message in capsys.readouterr().err


def test_doctor_as_json(capsys):
    assert main(["doctor", "--json"]) == 0
    tools = {tool["name"]: tool for tool in json.loads(capsys.readouterr().out)}
    assert {"g++", "verilator", "yosys", "vitis-run"} <= set(tools)
    assert tools["g++"]["path"]


def test_script_is_the_same_command():
    result = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "synthesize.py"), "/nowhere"], capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr.startswith("codesign: project: expected") and result.stdout == ""


GOLDEN = ROOT / "tests" / "report" / "golden"


def test_compare_prints_and_writes_json(capsys, tmp_path):
    reports = sorted(str(path) for path in GOLDEN.glob("*csynth*"))[:2]
    assert main(["compare", *reports, "--json", str(tmp_path / "comparison.json")]) == 0
    printed = capsys.readouterr().out
    assert "LUT" in printed and all(Path(path).name[:20] in printed for path in reports)
    assert [column["path"] for column in json.loads((tmp_path / "comparison.json").read_text())["columns"]] == reports


def test_a_file_that_is_no_report_does_not_end_a_comparison(capsys, tmp_path):
    good = sorted(str(path) for path in GOLDEN.glob("*csynth*"))[:2]
    (tmp_path / "notes.txt").write_text("lunch at noon")
    (tmp_path / "cut.xml").write_text(Path(good[0]).read_text()[:400])
    bad = [str(tmp_path / name) for name in ("notes.txt", "cut.xml", "missing.rpt")]
    assert main(["compare", good[0], *bad, good[1]]) == 1  # all that could be read is compared first
    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert "2,532" in printed.out and len(lines) == 3
    assert all(line.startswith("codesign: left out: ") for line in lines)
    assert all(any(path in line for line in lines) for path in bad)
    assert main(["compare", bad[0], good[0]]) == 1
    capsys.readouterr()
    assert main(["compare", *bad]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 3


@pytest.mark.parametrize("words", [["doctor"], ["compare", *map(str, sorted(GOLDEN.glob("*csynth*"))[:2])]])
def test_a_dash_for_json_is_standard_output_and_nothing_else_is(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)
    assert main([*words, "--json", "file.json"]) == 0
    assert json.loads((tmp_path / "file.json").read_text()) and [path.name for path in tmp_path.iterdir()] == [
        "file.json"
    ]
