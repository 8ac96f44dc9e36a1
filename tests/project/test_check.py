"""What would fail after the training is found before it, and nothing is written on the way."""

import numpy as np
import pytest
import yaml

from codesign.cli.main import main
from codesign.errors import BudgetError, CodesignError
from codesign.network import DenseLayer, Network
from codesign.project import check_project, read_project, run_project

GRID = {"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"]}
TRAIN = {"train": {"method": ["posterior", "qkeras"], "hidden": [5], "qkeras": {"epochs": 1, "activation_bits": 6}}}


@pytest.fixture
def project(tmp_path):
    rng = np.random.default_rng(0)
    y = np.arange(40) % 3
    np.savez(
        tmp_path / "events.npz", x_train=rng.normal(size=(40, 4)), y_train=y, x_test=rng.normal(size=(40, 4)), y_test=y
    )
    Network.chain([DenseLayer("out", rng.normal(size=(4, 3)), np.zeros(3))]).save(tmp_path / "tagger.json")
    Network.chain([DenseLayer("out", np.eye(5, 3), np.zeros(3))]).save(tmp_path / "wide.json")

    def write(**changes):
        content = {
            "name": "small",
            "data": {"source": "events.npz"},
            "model": {"path": "tagger.json"},
            "grid": GRID,
            **changes,
        }
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
    assert "small: fine: 40 events to train and pick on, 40 to test on" in capsys.readouterr().out
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
    for out, message in (
        (tmp_path / "file", "Not a directory"),
        (tmp_path / "file" / "x", "Not a directory"),
        (tmp_path / 'a"b', "choose another"),
    ):
        with pytest.raises(CodesignError, match=message):
            check_project(read_project(project()), out=out)


def random_width(rng):
    modes = rng.choice(["", ",AP_RND,AP_SAT", ",AP_TRN,AP_SAT_SYM", ",AP_RND_CONV,AP_WRAP"])
    fixed = f"ap_{rng.choice(['', 'u'])}fixed<{rng.integers(1, 63)},{rng.integers(-40, 60)}{modes}>"
    return [int(rng.integers(2, 63)), int(rng.integers(2, 20)), fixed][rng.integers(3)]


def random_project(rng):
    """A project as somebody might write it, with types of any width and limits of any size."""
    names = ["hls4ml-latency", "hls4ml-resource", "unrolled"]
    grid = {
        name: [random_width(rng) for _ in range(rng.integers(1, 3))] for name in ("weights", "activations", "inputs")
    }
    grid |= {
        "implementations": rng.choice(names, rng.integers(1, 4), replace=False).tolist(),
        "reuse_factors": [int(rng.choice([1, 2, 4, 12]))],
    }
    hardware = {
        "clock_period_ns": float(10 ** rng.uniform(-2, 6)),
        "backend": str(rng.choice(["Vitis", "Quartus", "Catapult"])),
    }
    budget = {
        name: float(10 ** rng.uniform(0, 12))
        for name in rng.choice(["latency_ns", "lut", "ff"], 2, replace=False).tolist()
    }
    data = {"source": "events.npz", "standardize": bool(rng.integers(2))}
    return {"data": data, "grid": grid, "hardware": hardware, "budget": budget}


@pytest.mark.parametrize("seeds", [range(40), pytest.param(range(40, 3000), marks=pytest.mark.slow)])
def test_what_is_checked_runs_until_its_picks_are_built(project, seeds, monkeypatch):
    class Reached(Exception):
        pass

    def reached(*_, **__):
        raise Reached

    monkeypatch.setattr("codesign.project.run.build_pick", reached)
    n_accepted = 0
    for seed in seeds:
        folder = project(**random_project(np.random.default_rng(seed)))
        try:
            check_project(read_project(folder))
        except CodesignError:
            continue
        n_accepted += 1
        with pytest.raises((Reached, BudgetError)):
            run_project(folder, out=folder / f"build{seed}", jobs=1)
    assert n_accepted > len(seeds) / 40
