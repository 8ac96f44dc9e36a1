"""A project whose model is a graph: particles that share their layers, and two outputs."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

from codesign.errors import ConfigError, DataError
from codesign.network import Input, Network, Node
from codesign.network.ops import Activation, Dense, Mean
from codesign.project import check_project, read_project, run_project

GRID = {"weights": [5], "activations": [7], "implementations": ["hls4ml-latency"]}


@pytest.fixture
def project(tmp_path):
    """12 features: 4 particles of 3; outputs: a mass, and scores of 3 classes, which are the labels."""
    rng = np.random.default_rng(1)
    nodes = [
        Node("shared", Dense(rng.normal(size=(3, 4)), rng.normal(size=4)), ("particles",)),
        Node("positive", Activation("relu"), ("shared",)),
        Node("pooled", Mean(1), ("positive",)),
        Node("mass", Dense(rng.normal(size=(4, 1)), np.zeros(1)), ("pooled",)),
        Node("scores", Dense(rng.normal(size=(4, 3)), np.zeros(3)), ("pooled",)),
    ]
    network, x = Network(nodes, [Input("particles", (4, 3))], ["mass", "scores"]), rng.normal(size=(200, 12))
    scores = network.split_outputs(network.predict(x))["scores"]
    network = network.with_ops({"scores": replace(nodes[-1].op, bias=-scores.mean(0))})  # so that all classes occur
    network.save(tmp_path / "set.json")
    y = network.split_outputs(network.predict(x))["scores"].argmax(1)
    np.savez(tmp_path / "events.npz", x_train=x[:100], y_train=y[:100], x_test=x[100:], y_test=y[100:])

    def write(grid=GRID, **model):
        content = {
            "name": "set",
            "data": {"source": "events.npz", "standardize": False},
            "model": {"path": "set.json", **model},
            "grid": grid,
            "cpu": False,
        }
        (tmp_path / "project.yml").write_text(yaml.safe_dump(content))
        return tmp_path

    return write


@pytest.mark.slow
def test_a_graph_with_two_outputs_is_swept_picked_and_simulated(project):
    report = run_project(project(output="scores"), jobs=1)
    picked = report["picked"][0]
    assert report["agreement"]["csim_mismatches"] == 0 and report["accuracy_float"] == 1
    assert picked["accuracy"] > 0.8 and picked["reuse_factors"] == [1, 1, 1] and picked["lut"] > 0


@pytest.mark.slow
def test_an_unrolled_graph_is_simulated_and_synthesised(project):
    report = run_project(project({**GRID, "implementations": ["unrolled"]}, output="scores"), jobs=1)
    assert report["agreement"]["csim_mismatches"] == report["agreement"]["rtl_mismatches"] == 0


def test_the_output_of_the_labels_is_named(project):
    with pytest.raises(DataError, match="12 -> 1 at its first output; model.output names the one .*: mass, scores"):
        check_project(read_project(project()))
    with pytest.raises(ConfigError, match="model.output: expected one of mass, scores. Received: score .did you mean"):
        check_project(read_project(project(output="score")))
