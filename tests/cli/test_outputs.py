"""No command writes over what it reads, or twice to one place: one line, before anything is done."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from codesign.cli.main import main

REPORTS = Path(__file__).parents[1] / "report" / "golden"
OVER_AN_INPUT = [
    ["estimate", "m.keras", "--json", "m.keras"],
    ["estimate", "m.keras", "--json", "link.keras"],
    ["estimate", "m.keras", "--json", "./sub/../m.keras"],
    ["estimate", "m.keras", "--json", "hard.keras"],
    ["inspect", "m.keras", "--svg", "m.keras"],
    ["inspect", "m.keras", "--data", "ev.npz", "--json", "ev.npz"],
    ["inspect", "project", "--json", "project/hls4ml_config.yml"],
    ["sweep", "m.keras", "--data", "ev.npz", "--json", "ev.npz"],
    ["sweep", "m.keras", "--data", "e*.npz", "--cache", "ev.npz"],
    ["sweep", "m.keras", "--data", "ev.npz", "--test", "test.npz", "--json", "test.npz"],
    ["compare", "a.xml", "--html", "a.xml"],
    ["compare", "a.xml", "b.xml", "--json", "b.xml"],
    ["compare", "a.xml", "reports", "--html", "reports/c.xml"],
    ["time", "m.keras", "--json", "m.keras"],
    ["time", "m.svg", "--plot", "m.png"],
    ["export", "m.keras", "--to", "json", "--standardize", "s.json", "--out", "s.json"],
    ["export", "s.keras", "--to", "json", "--standardize", "s.json"],
    ["export", "m.keras", "--to", "tflite", "--int8", "--calibration", "ev.npz", "--json", "ev.npz"],
    ["drone", "out/drone.keras", "--data", "jets_hlf", "--out", "out"],
    ["drone", "m.keras", "--data", "jets_hlf", "--standardize", "out/drone.json", "--out", "out"],
    ["redesign", "m.keras", "--data", "sub/events.npz", "--out", "sub"],
    ["reproduce", "higgsml", "--data", "data.csv", "--json", "data.csv"],
]
TWICE = [
    ["compare", "a.xml", "--html", "c.html", "--json", "c.html"],
    ["compare", "a.xml", "--html", "c.png", "--plot", "c.svg"],
    ["sweep", "m.keras", "--data", "ev.npz", "--cache", "x.json", "--json", "sub/../x.json"],
    ["export", "m.keras", "--to", "json", "--out", "x.json", "--json", "x.json"],
    ["export", "m.keras", "--to", "json", "--json", "m.json"],
    ["reproduce", "pid", "--out", "x", "--json", "x"],
    ["plan", "project", "--jobs-dir", "x", "--out", "x"],
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("sub", "project", "reports", "out"):
        Path(name).mkdir()
    for name in ("m.keras", "s.keras", "m.svg", "m.png", "s.json", "data.csv", "out/drone.keras", "out/drone.json"):
        Path(name).write_text("kept")
    Path("project/hls4ml_config.yml").write_text("Backend: Vivado\n")
    Path("project/project.yml").write_text("name: x\ndata: {source: jets_hlf}\nmodel: {path: m.keras}\n")
    for name in ("a.xml", "b.xml", "reports/c.xml"):
        shutil.copy(REPORTS / "01_vivadohls2020.1_hls4mltest_csynth.xml", name)
    for name in ("ev.npz", "test.npz", "sub/events.npz"):
        np.savez(name, x=np.zeros((2, 2)))
    os.symlink("m.keras", "link.keras")
    os.link("m.keras", "hard.keras")
    return tmp_path


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("words", [*OVER_AN_INPUT, *TWICE], ids=" ".join)
def test_nothing_is_written_over_what_is_read_or_written(folder, capsys, words):
    before = content(folder)
    assert main(words) == 1
    line = capsys.readouterr().err
    expected = "expected different places" if words in TWICE else "expected another file than those that are read"
    assert line.count("\n") == 1 and line.startswith("codesign: --") and expected in line, line
    assert content(folder) == before


def test_an_output_inside_a_folder_that_is_read_is_fine_and_is_written_again(folder, capsys):
    words = ["compare", "reports", "b.xml", "--json", "reports/both.json", "--html", "reports/both.html"]
    assert [main(words), main(words)] == [0, 0]
    assert main(["compare", "a.xml", "--json", "/dev/null", "--html", "/dev/null"]) == 0
