import json
import shutil

import pytest

from codesign.cli.main import main
from codesign.errors import ConfigError, ToolError
from codesign.reproduce import pid, run_study
from codesign.reproduce.pid import methods
from codesign.reproduce.pid.peer import run_peer
from codesign.reproduce.pid.settings import PidSettings

TINY = PidSettings(
    tracks=900,
    pretrain_epochs=1,
    epochs=2,
    tune_epochs=1,
    batch_size=128,
    small=(8,),
    kl_weights=((609, 12.0),),
    magnitude=((609, 0.4),),
    uniform=(609,),
    gates=(8,),
    repeats=2,
)
SPARSE = {"variational-609", "variational-published-609", "magnitude-609", "magnitude-spared-609", "gate-8"}
ROWS = {"binary", "dense-150", "dense-8", "ternary", *SPARSE}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run that is interrupted in the middle, and goes on."""
    directory = tmp_path_factory.mktemp("pid")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(methods, "_gated", lambda trainer, count: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run_study(pid.make_study(), settings=TINY, seeds=[0], out=directory)
    before = (directory / "results.jsonl").read_text()
    result = run_study(pid.make_study(), settings=TINY, seeds=[0], out=directory, json_path=directory / "pid.json")
    return directory, before, result


@pytest.mark.slow
def test_an_interrupted_run_goes_on(finished):
    directory, before, _ = finished
    lines = (directory / "results.jsonl").read_text().splitlines()
    assert (directory / "results.jsonl").read_text().startswith(before)
    assert len(lines) == 2 + len(list(methods.trainings(TINY))) and before.count("\n") > 4


@pytest.mark.slow
def test_json_holds_the_contract_and_every_row(finished):
    directory, _, result = finished
    content = json.loads((directory / "pid.json").read_text())
    assert (content["task"], content["data_kind"], content["seeds"]) == ("pid", "STAND-IN", [0])
    rows = {row["method"]: row for row in content["rows"]}
    assert set(rows) == ROWS and content["goals"] == result["goals"]
    for row in rows.values():
        assert {
            "auc_electron",
            "auc_ghost",
            "auc_mean",
            "auc_mean_error",
            "live_weights",
            "live_units",
            "mac_ratio",
        } <= set(row)
        assert row["speed_up_batch_1"] > 0 and row["speed_up_batch_10000"] > 0
        in_cpp = row["cpp_speed_up_batch_10000"]
        assert in_cpp is None if shutil.which("g++") is None else in_cpp > 0
    assert rows["variational-609"]["live_weights"] == 609 and rows["gate-8"]["live_units"] <= 8
    assert rows["dense-150"]["mac_ratio"] == 1 and rows["dense-150"]["speed_up_batch_1"] == 1


@pytest.mark.slow
def test_goals_without_the_peer_are_unmet(finished):
    goals = [entry for entry in finished[2]["goals"] if "pytorch-ard" in entry["name"]]
    assert len(goals) == 3 and all(entry["value"] is None and not entry["met"] for entry in goals)


@pytest.mark.slow
def test_plots_are_written(finished):
    names = {path.name for path in finished[0].iterdir()}
    for name in ("auc-against-live-weights", "auc-against-live-units", "auc-by-class"):
        assert {f"{name}.svg", f"{name}.png"} <= names
    assert "STAND-IN data" in (finished[0] / "auc-by-class.svg").read_text()


def test_a_peer_that_is_not_there_is_found_out_before_the_training(tmp_path):
    with pytest.raises(ToolError, match="^peer: expected a Python interpreter"):
        run_study(pid.make_study(peer=str(tmp_path / "python")), settings=TINY, out=tmp_path)
    assert not (tmp_path / "results.jsonl").exists()


def test_a_peer_that_is_not_there_is_one_line(tmp_path):
    from codesign.data import load_pid

    with pytest.raises(ToolError, match="^peer: expected") as error:
        run_peer(str(tmp_path / "python"), load_pid(600), TINY, 0, 10.0)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1]])
def test_rejects_impossible_seeds(seeds, tmp_path):
    with pytest.raises(ConfigError, match="^seeds: expected"):
        run_study(pid.make_study(), settings=TINY, seeds=seeds, out=tmp_path)


def test_command_line_errors(capsys, tmp_path):
    assert main(["reproduce", "pid", "--tracks", "5", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "codesign: --tracks: expected at least 60. Received: 5\n"
    assert main(["reproduce", "hbb", "--tracks", "5"]) == 1
    assert "--tracks: expected with pid only" in capsys.readouterr().err
