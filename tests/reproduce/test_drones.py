import json

import pytest
from rich.console import Console

from codesign.errors import ConfigError
from codesign.reproduce import b_decay, run_study
from codesign.reproduce.drones import study as drones
from codesign.reproduce.drones.rows import make_goals, make_rows, time_ratios
from codesign.reproduce.drones.settings import SETTINGS, DronesSettings

TINY = DronesSettings(
    "b_decay", max_units=6, n_events=500, teacher_epochs=1, n_trees=3, batches=(1,), repeats=2, min_leaf=20
)


def test_settings_are_those_of_the_paper():
    units = {task: SETTINGS[task].max_units for task in ("b_decay", "quark_gluon")}
    assert units == {"b_decay": 16, "quark_gluon": 15}  # 17-15-1 has 286 parameters


def test_goals_take_the_worst_seed():
    one = dict.fromkeys(
        ("auc_teacher", "auc_drone", "max_difference", "agreement", "hidden_units", "teacher_cpu_s", "cpp_difference"),
        0.5,
    )
    one |= {"mean_difference": 0.005, "parameters": 129, "drone_cpu_s": 10.0, "teacher_parameters": 4111}
    results = {"paper": {0: one | {"auc_difference": 0.0001}, 1: one | {"auc_difference": -0.0008}}}
    times = [
        {"network": "teacher", "runtime": "keras model(x)", "batch": 1, "ns_per_event": 1e6},
        {"network": "teacher", "runtime": "litert", "batch": 1, "ns_per_event": 1e3},
        {"network": "drone", "runtime": "cpp", "batch": 1, "ns_per_event": 25.0},
    ]
    goals = {entry["name"]: entry for entry in make_goals(make_rows(results), times, 129)}
    assert not goals["|AUC of teacher - AUC of drone|, the paper's network"]["met"]
    assert goals["teacher in Keras over drone in C++, one event"]["value"] == pytest.approx(40_000)
    assert len(make_goals(make_rows(results), times, 129, with_times=False)) == len(goals) - 2
    assert time_ratios(times) == {"in_all": 40_000, "leaving_keras": 1000, "drone": 40}
    assert time_ratios([])["in_all"] is None


@pytest.mark.slow
def test_every_teacher_gets_a_drone_that_is_checked_in_cpp(tmp_path, monkeypatch):
    monkeypatch.setattr(drones, "teachers", lambda: ["paper"])
    with open(tmp_path / "printed.txt", "w") as file:
        run_study(
            b_decay.make_study(),
            json_path=tmp_path / "b.json",
            seeds=[2],
            out=tmp_path / "out",
            settings=TINY,
            console=Console(file=file, width=220),
        )
    content = json.loads((tmp_path / "b.json").read_text())
    assert (content["task"], content["data_kind"], content["seeds"]) == ("b_decay", "REAL", [2])
    assert content["rows"][0]["teacher_parameters"] == 4111 and content["rows"][0]["cpp_difference"] < 1e-5
    assert {row["runtime"] for row in content["times"] if row["network"] == "drone"} >= {"cpp", "json", "litert"}
    assert "leaving Keras brings" in (tmp_path / "printed.txt").read_text()
    assert (tmp_path / "out" / "times.svg").exists()


def test_bad_seeds():
    with pytest.raises(ConfigError, match="^seeds: "):
        run_study(b_decay.make_study(), seeds=[1, 1])
