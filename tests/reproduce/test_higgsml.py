import json

import numpy as np
import pytest
from rich.console import Console

from codesign.data import load_higgsml
from codesign.data.higgsml import BACKGROUND_EVENTS, SIGNAL_EVENTS
from codesign.metrics import scan_cuts
from codesign.reproduce import run_study
from codesign.reproduce.higgsml import make_study
from codesign.reproduce.higgsml.events import jet_column, load, split
from codesign.reproduce.higgsml.recipe import classifier
from codesign.reproduce.higgsml.rows import make_goals, make_rows
from codesign.reproduce.higgsml.scores import score
from codesign.reproduce.higgsml.settings import COSTS, DRONE, ENSEMBLE, FPGA, LADDER, TIMES, HiggsSettings
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


def test_goals_are_ratios_and_differences_of_what_was_measured():
    row = {"auc_weighted": 0.932, "train_cpu_s": 3.0, "test_us_per_event": 4.0, "auc": 0.88, "mean_ams": 3.2}
    row |= {"ams_br10": 3.0, "ams_br0": 3.1}
    first = row | {f"one_net_{name}": 0.5 for name in ("auc_weighted", "auc", "mean_ams", "ams_br10", "ams_br0")}
    results = {
        ENSEMBLE: first,
        DRONE: row | {"auc_weighted": 0.931},
        "lumin": row | {"auc_weighted": 0.93, "train_cpu_s": 30.0},
    }
    results |= {FPGA: row | {"auc_weighted": 0.9, "lut": 400, "fpga_latency_ns": 20.0}}
    results |= {COSTS: {"single_epoch_cpu_s": 1.0, "ensemble_epoch_cpu_s": 2.0, "augmented_epoch_cpu_s": 2.1}}
    times = [("ensemble", "Keras", 1, 1e6), ("ensemble", "Keras", 9, 2e3), ("ensemble", "C++", 1, 500.0)]
    times += [
        ("ensemble", "C++", 9, 400.0),
        ("drone", "C++", 1, 20.0),
        ("drone", "C++", 9, 10.0),
        ("aligned", "NumPy", 9, 1e3),
    ]
    keys = ("network", "runtime", "batch", "ns_per_event")
    results |= {TIMES: {"rows": [dict(zip(keys, one)) for one in times]}}
    study = make_study()
    run = Run(
        study,
        HiggsSettings(methods=(ENSEMBLE,)),
        [0],
        None,
        None,
        None,
        {key: {0: one} for key, one in results.items()},
    )
    run.rows.extend(make_rows(run))
    goals = {entry["name"]: (entry["value"], entry["met"]) for entry in make_goals(run)}
    assert goals["an epoch of 10 nets over one of one net in Keras"] == (2.0, True)
    assert goals["weighted AUC that the FPGA design loses"] == (pytest.approx(0.032), False)
    assert goals["us per event of the 10 nets in Keras, alignment included"] == (3.0, True)
    assert goals["ensemble in Keras over drone in C++, many at a time"] == (200.0, False)
    assert goals["CPU s of the training over LUMIN's"] == (pytest.approx(0.1), True)
    assert len(goals) == 13 and run.rows[0]["title"] == "1 net"


@pytest.mark.slow
def test_quick_study_from_end_to_end(tmp_path):
    settings = HiggsSettings(
        methods=("augmentation", ENSEMBLE), single=("fge",), members=2, epochs=2, n_events=600, drone_hidden=(2,),
        drone_units=2,
        copies=0, max_lut=100, replicas=5, repeats=2,
    )  # fmt: skip
    with open(tmp_path / "printed.txt", "w") as file:
        console = Console(file=file, width=220)
        options = {"json_path": tmp_path / "h.json", "quick": True, "settings": settings, "console": console}
        run_study(make_study(), out=tmp_path / "out", **options)
    content = json.loads((tmp_path / "h.json").read_text())
    assert (content["task"], content["data_kind"]) == ("higgsml", "REAL")
    assert [row["method"] for row in content["rows"]] == ["one_net", "augmentation", ENSEMBLE, "fge", DRONE, FPGA]
    assert {one["network"] for one in content["times"]} >= {"ensemble", "drone"}
    assert {path.name for path in (tmp_path / "out").glob("*.svg")} >= {"metrics.svg", "test_time.svg", "losses.svg"}


def test_fewer_events_keep_their_parts(found):
    few = load("", 500)
    assert 450 < len(few.data.x_train) < 600 and len(few.parts["test"]) == len(few.data.x_test)
