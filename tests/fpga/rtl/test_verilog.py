import re

import numpy as np
import pytest

from codesign.errors import ConfigError, DataError, PrecisionError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import pipeline_shape, write_verilog
from codesign.network import DenseLayer, Network, quantize_network
from codesign.tools.find import find_tool
from tests.random_designs import random_designs
from tests.random_networks import random_events, random_network

pytest.importorskip("da4ml")
needs_verilator = pytest.mark.skipif(
    not (find_tool("verilator").path and find_tool("g++").path), reason="needs Verilator and g++"
)

# (seed, adders per stage, options of random_network); each simulation is compiled for about 5 s.
SIMULATED = {
    "every mode": (3, 2, {"sizes": (5, 6, 4)}),
    "per element, an input and an output of no bits": (1, 1, {"sizes": (6, 5, 3), "per_element": True}),
    "tables": (4, 3, {"sizes": (4, 4, 3), "activations": ("sigmoid", "tanh")}),
    "one stage": (2, 100, {"sizes": (3, 2), "explicit_types": False}),
}


SLOW_SEEDS = [pytest.param(range(first, first + 10), marks=pytest.mark.slow) for first in range(0, 500, 10)]


@needs_verilator
@pytest.mark.parametrize(
    "case", [pytest.param(one, marks=() if one == "every mode" else pytest.mark.slow) for one in SIMULATED]
)
def test_simulation_equals_emulation_at_the_reported_latency(tmp_path, case):
    seed, levels, options = SIMULATED[case]
    rng = np.random.default_rng(seed)
    network = random_network(rng, **options)
    x = random_events(rng, network)
    expected = network.emulate(x)
    assert (expected != expected[0]).any(), "the case is to be one whose outputs differ"
    project = write_verilog(trace_adder_graph(network), tmp_path, adder_levels_per_stage=levels)
    run = simulate(project, x)
    assert np.array_equal(run.outputs, expected)
    assert run.latency_cycles == project.latency_cycles == project.stages
    assert set(run.seconds) == {"verilate", "compile", "run"}


@needs_verilator
@pytest.mark.parametrize("seeds", [(426, 788, 903, 213), *SLOW_SEEDS])
def test_simulation_of_graphs_of_every_op_equals_emulation(tmp_path, seeds):
    network, x = random_designs(seeds, 300)
    run = simulate(write_verilog(trace_adder_graph(network), tmp_path, adder_levels_per_stage=3), x)
    assert np.array_equal(run.outputs, network.emulate(x))


@needs_verilator
def test_constant_network_has_no_latency_to_measure(tmp_path):
    network = random_network(np.random.default_rng(0), (3, 2), explicit_types=False)
    layer = network.layers[0]
    constant = network.with_layers((DenseLayer(layer.name, 0 * layer.kernel, layer.bias, "linear", layer.precision),))
    x = random_events(np.random.default_rng(1), constant, 10)
    run = simulate(write_verilog(trace_adder_graph(constant), tmp_path), x)
    assert run.latency_cycles is None
    assert np.array_equal(run.outputs, constant.emulate(x))


def test_shape_is_that_of_the_written_project(tmp_path):
    graph = trace_adder_graph(random_network(np.random.default_rng(5), (6, 8, 4)))
    for levels in (1, 2, 5, 100):
        project, shape = write_verilog(graph, tmp_path, adder_levels_per_stage=levels), pipeline_shape(graph, levels)
        assert (shape.latency_cycles, shape.register_bits) == (project.latency_cycles, project.register_bits)
        assert project.initiation_interval == 1
    assert shape.latency_cycles == 1


def test_registers_of_one_stage_are_the_bits_of_inputs_and_outputs():
    network = random_network(np.random.default_rng(0), (3, 2), explicit_types=False, dead=False, sparsity=0.0)
    graph = trace_adder_graph(network)
    outputs = sum(int(high - low).bit_length() for low, high in _ranges(graph))
    assert pipeline_shape(graph, 100).register_bits == 3 * network.input_precision.width + outputs


def test_project_lists_its_files_and_leaves_no_stale_stage(tmp_path):
    graph = trace_adder_graph(random_network(np.random.default_rng(5), (6, 8, 4)))
    write_verilog(graph, tmp_path, name="tagger", adder_levels_per_stage=1)
    project = write_verilog(
        graph, tmp_path, name="tagger", adder_levels_per_stage=4, clock_period_ns=3.2, part="xcku115-flvb2104-2-i"
    )
    assert project.name == "tagger_core"
    assert all((tmp_path / source).is_file() for source in project.sources)
    stages = {path.name for path in tmp_path.glob("src/*_stage*.v")}
    assert stages == {source.name for source in project.sources if "_stage" in source.name}
    modules = re.findall(
        r"^module (\w+)", "".join(file.read_text() for file in tmp_path.glob("src/**/*.v")), re.MULTILINE
    )
    assert all(name.startswith("tagger_") for name in modules) and len(modules) == len(set(modules)) > 8
    assert not [*tmp_path.rglob("*.tcl"), *tmp_path.rglob("*wrapper*")]


def test_names_and_levels_are_checked(tmp_path):
    graph = trace_adder_graph(random_network(np.random.default_rng(0), (2, 2)))
    with pytest.raises(ConfigError, match="name: expected a Verilog identifier.*'6-15-1'"):
        write_verilog(graph, tmp_path, name="6-15-1")
    with pytest.raises(ConfigError, match="adder_levels_per_stage: expected at least 1. Received: 0"):
        pipeline_shape(graph, 0)


def test_simulation_needs_events(tmp_path):
    project = write_verilog(trace_adder_graph(random_network(np.random.default_rng(0), (3, 2))), tmp_path)
    with pytest.raises(DataError, match="at least one event"):
        simulate(project, np.zeros((0, 3)))
    with pytest.raises(DataError, match=r"expected shape \(n_events, 3\)"):
        simulate(project, np.zeros((4, 2)))


@needs_verilator
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_more_simulations_equal_emulation(tmp_path, seed):
    rng = np.random.default_rng(seed)
    network = random_network(
        rng, per_element=seed % 2 == 1, activations=("linear", "relu", "tanh"), explicit_types=seed % 3 > 0
    )
    x = random_events(rng, network)
    project = write_verilog(trace_adder_graph(network), tmp_path, adder_levels_per_stage=1 + seed % 4)
    run = simulate(project, x)
    assert np.array_equal(run.outputs, network.emulate(x))
    assert run.latency_cycles in (None, project.latency_cycles)


@needs_verilator
@pytest.mark.slow
def test_numbers_beyond_the_interpreter_are_right_in_verilog(tmp_path):
    rng = np.random.default_rng(0)
    network = random_network(
        rng, (9, 12, 11), per_element=True, max_width=20, explicit_types=False, overflows=("WRAP",)
    )
    x, graph = random_events(rng, network), trace_adder_graph(network)
    with pytest.raises(PrecisionError):
        graph.predict(x)
    assert np.array_equal(simulate(write_verilog(graph, tmp_path), x).outputs, network.emulate(x))


@needs_verilator
@pytest.mark.slow
def test_thirty_thousand_events_of_a_jet_tagger(tmp_path):
    rng = np.random.default_rng(0)
    sizes = (16, 64, 32, 32, 5)
    layers = []
    for index, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        kernel = rng.normal(0, n_in**-0.5, (n_in, n_out)) * (rng.random((n_in, n_out)) < 0.4)
        layers.append(
            DenseLayer(f"dense_{index}", kernel, rng.normal(0, 0.1, n_out), "relu" if n_out > 5 else "linear")
        )
    x = rng.normal(size=(30_000, 16))
    network = quantize_network(Network.chain(tuple(layers)), x, weights=6, activations=6)
    project = write_verilog(trace_adder_graph(network), tmp_path)
    run = simulate(project, x)
    assert np.array_equal(run.outputs, network.emulate(x))
    assert run.latency_cycles == project.latency_cycles


def _ranges(graph):
    """(lowest, highest) of each output, in steps."""
    return [(interval.min / interval.step, interval.max / interval.step) for interval in graph.comb.out_qint]
