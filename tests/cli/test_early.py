"""What is wrong with the options is said before anything slow: no Keras, no plots, no model and no events read."""

import json
import subprocess
import sys

import pytest

SWEEP, ESTIMATE, SHAPE = ["sweep", "a.h5", "--data", "jets_hlf"], ["estimate", "a.h5"], ["estimate", "16-8-4"]
REDESIGN = ["redesign", "a.h5", "--data", "jets_hlf", "--out", "new"]
DRONE, FOREST = ["drone", "a.h5", "--data", "jets_hlf", "--out", "new"], ["forest", "a.h5", "--out", "new"]
BAD = [  # words, and what the line begins with
    *(([*words, "--dask", "none.json"], "--dask: expected an address") for words in (SWEEP, REDESIGN)),
    *(([*words, "--jobs", "0"], "--jobs: expected a number of processes") for words in (SWEEP, REDESIGN)),
    *(([*words, "--json", "."], "--json: expected a file") for words in (SWEEP, ESTIMATE, ["inspect", "a.h5"])),
    *(([*words, "--plot", "x.bmp"], "--plot: expected a path that ends") for words in (SWEEP, ["time", "a.h5"])),
    *(([*words, "--part", "xcvu13q"], "--part: expected a part") for words in (SWEEP, ESTIMATE, REDESIGN, FOREST)),
    *(([*words, "--clock-ns", "0"], "--clock-ns: expected a number") for words in (SWEEP, SHAPE, REDESIGN, FOREST)),
    *(([*words, "--seed", "-1"], "--seed: expected at least 0") for words in (DRONE, REDESIGN)),
    *(([*words, "--out", "a.h5"], "--out: expected a folder") for words in (DRONE, FOREST, REDESIGN)),
    ([*SWEEP, "--dask", "tcp://nowhere"], "--dask: expected an address"),
    ([*SWEEP, "--search", "0"], "--search: expected a number from 1"),
    ([*SWEEP, "--weights", "99"], "--weights: expected 2 to 62 bits"),
    ([*SWEEP, "--reuse", "x"], "--reuse: expected a whole number"),
    ([*SWEEP, "--confidence", "2"], "--confidence: expected a number from 0 to 1"),
    ([*SWEEP, "--max-lut", "-1"], "--max-lut: expected a number that is not negative"),
    (["sweep", "a.h5", "--data", "jets_hfl"], "--data: expected a sample"),
    (["sweep", "a.h5", "--data", "none-*.root"], "--data: expected"),
    ([*ESTIMATE, "--tool-version", "abc"], "--tool-version: expected the compiler's, such as 2020.1 or 2023.2"),
    ([*SHAPE, "--tool-version", "99.1"], "--tool-version: expected"),
    ([*SHAPE, "--tool-version", "2019.2"], "--tool-version: expected one of Vitis HLS, from 2020.1 on"),
    ([*SHAPE, "--backend", "Vivado", "--tool-version", "2023.2"], "--tool-version: expected one of Vivado HLS, up to"),
    ([*ESTIMATE, "--backend", "Quartos"], "--backend: expected"),
    ([*ESTIMATE, "--precision", "fixd<8>"], "--precision: "),
    ([*ESTIMATE, "--weights", "5", "6"], "--weights: expected one width"),
    ([*ESTIMATE, "--sparsity", "0.5"], "--sparsity: of a shape"),
    ([*SHAPE, "--input-shape", "3,4"], "--input-shape: a shape has no weights"),
    ([*SHAPE, "--weights", "5"], "--weights: a shape has no weights"),
    ([*SHAPE, "--part", "foo"], "--part: expected a part whose capacities are known. Received: foo (nothing like it"),
    ([*REDESIGN, "--methods", "tabels"], "--methods: expected some of"),
    ([*REDESIGN, "--max-lut", "-3"], "--max-lut: expected a number that is not negative"),
    (["redesign", "none.h5", "--data", "jets_hlf", "--out", "new"], "FILE: expected a model"),
    ([*DRONE, "--rule", "papper"], "--rule: expected one of"),
    ([*DRONE, "--hidden", "8", "--max-units", "4"], "--max-units: expected at least the 8 units"),
    ([*DRONE, "--probes", "-1"], "--probes: expected at least 0"),
    ([*DRONE, "--standardize", "none.npz"], "--standardize: expected a .npz"),
    (["drone", "none.h5", "--data", "jets_hlf", "--out", "new"], "TEACHER: expected the file of a model"),
    ([*FOREST, "--precision", "fixd<8>"], "--precision: "),
    ([*FOREST, "--data", "jets_hlf", "--leaf-step", "0.3"], "--leaf-step: expected a power of two"),
    ([*FOREST, "--data", "jets_hlf", "--bits", "99"], "--bits: expected"),
    (["time", "a.h5", "none.h5"], "MODEL: expected the file or folder of a model. Received: none.h5"),
    (["time", "a.h5", "--runtimes", "cpq"], "--runtimes: expected some of"),
    (["time", "a.h5", "--repeats", "0"], "--repeats: expected at least 1"),
    (["export", "a.h5", "--to", "json", "--check", "-1"], "--check: expected a number of events"),
    (["reproduce", "jets", "--seeds", "1", "1"], "--seeds: expected different numbers"),
    (["reproduce", "jets", "--methods", "prunned"], "--methods: expected some of"),
    (["reproduce", "jets", "--task", "jetz"], "--task: expected one of"),
    (["reproduce", "pid", "--peer", "/nowhere/python"], "--peer: expected a Python interpreter"),
    (["reproduce", "pid", "--task", "jets"], "--task: expected with jets only"),
    (["reproduce", "higgsml", "--data", "none.csv"], "--data: expected the file of the challenge"),
    (["reproduce", "jets", "--jobs", "0"], "--jobs: expected a number of processes"),
    (["synthesize", "nowhere"], "project: expected a folder"),
    (["synthesize", "broken"], "model: "),
    (["plan", "nowhere", "--jobs-dir", "jobs"], "project: expected a folder"),
    (["run-trial", "none.json"], "FILE: expected a trial"),
    (["collect", "nowhere"], "DIR: expected a folder"),
]
SLOW = ("tensorflow", "tf_keras", "keras", "matplotlib", "sklearn", "distributed", "optuna")
PROGRAM = """
import contextlib, io, json, sys
from codesign.cli.main import main
found = []
for words in json.loads(sys.argv[1]):
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        found.append([main(words), said.getvalue()])
print(json.dumps([found, sorted(set(sys.modules).intersection(json.loads(sys.argv[2])))]))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """The status and the lines of each command, all in one fresh process, and which slow packages that imported."""
    folder = tmp_path_factory.mktemp("early")
    (folder / "a.h5").write_text("no model: to read it would be another error")
    (folder / "broken").mkdir()
    (folder / "broken" / "project.yml").write_text("name: x\ndata: {source: jets_hlf}\nmodel: {unknown: 1}\n")
    words = [json.dumps([words for words, _ in BAD]), json.dumps(SLOW)]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_bad_options_are_said_before_anything_slow(said):
    found, slow = said
    wrong = []
    for (words, begins), (status, lines) in zip(BAD, found, strict=True):
        if status != 1 or lines.count("\n") != 1 or not lines.startswith(f"codesign: {begins}"):
            wrong.append((words, lines))
    assert not wrong
    assert not slow
