"""A sweep that ends early goes on from its cache, and takes nothing from that of another."""

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

from codesign.errors import DataError, ToolError
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.sweep import cache as sweep_cache
from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.sweep import sweep
from codesign.network import DenseLayer, FixedPoint, Network, quantize_network
from tests.fpga.sweep.example import GRID, Counted, make_data, make_network, rows, run
from tests.random_designs import random_design


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
        "from codesign.fpga.sweep.grid import Grid\n"
        "from codesign.fpga.sweep.sweep import sweep\n"
        "from tests.fpga.sweep.example import make_data, make_network\n"
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


def test_keys_differ_with_every_part_of_a_graph():
    network, _ = random_design(3)
    parts = [replace(network, outputs=network.outputs[::-1])] if len(network.outputs) > 1 else []
    for index, node in enumerate(network.nodes):
        other = replace(node, output=FixedPoint(9, 5, rounding="RND_CONV"))
        parts.append(replace(network, nodes=(*network.nodes[:index], other, *network.nodes[index + 1 :])))
    parts += [replace(network, inputs=(replace(network.inputs[0], precision=FixedPoint(9, 5)), *network.inputs[1:]))]
    keys = {sweep_cache.network_key("", one) for one in (network, *parts)}
    assert len(keys) == 1 + len(parts)
