import ast
import json
from importlib import resources

import numpy as np
import pytest
from rich.console import Console
from sklearn.metrics import roc_auc_score

from codesign.errors import ConfigError, DataError
from codesign.metrics.auc import one_vs_rest_aucs
from codesign.network import Network
from codesign.reproduce import jets, run_study
from codesign.reproduce.jets.goals import compared_at, cost_of, covered, front, make_goals, median_at
from codesign.reproduce.jets.methods import TITLES, check_methods
from codesign.reproduce.jets.references import load_gates, load_hgq2_front, load_published
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.tables import cost_table
from codesign.reproduce.jets.tasks import find_task

TINY = JetsSettings(
    hidden=(4,),
    n_events=2000,
    cost_weights=(1e-5,),
    epochs=3,
    batch_size=100,
    collapse_epochs=1,
    teacher_nets=1,
    teacher_hidden=(8,),
    teacher_epochs=1,
    table_lut=40.0,
    table_ratio=3.0,
    sparsities=(0.5,),
    zeros=(0.5,),
    kl_weights=(1.0,),
    baseline_epochs=2,
)


def point(cost, val, test, levels=10):
    return {"adder_cost": cost, "val_accuracy": val, "test_accuracy": test, "adder_levels": levels}


POINTS = [
    point(100, 0.60, 0.60),
    point(200, 0.59, 0.70),
    point(400, 0.62, 0.64),
    point(1600, 0.63, 0.66),
    point(1700, 0.64, 0.65),
]


def test_front_is_chosen_on_validation_events():
    assert [one["adder_cost"] for one in front(POINTS[::-1])] == [100, 400, 1600, 1700]
    assert front([]) == []


def test_cost_at_an_accuracy_is_linear_in_its_logarithm():
    assert cost_of(POINTS, 0.65) == pytest.approx(800)  # half way between 400 and 1600
    assert cost_of(POINTS, 0.66) == pytest.approx(1600)
    assert cost_of(POINTS, 0.5) == pytest.approx(100)
    useless = [point(1000, 0.625, 0.63)]  # better on validation events only
    assert cost_of([*POINTS, *useless], 0.65) == pytest.approx(800)
    assert cost_of([point(0, 0.5, 0.5), point(100, 0.6, 0.6)], 0.55) == pytest.approx(10)  # no cost counts as 1
    assert cost_of(POINTS, 0.67) is None and cost_of([], 0.6) is None


def test_median_needs_most_seeds():
    fronts = {0: POINTS, 1: [point(50, 0.6, 0.61)], 2: [point(900, 0.6, 0.66)]}
    assert median_at(fronts, 0.65) == pytest.approx(900)
    assert median_at({0: POINTS, 1: fronts[1]}, 0.65) is None and median_at({}, 0.6) is None


def test_goals_compare_with_the_best_front_of_the_peer():
    ours = {0: [point(300, 0.60, 0.64, 8) | {"rtl_mismatches": 0}, point(2000, 0.67, 0.67, 12) | {"rtl_mismatches": 0}]}
    goals = {entry["name"]: entry for entry in make_goals(find_task("jets"), ours, load_hgq2_front())}
    assert goals["adder cost at 0.6700, median of seeds"]["value"] == pytest.approx(2000)
    assert goals["adder cost over HGQ2's at .640 to .670, largest"]["value"] < 1
    assert goals["networks that differ from their Verilog on any test event"]["met"]
    assert len(goals) == 8
    assert not any(entry["met"] for entry in make_goals(find_task("jets"), {}, load_hgq2_front()))


def test_fronts_cover_what_more_than_half_of_them_reach():
    ends = {0: (0.60, 0.70), 1: (0.62, 0.66), 2: (0.64, 0.68)}
    ours = {seed: [point(100, low, low), point(400, high, high)] for seed, (low, high) in ends.items()}
    assert covered(list(ours.values())) == (0.62, 0.68)
    assert covered([ours[0], ours[1]]) == (0.62, 0.66)
    assert covered([ours[0], []])[0] == np.inf and covered([])[0] == np.inf


def test_other_tasks_are_compared_where_both_fronts_have_points():
    hbb = find_task("hbb")
    ours = {0: [point(100, 0.70, 0.80, 4) | {"rtl_mismatches": 0}, point(400, 0.80, 0.88, 6) | {"rtl_mismatches": 0}]}
    peer = [point(400, 0.70, 0.84, 8), point(1600, 0.80, 0.90, 12)]
    grid = compared_at(hbb, ours, peer)
    assert (len(grid), grid[0], grid[-1]) == (31, 0.84, 0.88)
    goals = make_goals(hbb, ours, peer)
    assert [entry["name"] for entry in goals][:2] == [
        f"adder cost over HGQ2's at .840 to .880, {kind}" for kind in ("largest", "median")
    ]
    assert goals[0]["value"] == pytest.approx(0.5) and all(entry["met"] for entry in goals)
    assert [entry["target"] for entry in goals] == [1.0, 0.7, 1.0, 0]


def test_no_goal_compares_with_a_peer_that_was_not_run():
    ours = {0: [point(100, 0.7, 0.8) | {"rtl_mismatches": 0}]}
    assert [entry["comparison"] for entry in make_goals(find_task("pid"), ours, None)] == ["=="]
    apart = make_goals(find_task("pid"), ours, [point(100, 0.7, 0.9)])
    assert apart[0]["name"] == "adder cost over HGQ2's at no common accuracy, largest"
    assert [entry["value"] for entry in apart] == [None, None, None, 0]


def test_fronts_without_a_common_accuracy_have_no_table():
    results = {"posterior-1": {0: {"points": [point(100, 0.7, 0.8)]}}}
    peer = [point(100, 0.7, 0.9)]
    table = cost_table(results, TINY, find_task("hbb"), peer)
    assert not table.rows and table.empty == "none to compare at"
    assert "0.8000 to 0.8000, HGQ2 (all seeds) 0.9000 to 0.9000" in table.notes[0]


@pytest.mark.parametrize(
    "name, kind, sizes", [("jets", "GENERATED", (16, 5)), ("hbb", "GENERATED", (39, 2)), ("pid", "STAND-IN", (59, 6))]
)
def test_tasks_are_standardised(name, kind, sizes):
    data = find_task(name).load()
    assert (data.kind, data.n_features, data.n_classes) == (kind, *sizes)
    assert np.abs(data.x_train).max() <= 8 and np.abs(data.x_train.mean(0)).max() < 0.2
    assert len(data.x_train) in (98_507, 42_575, 99_997)


def test_methods_are_checked():
    assert check_methods(None, None) == list(TITLES)[:-1] and check_methods(None, "python") == list(TITLES)
    assert check_methods(["peer", "posterior"], "python") == ["posterior", "peer"]


@pytest.mark.parametrize(
    "methods, peer, message",
    [
        (
            ["posterio"],
            None,
            r"^methods: expected some of posterior, .*peer. Received: posterio \(did you mean 'posterior'",
        ),
        ([], None, "^methods: .* Received: none"),
        (["peer"], None, "^peer: expected the interpreter that the method peer needs. Received: none"),
        (["posterior"], "python", "^peer: expected the method peer among the methods. Received: posterior"),
    ],
)
def test_bad_methods(methods, peer, message):
    with pytest.raises(ConfigError, match=message):
        check_methods(methods, peer)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_peers_auc_is_ours(n_classes):
    script = resources.files("codesign.reproduce") / "peers" / "hgq2.py"  # what it imports is not in this environment
    body = [
        node
        for node in ast.parse(script.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "scores"
    ]
    names = {"np": np, "roc_auc_score": roc_auc_score}
    exec(compile(ast.Module(body, []), str(script), "exec"), names)
    rng = np.random.default_rng(0)
    labels = rng.integers(n_classes, size=300)
    logits = rng.normal(size=(300, n_classes)) + np.eye(n_classes)[labels]
    powers = np.exp(logits)
    ours = np.mean(one_vs_rest_aucs(powers / powers.sum(1, keepdims=True), labels))
    found = names["scores"](logits, labels)
    assert found["auc"] == pytest.approx(ours) and found["accuracy"] == np.mean(logits.argmax(1) == labels)


def test_references_say_what_they_are():
    assert cost_of(load_hgq2_front(), 0.6516) == pytest.approx(828, rel=0.01)
    assert {row["dataset"] for row in load_published()} == {"OpenML", "CERNBox"}
    assert all(float(row["accuracy"]) > 60 and int(row["lut"]) > 0 and row["source"] for row in load_published())
    assert all(0.6 < row["test_accuracy"] < 0.7 and row["lut"] > 100 and row["source"] for row in load_gates())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("jets")
    with open(out / "printed.txt", "w") as file:
        run_study(
            jets.make_study(),
            json_path=out / "jets.json",
            seeds=[3],
            out=out,
            settings=TINY,
            console=Console(file=file, width=200),
        )
    return out


@pytest.mark.slow
def test_rows_and_proofs(finished):
    content = json.loads((finished / "jets.json").read_text())
    assert (content["task"], content["data_kind"], content["seeds"]) == ("jets", "GENERATED", [3])
    posterior, grown = content["rows"][0], [row for row in content["rows"] if "tables" in row["method"]]
    assert len(content["rows"]) == 4 + len(grown)
    assert grown and all(row["rtl_mismatches"] == 0 and 0 < row["lut"] <= 50 for row in grown)
    assert posterior["method"] == "posterior precision" and posterior["lut"] > 0
    assert content["goals"][-1]["met"] and content["goals"][-1]["value"] == 0
    assert Network.load(finished / "networks" / "posterior-1e-05-3.json").sizes == (16, 4, 5)


@pytest.mark.slow
def test_tables_and_plot(finished):
    printed = (finished / "printed.txt").read_text()
    assert "[GENERATED data]" in printed and "another data set [REAL data]" in printed
    assert (finished / "accuracy-against-cost.png").exists()


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1]])
def test_bad_seeds(seeds, tmp_path):
    with pytest.raises(ConfigError, match="seeds: expected different numbers"):
        run_study(jets.make_study(), seeds=seeds, out=tmp_path)


def test_bad_task():
    with pytest.raises(
        ConfigError,
        match=r"^task: expected one of jets, hbb, quark_gluon, b_decay, pid. Received: hb \(did you mean 'hbb'\?\)",
    ):
        jets.make_study(task="hb")


@pytest.mark.slow
def test_another_task_by_one_method(tmp_path):
    with open(tmp_path / "printed.txt", "w") as file:
        options = {"seeds": [3], "out": tmp_path, "settings": TINY, "console": Console(file=file, width=200)}
        study = jets.make_study(task="hbb", methods=["posterior"])
        run_study(study, json_path=tmp_path / "hbb.json", **options)
    content = json.loads((tmp_path / "hbb.json").read_text())
    assert (content["task"], content["data_kind"], len(content["rows"])) == ("jets-hbb", "GENERATED", 1)
    assert [entry["met"] for entry in content["goals"]] == [True]
    printed = (tmp_path / "printed.txt").read_text()
    assert "Boosted H -> bb against QCD jets, 1 seeds [GENERATED data]" in printed and "HGQ2: not run" in printed
    assert "public hls4ml jets" not in printed
    with pytest.raises(DataError, match="results of the same settings"):
        run_study(jets.make_study(task="pid", methods=["posterior"]), **options)
