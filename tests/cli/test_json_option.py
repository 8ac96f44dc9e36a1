"""`--json -` is standard output, and nothing else is: in every command, and in every benchmark."""

import argparse
import json
from pathlib import Path

import pytest

from codesign.cli.json_option import json_on_standard_output
from codesign.cli.main import _parsers
from codesign.report.result import goal, write_result

ROOT = Path(__file__).parents[2]
BENCHMARKS = sorted(path for path in (ROOT / "benchmarks").glob("*.py") if "--json" in path.read_text())


def test_every_command_that_writes_json_has_the_same_option():
    commands = {name: parser.format_help() for name, parser in _parsers()[1].items()}
    writing = [name for name, text in commands.items() if "--json" in text]
    assert len(writing) >= 8 and all("- is standard output" in " ".join(commands[name].split()) for name in writing)


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_every_benchmark_has_it_and_those_that_print_lines_send_them_elsewhere(path):
    text = path.read_text()
    assert "add_json_option(" in text and 'add_argument("--json"' not in text
    lines = [line for line in text.splitlines() if " print(" in line and "file=sys.stderr" not in line]
    assert not lines or "json_on_standard_output(" in text


@pytest.mark.parametrize("path", ["-", "file.json"])
def test_lines_of_a_run_and_its_json_do_not_mix(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    options = argparse.Namespace(json=path)
    with json_on_standard_output(options):
        print("on the way")
        write_result("task", "GENERATED", [{"method": "one"}], [goal("x", 1, "<=", 2)], path=options.json, seeds=[0])
    printed = capsys.readouterr()
    if path == "-":
        assert json.loads(printed.out)["task"] == "task" and "on the way" in printed.err
    else:
        assert "on the way" in printed.out and json.loads((tmp_path / path).read_text())["task"] == "task"
    assert [one.name for one in tmp_path.iterdir()] == ([] if path == "-" else [path])
