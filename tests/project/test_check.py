"""What would fail after the training is found before it, and nothing is written on the way."""

import numpy as np
import pytest
import yaml

from codesign.cli.main import main
from codesign.errors import CodesignError
from codesign.network import DenseLayer, Network
from codesign.project import check_project, read_project

GRID = {"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"]}
TRAIN = {"train": {"hidden": [5], "epochs": 1, "activation_bits": 6}}


@pytest.fixture
def project(tmp_path):
    rng = np.random.default_rng(0)
    y = np.arange(40) % 3
    np.savez(tmp_path / "events.npz", x_train=rng.normal(size=(40, 4)), y_train=y, x_test=rng.normal(size=(40, 4)), y_test=y)
    Network([DenseLayer("out", rng.normal(size=(4, 3)), np.zeros(3))]).save(tmp_path / "tagger.json")
    Network([DenseLayer("out", np.eye(5, 3), np.zeros(3))]).save(tmp_path / "wide.json")

    def write(**changes):
        content = {"name": "small", "data": {"source": "events.npz"}, "model": {"path": "tagger.json"}, "grid": GRID, **changes}
        (tmp_path / "project.yml").write_text(yaml.safe_dump(content))
        return tmp_path

    return write


def files(folder):
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize("model", [{"path": "tagger.json"}, TRAIN])
def test_a_good_project_is_fine_and_nothing_is_written(project, model, capsys):
    folder = project(model=model)
    before = files(folder)
    assert main(["synthesize", str(folder), "--check"]) == 0
    assert "small: fine: 36 events to train on, 4 to pick on, 40 to test on" in capsys.readouterr().out
    assert files(folder) == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"path": "wide.json"}}, "expected a network 4 -> 3"),
        ({"model": {"path": "none.json"}}, "does not exist"),
        ({"data": {"source": "none.npz"}}, "does not exist"),
        ({"model": TRAIN, "grid": {**GRID, "weights": ["ap_fixed<8,2>"]}}, "one training each"),
        ({"model": TRAIN, "grid": {**GRID, "reuse_factors": [7]}}, "expected a factor that hls4ml can build"),
        ({"model": TRAIN, "grid": {**GRID, "activations": ["ap_fixed<62,2>"]}}, "62"),
        ({"grid": {**GRID, "weights": ["ap_fixed<4,-3>"]}}, "weights of layer 'out' saturate"),
        ({"grid": {**GRID, "reuse_factors": [7]}}, "expected a factor that hls4ml can build"),
    ],
)
def test_what_fails_later_fails_now(project, changes, message):
    folder = project(**changes)
    before = files(folder)
    with pytest.raises(CodesignError, match=message) as error:
        check_project(read_project(folder))
    assert "\n" not in str(error.value) and files(folder) == before


def test_output_folders(project, tmp_path):
    (tmp_path / "file").write_text("")
    for out, message in ((tmp_path / "file", "Not a directory"), (tmp_path / "file" / "x", "Not a directory"), (tmp_path / 'a"b', "choose another")):
        with pytest.raises(CodesignError, match=message):
            check_project(read_project(project()), out=out)
