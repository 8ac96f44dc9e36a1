"""A miniature of ``make demo``: the project that is shipped, on fewer events and with a smaller network."""

import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from codesign.data import load_dataset
from codesign.fpga import pareto_front
from codesign.methods import aims
from codesign.network import Network
from codesign.posterior import collapse_to_budget
from codesign.project import read_project, run_project
from codesign.project.candidates import train_candidates
from codesign.project.check import check_project

PROJECT = Path(__file__).parents[2] / "fpga_projects" / "jet_tagger" / "project.yml"
N_TRAIN, N_TEST = 1200, 1000


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of the project behind one run, and what the run returned."""
    folder = tmp_path_factory.mktemp("jet_tagger")
    data = load_dataset("jets_hlf")
    arrays = {"x_train": data.x_train[:N_TRAIN], "y_train": data.y_train[:N_TRAIN]}
    arrays |= {"x_test": data.x_test[:N_TEST], "y_test": data.y_test[:N_TEST]}
    np.savez(folder / "jets.npz", **arrays, features=data.features, classes=data.classes)
    content = yaml.safe_load(PROJECT.read_text())
    content["data"] |= {"source": "jets.npz", "kind": "GENERATED"}
    content["model"]["train"] |= {"hidden": [5], "teacher": "none", "epochs": 4}
    content["metrics"] = ["accuracy", "auc", "signal_efficiency[t]@0.2"]
    content["budget"] = {"lut": 300, "latency_ns": 100}
    (folder / "project.yml").write_text(yaml.safe_dump(content | {"cpu": False}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aims, "_SHARES", (1.0,))  # one network of the method posterior in the place of two
        patch.setattr(collapse_to_budget, "_BISECTIONS", 2)
        yield folder, run_project(folder, jobs=1)


def test_every_event_is_the_same_in_every_implementation(demo):
    folder, report = demo
    agreement = report["agreement"]
    assert agreement["events"] == N_TEST
    assert agreement["rtl_mismatches"] == agreement["cpp_mismatches"] == 0
    assert agreement["csim_mismatches"] == (
        0 if any(row["method"] == "posterior" for row in report["picked"]) else None
    )
    for row in report["picked"]:
        assert (
            row["method"] in ("tables", "posterior")
            and row["accuracy"] > 0.4
            and row["lut"] < 350
            and row["latency_ns"] <= 100
        )
        assert row["metrics_test"]["auc"]["value"] > 0.7 and row["working_points"][0]["class"] == "t"
        sent = {one["name"]: (one["bits_sent"], one["bits_used"]) for one in row["inputs"]}
        assert len(sent) == 16 and all(used <= bits for bits, used in sent.values())
    assert "<svg" in (folder / "build" / "report.html").read_text()


def test_what_is_built_is_the_network_from_the_words_of_the_detector(demo):
    folder, report = demo
    data = check_project(read_project(folder)).data
    for row in report["picked"]:
        network = Network.load(folder / "build" / row["directory"] / "network.json")
        decisions = network.emulate(data.words.encode(load_dataset(folder / "jets.npz").x_test)).argmax(1)
        assert np.mean(decisions == data.y_test) == row["accuracy"]


def test_what_was_trained_is_used_again(demo):
    folder, report = demo
    checked = check_project(read_project(folder))
    start = time.perf_counter()
    again = train_candidates(checked, jobs=1)
    assert time.perf_counter() - start < report["seconds"]["train"] / 2
    assert [design.as_dict() for design in pareto_front(again.designs)] == report["front"]
