"""What runs today beside what today's methods make of it."""

import json

import numpy as np
import pytest
import yaml

from codesign import DenseLayer, Network, quantize_network
from codesign.cli.main import main
from codesign.data import load_events
from codesign.errors import ConfigError, DataError
from codesign.fpga import Design, estimate
from codesign.project import check_project, read_project, write_redesign
from codesign.project.deployed import Deployed


@pytest.fixture(scope="module")
def trigger(tmp_path_factory):
    """A network with types, one of a single value, and events without labels in the words that they take."""
    folder, rng = tmp_path_factory.mktemp("trigger"), np.random.default_rng(3)
    x = np.round(rng.normal(size=(1500, 4)) * 8) / 8
    for name, n_outputs in (("classes.json", 2), ("value.json", 1)):
        network = Network.chain([DenseLayer("fc", rng.normal(size=(4, n_outputs)), np.zeros(n_outputs))])
        quantize_network(network, x, weights=5, activations=8, inputs="ap_fixed<8,5>").save(folder / name)
    np.save(folder / "x.npy", x)
    return folder


@pytest.mark.parametrize(("name", "task"), [("classes.json", "classification"), ("value.json", "regression")])
def test_the_network_is_what_is_learnt_where_events_have_no_labels(name, task, trigger, tmp_path):
    folder = write_redesign(trigger / name, load_events(trigger / "x.npy"), tmp_path)
    content = yaml.safe_load((folder / "project.yml").read_text())
    network = Network.load(trigger / name)
    assert content["model"]["train"] == {"teacher": "deployed"} and content["data"]["task"] == task
    assert set(content["data"]["words"].values()) == {"ap_fixed<8,5>"}
    assert content["budget"]["lut"] == max(50, estimate(Design(network, implementation="hls4ml-latency")).lut)
    checked = check_project(read_project(folder))
    data, x = checked.data, checked.data.words.decode(checked.data.x_test)
    expected = network.emulate(x)
    np.testing.assert_array_equal(checked.deployed.scores(x), expected)
    np.testing.assert_array_equal(data.y_test, expected.argmax(1) if task == "classification" else expected[:, 0])
    taught = checked.deployed.as_teacher(task).predict(x)
    assert taught.shape == (len(x), 1)
    assert task == "regression" or np.array_equal(taught[:, 0] > 0.5, expected[:, 1] > expected[:, 0])


def test_labels_of_the_events_are_learnt_as_ever(trigger, tmp_path):
    x = np.load(trigger / "x.npy")
    np.savez(tmp_path / "events.npz", x=x, y=np.where(x[:, 0] > 0, "signal", "noise"))
    data = load_events(tmp_path / "events.npz")
    folder = write_redesign(
        trigger / "classes.json", data, tmp_path / "new", limits={"lut": 77}, methods=("posterior",)
    )
    config = read_project(folder)
    assert config.budget.lut == 77 and config.model.train.teacher == "ensemble"
    assert check_project(config).data.classes == ("noise", "signal")


def test_what_does_not_fit_is_one_line(trigger, tmp_path):
    np.save(tmp_path / "narrow.npy", np.load(trigger / "x.npy")[:, :3])
    np.save(tmp_path / "same.npy", np.ones((50, 4)))
    with pytest.raises(DataError, match="model.deployed: expected a network of the 3 features"):
        write_redesign(trigger / "classes.json", load_events(tmp_path / "narrow.npy"), tmp_path)
    with pytest.raises(DataError, match="expected events of each class that the network decides for"):
        write_redesign(trigger / "classes.json", load_events(tmp_path / "same.npy"), tmp_path)
    (tmp_path / "project.yml").write_text("data: {source: b_decay}\nmodel: {train: {teacher: deployed}}")
    with pytest.raises(ConfigError, match="model.train.teacher: expected model.deployed"):
        read_project(tmp_path)


@pytest.mark.slow
def test_the_report_has_the_deployed_network_as_a_row(trigger, tmp_path):
    options = ["--methods", "tables", "--max-lut", "60", "--jobs", "1", "--out", str(tmp_path)]
    assert main(["redesign", str(trigger / "classes.json"), "--data", str(trigger / "x.npy"), *options]) == 0
    report = json.loads((tmp_path / "build" / "report.json").read_text())
    row = next(one for one in report["references"] if one["kind"] == "deployed")
    assert row["metrics_test"]["accuracy"]["value"] == 1 and row["lut"] > 0 and row["source"] == "estimate"
    assert row["note"] in (tmp_path / "build" / "report.html").read_text()
    assert report["picked"][0]["lut"] <= 60


def test_a_float_model_may_stand_beside_too(tmp_path):
    layers = [DenseLayer("fc", np.eye(2), np.zeros(2))]
    Network.chain(layers).save(tmp_path / "float.json")
    deployed = Deployed.read(tmp_path / "float.json", 2, 5.0, "xcvu9p")
    assert not deployed.is_exact and "ap_fixed<16,6>" in deployed.note
    np.testing.assert_array_equal(deployed.scores(np.array([[0.3, 1e-9]])), [[0.3, 1e-9]])
