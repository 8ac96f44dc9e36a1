"""Texts that come from files and users, on their way to a terminal, HTML, SVG, Tcl, Verilog and C++."""

import errno
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from codesign._printable import one_line, printable
from codesign.cli.failures import of_the_system
from codesign.cli.main import main
from codesign.errors import CodesignError, ConfigError, DataError
from codesign.export import write_json
from codesign.fpga import Design, find_part
from codesign.fpga.design.report import DesignReport
from codesign.fpga.hls4ml.checks import check_path_for_cpp
from codesign.network import DenseLayer, Network
from codesign.project.run_log import RunLog
from codesign.report import compare_reports
from codesign.report.figure import figure_to_svg, label_text
from codesign.report.page import render_page
from codesign.report.plots import plot_resources

PROJECT = Path(__file__).parents[1] / "fpga_projects" / "jet_tagger"

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "a\nb\rc",
    "\x07",
    "\x9b2J",
    "\u202eevil",
    "\ud800",
    "$x_{$",
    "_hidden",
    "[/red]",
    "<script>alert(1)</script>",
    "a&b\"'",
    "$\\frac",
]
EXAMPLE = Network.chain((DenseLayer("fc", np.eye(2), np.zeros(2)),))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet=st.characters(), max_size=50))
def test_what_is_printed_prints_and_what_printed_before_is_the_same(text):
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)
    assert not text.isprintable() or printable(text) == text
    assert str(CodesignError(text)) == printable(text) == one_line(text)


def test_a_message_is_one_line_that_is_not_too_long():
    message = str(DataError("x" * 10_000 + "\nend"))
    assert len(message) < 2000 and message.endswith("\\nend")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_report_reaches_the_terminal_as_text(text):
    report = DesignReport("csynth", tool=text, tool_version=text, part=text, lut=5, ff=5, dsp=0, bram_18k=0)
    printed = compare_reports({text: report}).to_text()
    assert all(character.isprintable() or character == "\n" for character in printed)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_report_reaches_html_as_text(text):
    pick = {
        "role": text,
        "implementation": text,
        "precision": text,
        "notes": [text],
        "source": text,
        "lut": 5,
        "agreement": {},
    }
    report = {
        "project": text,
        "part": text,
        "picked": [pick],
        "project_yml": text,
        "versions": {text: text},
        "data": {"name": text},
    }
    page = render_page(report)
    assert "<script>alert" not in page and "a&b\"'" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_reaches_a_figure_as_text(text):
    one = DesignReport(
        "csynth", lut=5, ff=5, dsp=1, bram_18k=0, available={"lut": 100, "ff": 100, "dsp": 10, "bram_18k": 10}
    )
    svg = figure_to_svg(plot_resources({text: one}))
    shown = "".join(ElementTree.fromstring(svg).itertext())
    assert label_text(text).replace(r"\$", "$").strip() in shown


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="xcvu13p-_[]{}$;\"'\\\n /*é~", max_size=30).map(lambda end: "xcvu13p" + end))
def test_a_part_is_a_word_of_tcl_or_refused(text):
    try:
        find_part(text)
    except ConfigError:
        with pytest.raises(ConfigError):
            Design(EXAMPLE, part=text)
        return
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text) and not text.startswith("-")


@pytest.mark.parametrize("text", ["a\nb", "\x1b", "\ud800", "\u2028"])
def test_names_of_features_are_printable_or_refused(text, tmp_path):
    with pytest.raises(DataError, match="printable"):
        write_json(EXAMPLE, tmp_path / "net.json", input_names=[text, "b"])


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a??", "\x1b"])
def test_folders_that_hls4ml_cannot_build_in_are_refused(name, tmp_path):
    with pytest.raises(DataError, match="choose another folder"):
        check_path_for_cpp(tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["it's a földer; x", "$(touch pwned)", "-x", "*&|<>", "%s#", "`touch pwned`", "{b}[c]", "日本語"]
)
def test_other_folders_work(name, tmp_path):
    from codesign import build_design
    from codesign.network import quantize_network

    x = np.random.default_rng(0).normal(size=(20, 2))
    design = Design(quantize_network(EXAMPLE, x, weights=4, activations=6))
    built = build_design(design, tmp_path / name, x)
    assert built.agreement.csim_mismatches == built.agreement.rtl_mismatches == 0 and not built.notes
    assert not list(Path.cwd().glob("pwned*")) and not list(tmp_path.rglob("pwned"))


def run(arguments, **options):
    command = [sys.executable, "-m", "codesign.cli.main", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1], **options)


def test_output_that_cannot_be_written_is_one_line():
    report = "tests/report/golden/01_vivadohls2020.1_hls4mltest_csynth.xml"
    with open("/dev/full", "w") as full:
        failed = run(["compare", report], stdout=full)
    assert (failed.returncode, failed.stderr) == (1, "codesign: No space left on device; free some space\n")
    read, write = os.pipe()
    os.close(read)
    broken = run(["compare", report], stdout=write)
    os.close(write)
    assert (broken.returncode, broken.stderr) == (1, "")
    plain = run(["compare", report], stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert plain.returncode == 0 and plain.stdout.startswith("+--") and plain.stderr == ""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OSError(28, "No space left on device", "x\n.json"),
            r"codesign: No space left on device: x\\n.json; free some space there, then the same command .*",
        ),
        (IsADirectoryError(21, "Is a directory", "out"), "codesign: Is a directory: out; then .*"),
        (MemoryError(), "codesign: not enough memory.*"),
        (TypeError("what\nis this"), r"codesign: unexpected error: TypeError: what\\nis this; details in (\S+)"),
        (RecursionError("deep"), r"codesign: unexpected error: RecursionError: deep; details in (\S+)"),
    ],
)
def test_an_error_that_nobody_expected_is_one_line_and_a_log(error, line, monkeypatch, tmp_path, capsys):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("codesign.project.run_project", fail)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    shutil.copytree(PROJECT, tmp_path / "nowhere", ignore=shutil.ignore_patterns("build"))
    assert main(["synthesize", str(tmp_path / "nowhere")]) == 1
    printed = capsys.readouterr().err
    found = re.fullmatch(line + "\n", printed)
    assert found and printed.count("\n") == 1
    if found.groups():
        log = Path(found[1])
        assert log.parent == tmp_path / "codesign" and "Traceback" in log.read_text() and "nowhere" in log.read_text()


def test_a_log_lies_in_the_output_folder_if_there_is_one(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("codesign.project.run_project", lambda *_, **__: 1 / 0)
    assert main(["synthesize", str(PROJECT), "--out", str(tmp_path)]) == 1
    assert f"details in {tmp_path}" in capsys.readouterr().err and list(tmp_path.glob("codesign-error-*.log"))


def test_a_character_that_an_encoding_lacks_is_another():
    from codesign.cli.plain_characters import use_plain_characters

    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    use_plain_characters(stream)
    stream.write("┏━┓ φ – \ud800")
    stream.flush()
    assert stream.buffer.getvalue() == b"+-+ ? - ?"


def test_a_full_disk_is_named_with_the_way_out():
    error = OSError(errno.ENOSPC, "No space left on device")
    for options, expected in (
        (Namespace(resumes=True, project="."), "; free some space, then the same command goes on from here"),
        (
            Namespace(resumes=True, out="tests"),
            f": tests or {tempfile.gettempdir()}; free some space there, then the same command goes on from here",
        ),
        (Namespace(resumes=False), "; free some space"),
    ):
        assert of_the_system(error, options) == f"No space left on device{expected}"


def test_a_pipe_gets_no_spinner(tmp_path):
    text = io.StringIO()
    with RunLog(tmp_path / "run.log", Console(file=text)) as log, log.waiting("build [it]"):
        pass
    assert text.getvalue() == "build [it]\n" and "build [it]: 0.00 s" in (tmp_path / "run.log").read_text()
