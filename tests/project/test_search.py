import numpy as np
import pytest
import yaml

from codesign.cli.main import main
from codesign.errors import ConfigError, DataError
from codesign.network import DenseLayer, Network
from codesign.project.candidates import sweep_model
from codesign.project.check import check_project
from codesign.project.config import SearchConfig, read_project
from codesign.project.plan.plan import plan_project

DATA = {"source": "events.csv", "label": "y", "kind": "GENERATED"}


def folder_of(tmp_path, **sections):
    rng = np.random.default_rng(0)
    layers = [
        DenseLayer("fc1", rng.normal(size=(3, 4)), np.zeros(4), "relu"),
        DenseLayer("output", rng.normal(size=(4, 2)), np.zeros(2)),
    ]
    network, x = Network.chain(layers), rng.normal(size=(300, 3))
    network.save(tmp_path / "network.json")
    table = np.column_stack([x, network.predict(x).argmax(1)])
    np.savetxt(tmp_path / "events.csv", table, delimiter=",", header="a,b,c,y", comments="", fmt=["%.6f"] * 3 + ["%d"])
    (tmp_path / "project.yml").write_text(yaml.safe_dump({"data": DATA, **sections}))
    return tmp_path


def test_project_yml_says_how_many_designs_are_searched(tmp_path):
    folder = folder_of(tmp_path, model={"path": "network.json"}, grid={"weights": [3, 4], "search": {"designs": 7}})
    config = read_project(folder)
    assert config.search == SearchConfig(7, "descent") and config.grid.weights == (3, 4)


@pytest.mark.parametrize(
    "search, message",
    [
        ({"designs": 0}, "grid.search.designs: expected a whole number from 1"),
        ({"designs": 10**9}, "grid.search.designs"),
        ({"designs": "many"}, "grid.search.designs"),
        ({"design": 7}, "unknown key 'design' .did you mean 'designs'"),
        ({"method": "nsga"}, "did you mean 'nsga2'"),
        ({"method": [1]}, "grid.search.method"),
        (7, "grid.search: expected a mapping"),
    ],
)
def test_rejects_an_impossible_search(tmp_path, search, message):
    folder = folder_of(tmp_path, model={"path": "network.json"}, grid={"search": search})
    with pytest.raises(ConfigError, match=message):
        read_project(folder)


def test_only_a_model_in_a_file_is_searched(tmp_path):
    with pytest.raises(ConfigError, match="grid.search: expected with model.path"):
        read_project(folder_of(tmp_path, model={"train": {}}, grid={"search": {"designs": 7}}))


def test_a_search_is_not_planned_as_trials_that_stand_alone(tmp_path):
    folder = folder_of(tmp_path, model={"path": "network.json"}, grid={"search": {"designs": 7}})
    with pytest.raises(ConfigError, match="grid.search: expected a grid to plan"):
        plan_project(folder, tmp_path / "trials")


@pytest.mark.parametrize(
    "name, search, reason",
    [("search.journal", {"designs": 3}, "line 1 is none"), ("sweep.jsonl", None, "where no line is one")],
)
def test_files_that_a_project_keeps_are_named_as_of_its_output_folder(tmp_path, name, search, reason):
    pytest.importorskip("optuna")
    grid = {"weights": [3, 4], **({} if search is None else {"search": search})}
    checked = check_project(read_project(folder_of(tmp_path, model={"path": "network.json"}, grid=grid, cpu=False)))
    checked.out.mkdir(exist_ok=True)
    (checked.out / name).write_text("of somebody else\n")
    with pytest.raises(DataError, match=f"^out: expected .*{name}, {reason}"):
        sweep_model(checked, jobs=1)
    assert (checked.out / name).read_text() == "of somebody else\n"


def test_the_command_line_searches_and_goes_on(tmp_path, capsys):
    pytest.importorskip("optuna")
    folder = folder_of(tmp_path)
    given = ["sweep", str(folder / "network.json"), "--data", str(folder / "events.csv"), "--label", "y"]
    given += ["--implementations", "hls4ml-latency", "--jobs", "1", "--cache", str(folder / "search.journal")]
    for n in (6, 9):
        assert main([*given, "--search", str(n)]) == 0
        assert f"{n} designs" in capsys.readouterr().out
    assert main([*given, "--search", "0"]) == 1
    assert "--search: expected a number from 1" in capsys.readouterr().err


@pytest.mark.parametrize("is_kept, then", [(True, "goes on from here"), (False, "starts anew")])
def test_a_sweep_that_is_interrupted_goes_on_only_from_a_file(tmp_path, capsys, monkeypatch, is_kept, then):
    from codesign.fpga.sweep import evaluate

    folder = folder_of(tmp_path)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluate, "measure", interrupted)
    given = ["sweep", str(folder / "network.json"), "--data", str(folder / "events.csv"), "--label", "y", "--jobs", "1"]
    assert main([*given, *(["--cache", str(folder / "sweep.jsonl")] if is_kept else [])]) == 130
    assert f"interrupted; the same command {then}" in capsys.readouterr().err


def test_project_yml_says_which_trainings_are_searched(tmp_path):
    asked = {"trainings": 6, "layers": [1, 2], "units": [4, 16], "cost_weight": [1e-6, 1e-5], "method": "descent"}
    config = read_project(folder_of(tmp_path, model={"train": {"search": asked}}))
    found = config.model.train.search
    assert (found.trainings, found.layers, found.units, found.method) == (6, (1, 2), (4, 16), "descent")
    assert read_project(folder_of(tmp_path, model={"train": {}})).model.train.search is None


@pytest.mark.parametrize(
    "train, message",
    [
        ({"search": {"trials": 3}}, "model.train.search: unknown key 'trials'"),
        ({"search": {"unit": [4, 8]}}, "did you mean 'units'"),
        ({"search": {"units": [8, 4]}}, r"model.train.search.units: .*put the lower one first"),
        ({"search": {"cost_weight": 1e-5}}, "model.train.search.cost_weight: expected"),
        ({"search": {"layers": ["one", 2]}}, "model.train.search.layers: expected"),
        ({"search": {"method": "nsga"}}, "model.train.search.method: .*did you mean 'nsga2'"),
        ({"search": 5}, "model.train.search: expected a mapping"),
        ({"search": {}, "method": "tables"}, "model.train.search: expected the method posterior"),
        ({"search": {}, "hidden": [4]}, "model.train.hidden: expected none beside model.train.search"),
    ],
)
def test_rejects_an_impossible_search_of_trainings(tmp_path, train, message):
    with pytest.raises(ConfigError, match=message) as caught:
        read_project(folder_of(tmp_path, model={"train": train}))
    assert "\n" not in str(caught.value)


def test_a_search_of_trainings_is_not_planned(tmp_path):
    folder = folder_of(tmp_path, model={"train": {"search": {}}})
    with pytest.raises(ConfigError, match="model.train.search: expected trainings to plan"):
        plan_project(folder, tmp_path / "trials")
