import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing import current_process
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import ConfigError, DataError, PrecisionError, ReuseFactorError, ToolError
from codesign.fpga.design.design import binomial_error
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.estimate import estimate
from codesign.fpga.sweep import cache as sweep_cache
from codesign.fpga.sweep.decide import measure
from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.sweep import sweep
from codesign.metrics import find_metric
from codesign.network import DenseLayer, FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import Activation, Dense, Sum
from tests.random_graphs import random_design

REUSE_FACTORS = {"hls4ml-latency": (1, 2), "hls4ml-resource": (2, 6)}
GRID = Grid(weights=(3, 5), activations=(4, 6), reuse_factors=REUSE_FACTORS, adder_levels_per_stage=(2, 8))


class Counted(Network):
    """Counts its emulations in this process."""

    emulations = 0

    def emulate(self, x):
        type(self).emulations += 1
        return super().emulate(x)


class Interrupted(Network):
    """Ctrl-C in the third emulation."""

    emulations = 0

    def emulate(self, x):
        type(self).emulations += 1
        if type(self).emulations == 3:
            raise KeyboardInterrupt
        return super().emulate(x)


class Deadly(Network):
    """Kills the worker process that emulates it with narrow weights, as a system short of memory does."""

    def emulate(self, x):
        if current_process().name != "MainProcess" and self.layers[0].precision.weight.width == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().emulate(x)


def make_network(n_outputs=3, activation="linear", kind=Network):
    rng = np.random.default_rng(0)
    hidden = DenseLayer("hidden", rng.normal(size=(6, 12)) / 2, rng.normal(size=12) / 4, "relu")
    return kind.chain(
        (hidden, DenseLayer("output", rng.normal(size=(12, n_outputs)) / 3, rng.normal(size=n_outputs) / 4, activation))
    )


def make_data(network, n_events=400):
    """Events, and the float network's own decisions as labels."""
    x = np.random.default_rng(1).normal(size=(n_events, network.n_inputs))
    outputs = network.predict(x)
    if network.n_outputs > 1:
        return x, outputs.argmax(1)
    return x, (outputs[:, 0] > {"sigmoid": 0.5, "linear": 0.0}[network.layers[-1].activation]).astype(int)


def rows(designs):
    return [json.dumps(design.as_dict()) for design in designs]


@pytest.fixture(scope="module")
def network():
    return make_network()


@pytest.fixture(scope="module")
def data(network):
    return make_data(network)


@pytest.fixture(scope="module")
def expected(network, data):
    """Every design on its own: the oracle of the sweep."""
    x, y = data
    found = []
    for weights in (3, 5):
        for activations in (4, 6):
            quantized = quantize_network(network, x, weights=weights, activations=activations)
            accuracy = float(np.mean(quantized.emulate(x).argmax(1) == y))
            for setting in GRID.hardware_settings():
                metrics = {"accuracy": find_metric("accuracy").evaluate(quantized.emulate(x), y)}
                assert metrics["accuracy"].error == pytest.approx(binomial_error(accuracy, len(x)))
                design = setting.design(quantized, f"w{weights} a{activations}")
                design = replace(design, accuracy=accuracy, events=len(x), metrics=metrics)
                found.append(design.with_report(estimate(design)))
    return rows(found)


def run(network, data, **options):
    return sweep(network, *data, GRID, progress=False, **options)


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


def test_goes_on_after_ctrl_c(data, expected, tmp_path):
    cache = tmp_path / "new" / "sweep.jsonl"
    Interrupted.emulations = Counted.emulations = 0
    with pytest.raises(KeyboardInterrupt):
        run(make_network(kind=Interrupted), data, jobs=1, cache=cache)
    assert len(cache.read_text().splitlines()) == 2
    assert rows(run(make_network(kind=Counted), data, jobs=1, cache=cache)) == expected
    assert Counted.emulations == 2


def test_goes_on_after_a_kill(tmp_path):
    cache, grid = tmp_path / "sweep.jsonl", Grid(weights=tuple(range(3, 13)), activations=(5, 6, 7, 8))
    script = tmp_path / "killed.py"
    script.write_text(
        "import sys\n"
        f"sys.path[:0] = {[str(Path(__file__).parents[3]), *sys.path]!r}\n"
        "from tests.fpga.sweep.test_sweep import *\n"
        "if __name__ == '__main__':\n"
        "    network = make_network()\n"
        f"    sweep(network, *make_data(network), Grid(weights={grid.weights}, activations={grid.activations}),\n"
        f"          cache={str(cache)!r}, jobs=1, progress=False)\n"
    )
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if cache.exists() and cache.read_bytes().count(b"\n") >= 2:
            break
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL, process.stderr.read().decode()
    process.stderr.close()
    finished = cache.read_bytes().count(b"\n")
    Counted.emulations = 0
    network = make_network(kind=Counted)
    designs = sweep(network, *make_data(network), grid, cache=cache, jobs=1, progress=False)
    assert len(designs) == grid.count
    assert finished >= 2
    assert Counted.emulations == 40 - finished


def test_a_killed_worker_is_an_error_of_one_line(data, expected, tmp_path):
    cache = tmp_path / "sweep.jsonl"
    with pytest.raises(ToolError, match="worker process was killed.*run it again") as caught:
        run(make_network(kind=Deadly), data, jobs=2, cache=cache)
    assert "\n" not in str(caught.value)
    assert rows(run(make_network(), data, jobs=2, cache=cache)) == expected


def test_a_cut_off_last_line_is_ignored(data, expected, tmp_path, caplog):
    cache = tmp_path / "sweep.jsonl"
    run(make_network(), data, jobs=1, cache=cache)
    cache.write_bytes(cache.read_bytes()[:-40])
    Counted.emulations = 0
    assert rows(run(make_network(kind=Counted), data, jobs=1, cache=cache)) == expected
    assert Counted.emulations == 1
    assert not caplog.messages
    assert len(cache.read_text().splitlines()) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [lines[0].replace(b'"value": 0', b'"value": 1'), *lines[1:]],
        lambda lines: [b"\x00\xff not a cache", *lines[1:]],
        lambda lines: [b"", *lines[1:]],
        lambda lines: [b"5c6d0ad7 {}", *lines[1:]],
    ],
)
def test_a_damaged_cache_is_reported_and_rebuilt(data, expected, tmp_path, caplog, damage):
    cache = tmp_path / "sweep.jsonl"
    run(make_network(), data, jobs=1, cache=cache)
    cache.write_bytes(b"\n".join(damage(cache.read_bytes().splitlines())) + b"\n")
    Counted.emulations = 0
    assert rows(run(make_network(kind=Counted), data, jobs=1, cache=cache)) == expected
    assert Counted.emulations == 1
    assert "1 of 4 lines are damaged (first: line 1)" in caplog.text
    caplog.clear()
    assert rows(run(make_network(), data, jobs=1, cache=cache)) == expected
    assert not caplog.messages


def test_nothing_is_taken_from_the_cache_of_another_sweep(network, data, tmp_path, monkeypatch):
    cache = tmp_path / "sweep.jsonl"
    x, y = data
    layers = (network.layers[0], DenseLayer("output", network.layers[1].kernel * 0.5, network.layers[1].bias))
    others = [
        ((network, x, y, Grid(weights=3, activations=4)), {}),
        ((network, x * 0.9, y, GRID), {}),
        ((network, x, (y + 1) % 3, GRID), {}),
        ((network.with_layers(layers), x, y, GRID), {}),
        ((network, x, y, GRID), {"calibration": x[:200]}),
        ((network, x, y, GRID), {"constants": CostConstants(lut_per_adder_bit=2.0)}),
        ((network, x, y, GRID), {"metrics": ["auc[1]"]}),
        ((network, x, y, GRID), {"weights": np.full(len(x), 2.0)}),
    ]
    size = 0
    for arguments, options in others:
        sweep(*arguments, cache=cache, jobs=1, progress=False, **options)
        size += sum(1 for _ in arguments[3].precision_choices())
        assert len(cache.read_text().splitlines()) == size
    monkeypatch.setattr(sweep_cache, "__version__", "next")
    run(network, data, jobs=1, cache=cache)
    assert len(cache.read_text().splitlines()) == size + 4


def test_an_impossible_cache_path_is_an_error_of_one_line(network, data, tmp_path):
    with pytest.raises(DataError, match="cache: expected a file"):
        run(network, data, jobs=1, cache=tmp_path)


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


def test_the_cache_tells_networks_apart_by_their_types(tmp_path):
    """Equal weights with other trained types are another network."""
    x = np.random.default_rng(0).normal(size=(300, 4))
    layers = [
        DenseLayer("a", np.random.default_rng(1).normal(size=(4, 6)), np.zeros(6), "relu"),
        DenseLayer("b", np.eye(6, 3), np.zeros(3)),
    ]
    wide, narrow = (quantize_network(Network.chain(layers), x, weights=8, activations=bits) for bits in (8, 2))
    grid = Grid(weights=("trained",), activations=("trained",), implementations=("hls4ml-latency",))
    options = {"cache": tmp_path / "sweep.jsonl", "jobs": 1, "progress": False}
    y = wide.emulate(x).argmax(1)
    assert sweep(wide, x, y, grid, **options)[0].accuracy == 1.0
    assert sweep(narrow, x, y, grid, **options)[0].accuracy == np.mean(narrow.emulate(x).argmax(1) == y) < 1.0


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


def test_keys_differ_with_every_part_of_a_graph():
    network, _ = random_design(3)
    parts = [replace(network, outputs=network.outputs[::-1])] if len(network.outputs) > 1 else []
    for index, node in enumerate(network.nodes):
        other = replace(node, output=FixedPoint(9, 5, rounding="RND_CONV"))
        parts.append(replace(network, nodes=(*network.nodes[:index], other, *network.nodes[index + 1 :])))
    parts += [replace(network, inputs=(replace(network.inputs[0], precision=FixedPoint(9, 5)), *network.inputs[1:]))]
    keys = {sweep_cache.network_key("", one) for one in (network, *parts)}
    assert len(keys) == 1 + len(parts)


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
