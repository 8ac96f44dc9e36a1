import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import CodesignError, ConfigError, PrecisionError, UnsupportedLayerError
from codesign.fpga import Design, write_hls4ml_project
from codesign.fpga.hls4ml.checks import beyond_hls4ml, check_casts
from codesign.fpga.hls4ml.layers import WRITTEN
from codesign.network import DenseLayer, FixedPoint, Input, LayerPrecision, Network, Node, quantize_network
from codesign.network.ops import OPS, Activation, Add, Concatenate, Dense, Flatten, Max, Mean, Patches, Slice
from codesign.read.graph_builder import GraphBuilder
from codesign.read.parts.windows import convolve, flat_kernel, pool, window
from tests.random_designs import random_design, side_by_side
from tests.random_networks import random_events, random_network, with_random_accumulators

ALL = ("linear", "relu", "sigmoid", "tanh")


def simulable_network(seed: int) -> Network:
    """A random network that ap_types can simulate: all activations, accumulators that round and saturate too."""
    for attempt in range(100):
        rng = np.random.default_rng([seed, attempt])
        network = random_network(rng, activations=ALL)
        if rng.random() < 0.6:
            network = with_random_accumulators(rng, network)
        try:
            check_casts(network)
        except PrecisionError:
            continue
        return network
    raise AssertionError("no network that ap_types can simulate in 100 draws")


def csim_mismatches(network: Network, directory, seed: int, **design) -> int:
    x = random_events(np.random.default_rng(seed), network)
    project = write_hls4ml_project(Design(network, "hls4ml-latency", **design), directory)
    return int((project.simulate(x) != network.emulate(x)).sum())


def test_csim_equals_emulation(tmp_path):
    networks = [simulable_network(0)]
    events = [random_events(np.random.default_rng(seed), network)[:100] for seed, network in enumerate(networks)]
    assert graph_mismatches(list(zip(networks, events)), tmp_path) == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_csim_equals_emulation_on_many_networks(tmp_path, seed):
    assert csim_mismatches(simulable_network(seed), tmp_path, seed) == 0


def image_design() -> tuple[Network, np.ndarray]:
    """Convolutions and pooling of one and of two axes, padded and not."""
    rng, builder = np.random.default_rng(0), GraphBuilder()
    image, steps = builder.add_input("image", (6, 5, 2)), builder.add_input("steps", (9, 2))

    def convolved(value, size, filters, strides=(), padding="valid"):
        patches = window(value.shape[:-1], size, strides, (), padding)
        kernel = rng.normal(size=(*size, value.shape[-1], filters))
        value = convolve(
            builder, f"conv_{value.name}", value, patches, Dense(flat_kernel(kernel), rng.normal(size=filters))
        )
        return builder.add("relu", Activation("relu"), value)

    def pooled(value, op, size, strides, padding="valid"):
        return pool(builder, f"pool_{value.name}", value, window(value.shape[:-1], size, strides, (), padding), op)

    image = pooled(convolved(image, (3, 2), 3, padding="same"), Max, (2, 2), (2, 1), "same")
    image = pooled(convolved(image, (2, 2), 4), Mean, (2, 1), (1, 1))
    steps = pooled(convolved(steps, (3,), 3, (2,), "same"), Max, (2,), (1,), "same")
    flat = [builder.add("flat", Flatten(), value) for value in (image, pooled(steps, Mean, (2,), (2,)))]
    both = builder.add("both", Concatenate(), *flat)
    last = builder.add("last", Dense(rng.normal(size=(*both.shape, 3)), np.zeros(3)), both)
    network = Network(builder.nodes, builder.inputs, [last.name])
    x = rng.normal(size=(200, network.n_inputs))
    return quantize_network(network, x, weights=6, activations=8, inputs=8), x


@pytest.mark.slow
def test_convolutions_and_pooling_are_hls4mls_own(tmp_path):
    network, x = image_design()
    project = write_hls4ml_project(Design(network, "hls4ml-latency"), tmp_path)
    np.testing.assert_array_equal(project.simulate(x), network.emulate(x))
    kinds = {layer.class_name for layer in project.graph.get_layers()}
    assert {"Conv1D", "Conv2D", "Pooling1D", "Pooling2D"} <= kinds


def softmax_design() -> tuple[Network, np.ndarray]:
    """A softmax of each of two rows."""
    softmax = Activation("softmax", table=FixedPoint(14, 4), table_size=256)
    nodes = [Node("p", softmax, ("x",), FixedPoint(10, 1, rounding="RND", overflow="SAT"))]
    network = Network(nodes, [Input("x", (2, 3), FixedPoint(7, 4))], ["p"])
    return network, np.random.default_rng(0).uniform(-8, 8, (100, 6))


def graph_mismatches(designs, directory) -> int:
    """Of designs side by side, so that g++ runs once."""
    networks, events = zip(*designs)
    network, x = side_by_side(networks), np.concatenate(events, 1)
    project = write_hls4ml_project(Design(network, "hls4ml-latency"), directory)
    return int((project.simulate(x) != network.emulate(x)).sum())


@pytest.mark.slow
def test_csim_of_graphs_of_every_op_equals_emulation(tmp_path):
    designs = [random_design(seed, 100) for seed in (426, 788, 903, 213)]
    ops = {type(node.op) for network, _ in designs for node in network.nodes}
    assert ops | {Patches} == set(WRITTEN) <= set(OPS)
    assert graph_mismatches([*designs, softmax_design()], tmp_path) == 0


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 500, 5))
def test_csim_of_many_graphs_equals_emulation(tmp_path, first):
    designs = [random_design(seed, 100) for seed in range(first, first + 5)]
    assert graph_mismatches([one for one in designs if not beyond_hls4ml(one[0])], tmp_path) == 0


def test_what_hls4ml_lacks_is_refused_by_name(tmp_path):
    op = Activation("relu", max_value=3.0)
    network = Network([Node("op", op, ("x",))], [Input("x", (4,), FixedPoint(6, 3))], ["op"])
    assert "build it unrolled" in beyond_hls4ml(network)
    with pytest.raises(UnsupportedLayerError, match="layer 'op': hls4ml cuts a relu at 6 or 1. Received: max_value=3"):
        write_hls4ml_project(Design(network, "hls4ml-latency"), tmp_path)


def test_values_that_are_repeated_along_the_last_axis_are_refused(tmp_path):
    inputs = [Input("a", (4, 3), FixedPoint(6, 3)), Input("b", (4, 1), FixedPoint(6, 3))]
    network = Network([Node("both", Add(), ("a", "b"))], inputs, ["both"])
    with pytest.raises(UnsupportedLayerError, match=r"layer 'both': hls4ml repeats .* Received: \(4, 3\) and \(4, 1\)"):
        write_hls4ml_project(Design(network, "hls4ml-latency"), tmp_path)


def test_what_a_backend_lacks_is_refused_by_name(tmp_path):
    for op, message in (
        (Slice(0, 1, 1), "layer 'op': hls4ml's backend Quartus has no Cropping2D; take another"),
        (softmax_design()[0].nodes[0].op, "backend: Quartus does not take this network: Softmax .*; take another"),
    ):
        network = Network([Node("op", op, ("x",))], [Input("x", (2, 3), FixedPoint(6, 3))], ["op"])
        with pytest.raises(UnsupportedLayerError, match=message):
            write_hls4ml_project(Design(network, "hls4ml-latency"), tmp_path, backend="Quartus")


def test_a_project_is_written_without_keras(tmp_path):
    code = (
        "import sys; from codesign.fpga import Design, write_hls4ml_project\n"
        "from tests.random_designs import random_design\n"
        "write_hls4ml_project(Design(random_design(0)[0], 'hls4ml-latency'), sys.argv[1])\n"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=Path(__file__).parents[3])


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["Vivado", "Quartus", "oneAPI", "Catapult"])
def test_every_backend_writes_a_project(tmp_path, backend):
    network = random_network(np.random.default_rng(0), (4, 5, 3), explicit_types=False)
    project = write_hls4ml_project(Design(network, "hls4ml-latency"), tmp_path, backend=backend)
    assert any(project.directory.rglob("*codesign*"))


@pytest.mark.slow
@pytest.mark.parametrize("strategy, reuse", [("hls4ml-resource", 4), ("hls4ml-resource", 8)])
def test_reuse_does_not_change_a_bit(tmp_path, strategy, reuse):
    rng = np.random.default_rng(7)
    network = random_network(rng, (8, 4, 4), explicit_types=False)
    x = random_events(rng, network)
    project = write_hls4ml_project(Design(network, strategy, reuse), tmp_path)
    np.testing.assert_array_equal(project.simulate(x), network.emulate(x))
    assert f"reuse_factor = {reuse}" in (tmp_path / "firmware" / "parameters.h").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "reuse"), [("hls4ml-resource", 4), ("hls4ml-resource", 16), ("hls4ml-latency", 2)]
)
def test_reuse_of_a_shared_layer_does_not_change_a_bit(tmp_path, strategy, reuse):
    rng = np.random.default_rng(7)
    nodes = [
        Node("shared", Dense(rng.normal(size=(4, 8)), rng.normal(size=8)), ("x",)),
        Node("positive", Activation("relu"), ("shared",)),
        Node("pooled", Max(1), ("positive",)),
        Node("out", Dense(rng.normal(size=(8, 4)), rng.normal(size=4)), ("pooled",)),
    ]
    x = rng.normal(size=(100, 12))
    network = Network(nodes, [Input("x", (3, 4))], ["out", "positive"])
    network = quantize_network(network, x, weights=6, activations=8)
    project = write_hls4ml_project(Design(network, strategy, reuse), tmp_path)
    np.testing.assert_array_equal(project.simulate(x), network.emulate(x))
    assert f"reuse_factor = {reuse}" in (tmp_path / "firmware" / "parameters.h").read_text()


def test_unknown_backend_names_the_nearest(tmp_path):
    network = random_network(np.random.default_rng(0), (2, 2), explicit_types=False)
    with pytest.raises(ConfigError, match="did you mean 'Vitis'"):
        write_hls4ml_project(Design(network), tmp_path, backend="Vitiss")


def test_types_that_would_abort_the_simulation_are_refused(tmp_path):
    types = LayerPrecision(FixedPoint(4, 2), FixedPoint(4, 2), result=FixedPoint(2, 9, rounding="RND", overflow="SAT"))
    network = Network.chain([DenseLayer("fc", np.ones((2, 2)), np.zeros(2), precision=types)], FixedPoint(4, 2))
    with pytest.raises(CodesignError, match="result of layer 'fc'"):
        write_hls4ml_project(Design(network), tmp_path)


def test_weights_beyond_single_precision_are_refused(tmp_path):
    types = LayerPrecision(FixedPoint(30, 2), FixedPoint(4, 2))
    network = Network.chain(
        [DenseLayer("fc", np.full((2, 2), 1 + 2.0**-27), np.zeros(2), precision=types)], FixedPoint(4, 2)
    )
    with pytest.raises(PrecisionError, match="24 significant bits"):
        write_hls4ml_project(Design(network), tmp_path)


@pytest.mark.slow
def test_features_of_different_ranges_have_a_format_each_and_the_c_simulation_too(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)) * [1, 1000, 1e-3, 30]
    layers = [DenseLayer("a", rng.normal(size=(4, 6)) / x.std(0)[:, np.newaxis], rng.normal(size=6), "relu")]
    network = quantize_network(
        Network.chain((*layers, DenseLayer("b", rng.normal(size=(6, 2)), np.zeros(2)))), x, weights=8, activations=8
    )
    assert network.input_precision.differs_by_element
    project = write_hls4ml_project(Design(network, "hls4ml-latency"), tmp_path / "project")
    np.testing.assert_array_equal(project.simulate(x), network.emulate(x))
    assert np.abs(network.emulate(x) - network.predict(x)).mean() < 0.1


@pytest.mark.slow
def test_values_of_a_type_each_are_cast_by_the_project(tmp_path):
    designs = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        network = random_network(rng, per_element=True, activations=ALL)
        try:
            check_casts(network)
        except PrecisionError:
            continue
        designs.append((network, random_events(rng, network)[:100]))
    assert len(designs) >= 4 and any(one.types[one.nodes[0].name].differs_by_element for one, _ in designs)
    assert graph_mismatches(designs[:4], tmp_path) == 0
