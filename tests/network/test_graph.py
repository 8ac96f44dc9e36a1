from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.network import DenseLayer, FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import (
    OPS,
    Activation,
    Add,
    Affine,
    Compare,
    Concatenate,
    Dense,
    Embedding,
    Flatten,
    Gather,
    MatMul,
    Multiply,
    Patches,
    Reshape,
    Slice,
    Subtract,
)
from tests.network.plain_emulation import plain_emulate
from tests.random_designs import graph_events, quantised_graph
from tests.random_graphs import ALL_KINDS, NO_TABLES, random_graph
from tests.random_networks import random_network

N_DEFAULT, N_SLOW = 60, 500


def check_one(seed):
    rng = np.random.default_rng(seed)
    network = random_graph(rng, int(rng.integers(3, 15)), kinds=ALL_KINDS)
    x = graph_events(rng, network)
    fixed = quantised_graph(rng, network, x)
    np.testing.assert_array_equal(fixed.emulate(x[:6]), plain_emulate(fixed, x[:6]))
    return fixed


@pytest.mark.parametrize("seed", range(N_DEFAULT))
def test_emulate_equals_plain_loops(seed):
    check_one(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_emulate_equals_plain_loops_on_many(block):
    for seed in range(N_DEFAULT + block * N_SLOW // 10, N_DEFAULT + (block + 1) * N_SLOW // 10):
        check_one(seed)


def test_random_graphs_have_every_op():
    graphs = [random_graph(np.random.default_rng(seed), 14, kinds=ALL_KINDS) for seed in range(N_DEFAULT)]
    assert {type(node.op) for graph in graphs for node in graph.nodes} == set(OPS)
    assert max(len(graph.inputs) for graph in graphs) == 3 and max(len(graph.outputs) for graph in graphs) > 2


@pytest.mark.parametrize("seed", range(20))
def test_wide_types_approach_the_trained_function(seed):
    rng = np.random.default_rng(seed)
    kinds = [kind for kind in NO_TABLES if kind != "quantize"]
    network = random_graph(rng, 8, kinds=kinds, functions=("relu", "leaky_relu", "hard_tanh", "linear"))
    x = graph_events(rng, network, 50)
    fixed = quantize_network(network, x, weights=20, activations=22, inputs=20)
    expected, scale = network.predict(x), 1 + np.abs(network.predict(x)).max(0)
    assert np.mean(np.abs(fixed.emulate(x) - expected) < 2e-3 * scale) > 0.999


@pytest.mark.parametrize("seed", range(30))
def test_files_hold_every_bit(seed, tmp_path):
    rng = np.random.default_rng(seed)
    network = random_graph(rng, 10, kinds=ALL_KINDS)
    x = graph_events(rng, network)
    fixed = quantised_graph(rng, network, x) if seed % 3 else network
    fixed.save(tmp_path / "network.json")
    loaded = Network.load(tmp_path / "network.json")
    loaded.save(tmp_path / "again.json")
    assert (tmp_path / "network.json").read_bytes() == (tmp_path / "again.json").read_bytes()
    np.testing.assert_array_equal(loaded.predict(x), fixed.predict(x))
    if seed % 3:
        np.testing.assert_array_equal(loaded.emulate(x), fixed.emulate(x))


@pytest.mark.parametrize("seed", range(20))
def test_a_chain_is_a_view_of_a_graph(seed):
    network = random_network(
        np.random.default_rng(seed), activations=("linear", "relu", "sigmoid"), per_element=seed % 2 == 1
    )
    again = Network.chain(network.layers, network.input_precision)
    assert network.is_chain and again.sizes == network.sizes
    assert [node.name for node in again.nodes] == [node.name for node in network.nodes]
    assert again.output_precision == network.output_precision


def two(name="x"):
    return Input(name, (2,))


def dense(n_in=2, n_out=2):
    return Dense(np.ones((n_in, n_out)), np.zeros(n_out))


BAD = {
    "expected no cycle. Received: one among 'a', 'b'": lambda: Network(
        [Node("a", Add(), ["x", "b"]), Node("b", Add(), ["a", "x"])], [two()], ["b"]
    ),
    "that are there. Received: 'y'": lambda: Network([Node("a", dense(), ["y"])], [two()], ["a"]),
    "node 'b': expected that a node takes it": lambda: Network(
        [Node("a", dense(), ["x"]), Node("b", dense(), ["x"])], [two()], ["a"]
    ),
    "unique names. Received: 'x'": lambda: Network([Node("x", dense(), ["x"])], [two()], ["x"]),
    "node 'sum', of 'a' and 'x': expected shapes that broadcast": lambda: Network(
        [Node("a", dense(2, 3), ["x"]), Node("sum", Add(), ["a", "x"])], [two()], ["sum"]
    ),
    "outputs: expected different nodes. Received: z": lambda: Network([Node("a", dense(), ["x"])], [two()], ["z"]),
    "expected two or more inputs for add": lambda: Node("a", Add(), ["x"]),
    "expected 1 inputs for dense. Received: 2": lambda: Node("a", dense(), ["x", "x"]),
    "axis: expected 1 to 1": lambda: Concatenate(2).shape((2,), (3,)),
    "expected 6 values": lambda: Reshape((2, 3)).shape((5,)),
    "expected 0 <= start < stop <= 4": lambda: Slice(1, 5).shape((4,)),
    "expected sizes of 1 or more": lambda: Input("x", (0,)),
    "expected values of 3 axes, the channels last": lambda: Patches((2, 2), (1, 1), (1, 1), ((0, 0),) * 2).shape(
        (4, 4)
    ),
    "along the same 1 to 3 axes": lambda: Patches((2, 2), (1,), (1, 1), ((0, 0),) * 2),
    "that a window of (5,) fits into": lambda: Patches((5,), (1,), (1,), ((0, 0),)).shape((3, 1)),
    "Received: one that lies outside": lambda: Patches((1,), (1,), (1,), ((2, 0),), "edge").shape((3, 1)),
    "places of 0 or more, and zero or edge": lambda: Patches((1,), (1,), (1,), ((0, 0),), "reflect"),
    "index: expected places from 0 to 3. Received: 4": lambda: Gather([0, 4]).shape((2, 2)),
    "expected values of (..., n, k) and (..., k, m)": lambda: MatMul().shape((2, 3), (2, 3)),
    "less_equal, greater, greater_equal, equal, not_equal. Received: les": lambda: Compare("les"),
    "threshold: expected a finite number, of thresholded_relu": lambda: Activation("relu", threshold=1.0),
    "min_value: expected a number below max_value": lambda: Activation("clip", min_value=1.0, max_value=1.0),
    "for which a factor of shape": lambda: Affine(np.ones(3), np.zeros(3)).shape((2,)),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_graphs_are_refused_in_one_line(message):
    with pytest.raises(UnsupportedLayerError) as caught:
        BAD[message]()
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_nodes_may_come_in_any_order():
    nodes = [Node("b", Subtract(), ["a", "x"]), Node("a", dense(), ["x"])]
    network = Network(nodes, [two()], ["b"])
    assert [node.name for node in network.nodes] == ["a", "b"]
    np.testing.assert_array_equal(network.predict([[1.0, 2.0]]), [[2.0, 1.0]])


def test_events_come_side_by_side_or_each_on_its_own():
    nodes = [
        Node("flat", Flatten(), ["p"]),
        Node("all", Concatenate(), ["x", "flat"]),
        Node("twice", Multiply(), ["p", "p"]),
    ]
    network = Network(nodes, [two(), Input("p", (3, 2))], ["all", "twice"])
    x, p = np.arange(4.0).reshape(2, 2), np.arange(12.0).reshape(2, 3, 2)
    flat = np.concatenate([x, p.reshape(2, -1)], 1)
    for events in (flat, [x, p], {"p": p, "x": x}):
        np.testing.assert_array_equal(network.predict(events), np.concatenate([flat, p.reshape(2, -1) ** 2], 1))
    np.testing.assert_array_equal(network.split_outputs(network.predict(flat))["twice"], p**2)
    for wrong in ([x, p[:1]], [p, x], {"x": x}, flat[:, :-1], [x, "p"]):
        with pytest.raises(DataError, match="x: expected"):
            network.predict(wrong)
    with pytest.raises(
        UnsupportedLayerError, match="sizes: expected dense layers in a row. Received: a graph of 3 nodes"
    ):
        _ = network.sizes


def test_an_embedding_takes_no_number_beyond_its_table():
    network = Network([Node("e", Embedding(np.eye(3)), ["c"])], [Input("c", (1,))], ["e"])
    assert network.predict([[2.0]]).tolist() == [[0.0, 0.0, 1.0]]
    for number in (3.0, -1.0):
        with pytest.raises(DataError, match="node 'e': x: expected whole numbers from 0 to 2"):
            network.predict([[number]])


def softmax_network(n, table_size=1024):
    layer = DenseLayer("fc", np.eye(n), np.zeros(n))
    network = quantize_network(Network.chain([layer]), 3 * np.eye(n), weights=4, activations=8)
    softmax = Activation("softmax", table=FixedPoint(18, 4), table_size=table_size)
    nodes = (
        *network.nodes,
        Node("p", softmax, [network.outputs[0]], FixedPoint(16, 2, rounding="RND", overflow="SAT")),
    )
    return replace(network, nodes=nodes, outputs=("p",))


def test_a_softmax_is_hls4mls_and_about_the_function():
    x = np.random.default_rng(0).uniform(0, 3, (200, 4))
    network = softmax_network(4)
    assert np.abs(network.emulate(x) - network.predict(x)).max() < 0.06
    with pytest.raises(PrecisionError, match="layer 'p': expected a table in which 1 is not the first entry"):
        softmax_network(4, table_size=8).emulate(x)
    with pytest.raises(PrecisionError, match="layer 'p': expected a table whose type holds 20"):
        softmax_network(20).emulate(np.zeros((1, 20)))


def test_a_sum_beyond_62_bits_is_refused():
    wide = FixedPoint(62, 62)
    network = Network([Node("sum", Add(), ["x", "x", "x"])], [Input("x", (1,), wide)], ["sum"])
    with pytest.raises(PrecisionError, match="layer 'sum': expected values within 62 bits"):
        network.emulate([[1.0]])


def test_widths_go_by_the_names_of_nodes():
    nodes = [
        Node("bn", Affine([2.0, 1.0], [0.5, 0.0]), ["x"]),
        Node("sum", Add(), ["bn", "x"]),
        Node("fc", dense(), ["sum"]),
    ]
    network = Network(nodes, [two()], ["fc"])
    fixed = quantize_network(
        network, np.eye(2), weights={"bn": 6, "fc": 3}, activations={"bn": 7, "sum": 9, "inputs": 5}
    )
    assert [fixed.types[name].width for name in ("x", "bn", "sum")] == [5, 7, 9]
    assert fixed.nodes[0].op.types.weight.width == 6
    assert fixed.nodes[0].output == FixedPoint.parse(str(fixed.types["bn"]))
