import json

import numpy as np
import pytest
from rich.console import Console

from codesign.data import load_higgsml
from codesign.data.higgsml import BACKGROUND_EVENTS, SIGNAL_EVENTS
from codesign.metrics import scan_cuts
from codesign.reproduce import run_study
from codesign.reproduce.higgsml import make_study
from codesign.reproduce.higgsml.costs import RAW_COLUMNS
from codesign.reproduce.higgsml.distilled import cross_entropy
from codesign.reproduce.higgsml.events import jet_column, load, split
from codesign.reproduce.higgsml.gates import RawColumns, turned_copies
from codesign.reproduce.higgsml.recipe import choose_recipe, classifier
from codesign.reproduce.higgsml.rows import make_goals, make_rows
from codesign.reproduce.higgsml.scores import METRICS, score
from codesign.reproduce.higgsml.settings import (
    COSTS,
    DRONE,
    FPGA,
    FPGA_RAW,
    LADDER,
    LUMIN,
    NARROW,
    RECIPE,
    TIMES,
    XGBOOST,
    HiggsSettings,
)
from codesign.reproduce.study import Run


@pytest.fixture(scope="module")
def found():
    return load_higgsml()


def test_validation_is_a_fifth_of_each_class_and_jet_number_and_tests_are_never_in_it(found):
    cut, again, other = (split(found, seed) for seed in (0, 0, 1))
    assert len(cut.validation.x) == 2748 and len(cut.train.x) == 10_985 and len(cut.test.x) == 9156
    np.testing.assert_array_equal(cut.validation.x, again.validation.x)
    assert not np.array_equal(cut.validation.x, other.validation.x)
    jets = jet_column(found.data)
    for number in range(4):
        shares = [np.mean(part.x[:, jets] == number) for part in (cut.train, cut.validation)]
        assert shares[0] == pytest.approx(shares[1], abs=1e-3)
    sums = [cut.validation.weights[cut.validation.y == kind].sum() for kind in (1, 0)]
    np.testing.assert_allclose(sums, [SIGNAL_EVENTS, BACKGROUND_EVENTS])


def test_scores_are_those_of_the_cut_that_validation_chose(found):
    cut = split(found, 0)
    rng = np.random.default_rng(0)
    validation, test = (
        1 / (1 + np.exp(-4 * part.y - rng.normal(size=len(part.y)))) for part in (cut.validation, cut.test)
    )
    scores = score(cut, validation, test)
    scan = scan_cuts(test, cut.test.y, cut.test.weights)
    assert scores["ams_br10"] == scan.at(scores["cut"]) < scores["ams_br0"] and scores["mean_ams"] == scan.mean_ams()
    assert 0.5 < scores["auc_weighted"] < 1


def test_every_row_of_the_ladder_takes_the_same_events(found):
    settings = HiggsSettings(members=2, epochs=1)
    x = split(found, 0).train.x[:300]
    for method, options in LADDER.items():
        inputs = classifier(found, settings, method, 0).prepare(x).inputs(x)
        assert inputs.shape == (300, 46 if options["masses"] else 30) and not (inputs == -999).any()


def test_aligned_events_are_the_same_for_all_eight_copies(found):
    x = split(found, 0).train.x[:400].astype(float)
    model = classifier(found, HiggsSettings(), NARROW, 0).prepare(x)
    first, *others = (model.inputs(copy) for copy in model.vectors.copies(x))
    for copy in others:
        np.testing.assert_allclose(copy, first, rtol=2e-3, atol=2e-3)


def test_raw_columns_say_what_does_not_exist_also_of_events_beside_them(found):
    cut, rng = split(found, 0), np.random.default_rng(0)
    columns = RawColumns.of(found, cut.train.x)
    for part in (cut.train, cut.test):
        sent = columns.sent(part.x)
        assert not (sent == -999).any() and (part.x == -999).any()
        np.testing.assert_array_equal(columns.known(sent), part.x)
        beside = sent + 0.1 * rng.standard_normal(sent.shape)
        np.testing.assert_array_equal(columns.known(beside) == -999, part.x == -999)


def test_turned_copies_are_other_columns_of_the_same_physics(found):
    events, features = split(found, 0).train, found.data.features
    copies = turned_copies(events, features, 3, seed=0)
    assert len(copies.x) == len(copies.y) == len(copies.weights) == 4 * len(events.x)
    phi = copies.x[:, features.index("PRI_tau_phi")].reshape(4, -1)
    assert all(len(np.unique(one)) > 1000 for one in phi[1:] - phi[0])
    np.testing.assert_array_equal(copies.x == -999, np.tile(events.x == -999, (4, 1)))
    first, *others = (one[::20].astype(float) for one in np.split(copies.x, 4))
    model = classifier(found, HiggsSettings(), NARROW, 0).prepare(first)
    for one in others:
        np.testing.assert_allclose(model.inputs(one), model.inputs(first), rtol=2e-3, atol=2e-3)


def test_the_recipe_is_chosen_by_validation_and_test_numbers_change_nothing(tmp_path):
    for method in ("one", "two"):
        for suffix in ("keras", "npz"):
            (tmp_path / f"{method}-3.{suffix}").write_text(method)
    for test in (0.1, 0.9):
        rows = {
            "one": {"validation_auc_weighted": 0.8, "auc_weighted": 1 - test},
            "two": {"validation_auc_weighted": 0.81, "auc_weighted": test},
        }
        assert choose_recipe(rows, 3, tmp_path) == {**rows["two"], "chosen": "two"}
        assert (tmp_path / "recipe-3.keras").read_text() == (tmp_path / "recipe-3.npz").read_text() == "two"


def test_the_loss_of_a_drone_is_least_where_it_says_what_is_wanted():
    wanted, weights = np.array([0.0, 0.3, 1.0]), np.array([1.0, 2.0, 0.5])
    same = cross_entropy(wanted, wanted, weights)
    assert 0 < same < cross_entropy(np.array([0.1, 0.4, 0.9]), wanted, weights) < np.inf


def _measured(peers: bool) -> Run:
    row = {"auc_weighted": 0.932, "train_cpu_s": 3.0, "test_us_per_event": 4.0, "auc": 0.88, "mean_ams": 3.2}
    row |= {"ams_br10": 3.0, "ams_br0": 3.1}
    design = row | {"lut": 400, "fpga_latency_ns": 20.0, "rtl_mismatches": 0}
    results = {
        NARROW: row | {f"one_net_{name}": 0.5 for name in METRICS},
        RECIPE: row | {"chosen": NARROW},
        DRONE: row | {"auc_weighted": 0.931},
        FPGA: design | {"auc_weighted": 0.9},
        FPGA_RAW: design | {"auc_weighted": 0.931, "lut": 5001, "rtl_mismatches": 1},
    }
    costs = {"single_epoch_cpu_s": 1.0, "ensemble_epoch_cpu_s": 2.0, "augmented_epoch_cpu_s": 2.1}
    results |= {COSTS: costs | {"train_cpu_s": 3.0, "test_us_per_event": 5.0}}
    times = [("ensemble", "Keras", 1, 1e6), ("ensemble", "Keras", 9, 2e3), ("ensemble", "C++", 9, 400.0)]
    times.append((RAW_COLUMNS, "C++", 9, 2000.0))
    times += [("drone", "C++", 1, 20.0), ("drone", "C++", 9, 10.0)]
    keys = ("network", "runtime", "batch", "ns_per_event")
    results |= {TIMES: {"rows": [dict(zip(keys, one)) for one in times]}}
    if peers:
        results[LUMIN] = row | {"auc_weighted": 0.93, "train_cpu_s": 30.0, "test_us_per_event": 200.0}
        results[XGBOOST] = row | {"auc_weighted": 0.933}
    by_seed = {key: {0: one} for key, one in results.items()}
    run = Run(make_study(), HiggsSettings(methods=(NARROW,)), [0], None, None, None, by_seed)
    run.rows.extend(make_rows(run))
    return run


def test_goals_are_ratios_and_differences_of_what_was_measured():
    run = _measured(peers=True)
    goals = {entry["name"]: (entry["value"], entry["met"]) for entry in make_goals(run)}
    assert goals["an epoch of 10 nets over one of one net in Keras"] == (2.0, True)
    assert goals["weighted AUC lost by gates, of the recipe's inputs"] == (pytest.approx(0.032), False)
    assert goals["LUTs by Yosys, gates, of the raw columns"] == (5001, False)
    assert goals["events on which Verilog differs, gates, of the raw columns"] == (1, False)
    assert goals["ensemble in Keras over drone in C++, many at a time"] == (200.0, False)
    assert goals["weighted AUC of the recipe minus XGBoost's"] == (pytest.approx(-0.001), False)
    assert goals["CPU s of the training over LUMIN's"] == (pytest.approx(0.1), True)
    assert goals["us per event over LUMIN's, alignment included"] == (pytest.approx(0.025), True)
    assert goals["us per event in C++ over LUMIN's, neither with the preparation"] == (pytest.approx(0.002), True)
    assert goals["us per event in C++ over LUMIN's, ours from raw columns on"] == (pytest.approx(0.01), False)
    assert len(goals) == 20 and run.rows[0]["title"] == "1 net"


def test_goals_against_peers_are_not_measured_without_them():
    unknown = [entry["name"] for entry in make_goals(_measured(peers=False)) if entry["value"] is None]
    assert len(unknown) == 6 and all("LUMIN" in name or "XGBoost" in name for name in unknown)


@pytest.mark.slow
def test_quick_study_from_end_to_end(tmp_path):
    settings = HiggsSettings(
        methods=("augmentation", NARROW), candidates=(NARROW,), single=("fge",), members=2, epochs=2, n_events=2000,
        drones=((2,),), drone_units=2, copies=0, gate_copies=1, max_lut=300, replicas=5, repeats=2,
    )  # fmt: skip
    with open(tmp_path / "printed.txt", "w") as file:
        console = Console(file=file, width=220)
        options = {"json_path": tmp_path / "h.json", "quick": True, "settings": settings, "console": console}
        run_study(make_study(), out=tmp_path / "out", **options)
    content = json.loads((tmp_path / "h.json").read_text())
    assert (content["task"], content["data_kind"]) == ("higgsml", "REAL")
    methods = ["one_net", "augmentation", NARROW, RECIPE, "fge", DRONE, FPGA, FPGA_RAW]
    assert [row["method"] for row in content["rows"]] == methods
    assert all(row["rtl_mismatches"] == 0 < row["lut"] for row in content["rows"][-2:])
    assert {one["network"] for one in content["times"]} >= {"ensemble", "drone"}
    assert {path.name for path in (tmp_path / "out").glob("*.svg")} >= {"metrics.svg", "test_time.svg", "losses.svg"}


def test_fewer_events_keep_their_parts(found):
    few = load("", 500)
    assert 450 < len(few.data.x_train) < 600 and len(few.parts["test"]) == len(few.data.x_test)
