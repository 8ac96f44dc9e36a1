"""Programs of torch.export: each computes what PyTorch's module does; files are read without PyTorch."""

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from codesign.drone import as_teacher
from codesign.errors import CodesignError
from codesign.model_files import identify
from codesign.read import read_file
from tests.damaged_models import meet_damaged

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(path.stem for path in GOLDEN.glob("*.pt2"))


@pytest.mark.parametrize("name", FILES)
def test_files_are_what_pytorch_computes(name):
    stored = np.load(GOLDEN / "outputs.npz")
    assert identify(GOLDEN / f"{name}.pt2").kind == "torch_export"
    reading = read_file(GOLDEN / f"{name}.pt2")
    np.testing.assert_allclose(reading.network.predict(stored[f"{name}_x"]), stored[f"{name}_y"], atol=2e-6)
    assert reading.about["format"] == "torch.export" and reading.about["producer"].startswith("PyTorch 2.")
    assert not reading.assumed


def test_a_file_teaches_without_pytorch():
    stored = np.load(GOLDEN / "outputs.npz")
    np.testing.assert_allclose(
        as_teacher(GOLDEN / "tagger.pt2").predict(stored["tagger_x"]), stored["tagger_y"], atol=2e-6
    )


def changed(target, name, change):
    """A copy of a golden file with its program changed."""
    with zipfile.ZipFile(GOLDEN / f"{name}.pt2") as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    entry = next(one for one in entries if one.endswith("models/model.json"))
    program = json.loads(entries[entry])
    change(program, entries)
    entries[entry] = json.dumps(program).encode()
    with zipfile.ZipFile(target, "w") as archive:
        for one, content in entries.items():
            archive.writestr(one, content)
    return target


def nodes(program):
    return program["graph_module"]["graph"]["nodes"]


CHANGES = {
    "schema 9; known are those to 8": lambda program, entries: program["schema_version"].update(major=9),
    "node '1' .aten.linea.*did you mean 'aten.linear'": lambda program, entries: nodes(program)[1].update(
        target="torch.ops.aten.linea.default"
    ),
    "expected an operator that a network has. Received: mine.run": lambda program, entries: nodes(program)[1].update(
        target="torch.ops.mine.run.default"
    ),
    "expected it in the archive": lambda program, entries: entries.pop(
        next(one for one in entries if one.endswith("weight_1"))
    ),
    "evaluation mode, module.eval": lambda program, entries: nodes(program)[0]["inputs"][5].update(
        arg={"as_bool": True}
    ),
    "without inputs or outputs": lambda program, entries: program["graph_module"]["signature"].update(output_specs=[]),
    "expected 48 values": lambda program, entries: entries.update(
        {one: entries[one][:40] for one in entries if one.endswith("weight_2")}
    ),
}


@pytest.mark.parametrize("message", CHANGES)
def test_what_is_missing_or_newer_is_named(message, tmp_path):
    path = changed(tmp_path / "model.pt2", "tagger", CHANGES[message])
    with pytest.raises(CodesignError, match=message) as caught:
        read_file(path)
    assert str(path) in str(caught.value) and str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["tagger", "residual", "lstm", "old"])
def test_damaged_programs(name):
    assert meet_damaged(GOLDEN / f"{name}.pt2", range(60)) < 50


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tagger", "residual", "transformer", "old"])
def test_fifty_thousand_damaged_programs(name):
    meet_damaged(GOLDEN / f"{name}.pt2", range(60, 12_600))


def printed(module, *words):
    """What a script prints in a process without TensorFlow, whose libraries PyTorch's crash."""
    if find_spec("torch") is None:
        pytest.skip("no PyTorch")
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", f"tests.read.torch.{module}", *words]
    ran = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def compared():
    return printed("compare")


@pytest.mark.slow
def test_modules_are_read_in_every_form(compared):
    assert len(compared["modules"]) > 10
    for name, differences in compared["modules"].items():
        for form, difference in differences.items():
            assert difference < 1e-5, f"{name}, {form}"


@pytest.mark.slow
def test_random_modules():
    found = printed("random_modules", "0", "100")
    assert (found["read"], found["off"], found["refused"]) == (100, {}, {})


@pytest.mark.slow
def test_live_objects_that_say_too_little(compared):
    for expected, message in compared["refusals"].items():
        assert re.search(expected, message), message
