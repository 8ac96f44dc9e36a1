from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import ConfigError, DataError, PrecisionError, ReuseFactorError
from codesign.fpga.sweep.decide import measure
from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.sweep import sweep
from codesign.metrics import find_metric
from codesign.network import Input, Network, Node, quantize_network
from codesign.network.ops import Activation, Dense, Sum
from tests.fpga.sweep.example import GRID, Counted, make_data, make_network, rows, run


def test_gives_what_each_design_gives_on_its_own(network, data, expected):
    assert rows(run(network, data, jobs=1)) == expected
    assert len(expected) == GRID.count == 4 * 6


def test_processes_give_what_one_gives(network, data, expected):
    assert rows(run(network, data, jobs=2)) == expected


def test_emulates_each_precision_once(data):
    Counted.emulations = 0
    run(make_network(kind=Counted), data, jobs=1)
    assert Counted.emulations == 4


@pytest.mark.parametrize("activation", ["linear", "sigmoid"])
def test_one_output_is_a_yes_or_no(activation):
    network = make_network(1, activation)
    x, y = make_data(network)
    grid = Grid(weights=10, activations=12, implementations="hls4ml-latency")
    (found,) = sweep(network, x, y, grid, jobs=1, progress=False)
    assert found.accuracy > 0.98
    (inverted,) = sweep(network, x, 1 - y, grid, jobs=1, progress=False)
    assert inverted.accuracy == pytest.approx(1 - found.accuracy)


def test_an_impossible_reuse_factor_names_its_neighbours(network, data):
    with pytest.raises(ReuseFactorError, match="Received: 5; try 4 or 6"):
        sweep(network, *data, Grid(reuse_factors=(1, 5)), progress=False)


@pytest.mark.parametrize("jobs", [1, 2])
def test_weights_that_saturate_are_an_error(network, data, jobs):
    with pytest.raises(PrecisionError, match="saturate"):
        sweep(network, *data, Grid(weights=("ap_fixed<8,3>", "ap_fixed<6,0>")), jobs=jobs, progress=False)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda x, y: (x[:, :5], y), r"expected shape \(n_events, 6\)"),
        (lambda x, y: (np.where(x > 2, np.nan, x), y), "NaN or inf in"),
        (lambda x, y: (x[:0], y[:0]), "at least one event"),
        (lambda x, y: (x, y[:-1]), "one label for each event"),
        (lambda x, y: (x, np.eye(3)[y]), "argmax"),
        (lambda x, y: (x, y + 0.5), "whole numbers from 0 to 2"),
        (lambda x, y: (x, y + 1), "whole numbers from 0 to 2"),
        (lambda x, y: (x, np.where(y == 0, np.nan, y)), "whole numbers from 0 to 2"),
        (lambda x, y: (x, ["g"] * len(y)), "whole-number labels"),
    ],
)
def test_rejects_data_that_do_not_fit(network, data, change, message):
    with pytest.raises(DataError, match=message):
        run(network, change(*data), jobs=1)


def test_ranges_come_from_the_calibration_events(network, data):
    x, y = data
    (found, *_) = run(network, data, jobs=1, calibration=x / 4)
    assert found.network.input_precision == quantize_network(network, x / 4, weights=3, activations=4).input_precision
    assert found.network.input_precision != quantize_network(network, x, weights=3, activations=4).input_precision


@pytest.mark.parametrize("change", [lambda x: x[:0], lambda x: x[:, :2], lambda x: np.full_like(x, np.inf)])
def test_rejects_calibration_events_that_do_not_fit(network, data, change):
    with pytest.raises(DataError, match="^calibration: "):
        run(network, data, jobs=1, calibration=change(data[0]))


@pytest.mark.parametrize("jobs", [0, 1.5, True])
def test_rejects_a_number_of_processes_that_is_none(network, data, jobs):
    with pytest.raises(ConfigError, match="jobs"):
        run(network, data, jobs=jobs)


def test_a_graph_is_swept_and_its_first_output_decides(tmp_path):
    rng = np.random.default_rng(0)
    nodes = [
        Node("shared", Dense(rng.normal(size=(3, 4)), rng.normal(size=4)), ("particles",)),
        Node("pooled", Sum(1), ("shared",)),
        Node("scores", Dense(rng.normal(size=(4, 3)), np.zeros(3)), ("pooled",)),
        Node("mass", Dense(rng.normal(size=(4, 1)), np.zeros(1)), ("pooled",)),
    ]
    network = Network(nodes, [Input("particles", (2, 3))], ["scores", "mass"])
    x = rng.normal(size=(300, 6))
    y = network.predict(x)[:, :3].argmax(1)
    grid = Grid(weights=(3, 8), activations=(8,), reuse_factors=(1, 2), adder_levels_per_stage=(3,))
    designs = sweep(network, x, y, grid, jobs=1, progress=False, cache=tmp_path / "sweep.jsonl")
    assert len(designs) == 2 * 5 and designs[-1].accuracy > max(0.95, designs[0].accuracy)
    assert rows(sweep(network, x, y, grid, jobs=1, progress=False, cache=tmp_path / "sweep.jsonl")) == rows(designs)
    assert "particles 2x3 -> 4 nodes" in repr(designs[0])
    moved = replace(network, outputs=("mass", "scores"))
    with pytest.raises(
        DataError, match="0 to 1. .* of mass, scores the first decides: put the one of the classes first"
    ):
        sweep(moved, x, y, grid, jobs=1, progress=False)


def test_metrics_are_those_of_the_emulation_with_weights_and_of_a_regression_too(network, data):
    x, y = data
    grid, weights = Grid(weights=4, activations=5, implementations="unrolled"), np.arange(len(x)) % 3
    options = {"jobs": 1, "progress": False, "weights": weights}
    named = find_metric("auc[b]", classes=("g", "q", "b"))
    found = sweep(network, x, y, grid, metrics=[named, "signal_efficiency[0]@0.1"], **options)[0]
    outputs = found.network.emulate(x)
    assert list(found.metrics) == ["accuracy", "auc[b]", "signal_efficiency[0]@0.1"]
    assert found.metrics["auc[b]"] == named.evaluate(outputs, y, weights)
    assert found.accuracy == pytest.approx(np.average(outputs.argmax(1) == y, weights=weights))
    assert found.accuracy_error == found.metrics["accuracy"].error and found.events == np.count_nonzero(weights)
    values = sweep(network, x, outputs + 0.5, grid, metrics=["rmse", "bias[1]"], **options)[0]
    assert values.accuracy is None and values.metrics["rmse"].value == pytest.approx(0.5)
    assert values.metrics["bias[1]"].value == pytest.approx(-0.5)


def test_a_softmax_at_the_end_changes_no_auc(data):
    x, y = data
    plain = make_network()
    ended = Network([*plain.nodes, Node("shares", Activation("softmax"), plain.outputs)], plain.inputs, ["shares"])
    auc, with_softmax = (measure(one, one.predict(x), y, [find_metric("auc")])["auc"] for one in (plain, ended))
    assert with_softmax.value == pytest.approx(auc.value, abs=1e-12)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"metrics": []}, ConfigError, "metrics: expected metrics of one task. Received: none"),
        ({"metrics": ["auc", "rmse"]}, ConfigError, r"Received: auc \(classification\), rmse \(regression\)"),
        ({"metrics": ["acuracy"]}, ConfigError, "did you mean 'accuracy'"),
        ({"metrics": ["rmse"]}, DataError, r"y: expected numbers of shape \(400, 3\)"),
        ({"weights": [-1.0] * 400}, DataError, "weights: expected 0 or above"),
    ],
)
def test_rejects_metrics_that_do_not_fit(network, data, options, error, message):
    with pytest.raises(error, match=message):
        run(network, data, jobs=1, **options)
