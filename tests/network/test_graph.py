import math
import operator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.network import DenseLayer, FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import (
    MOVES,
    OPS,
    Activation,
    Add,
    Affine,
    ArgMax,
    Bit,
    Compare,
    Concatenate,
    Dense,
    Dot,
    Embedding,
    Flatten,
    Gather,
    MatMul,
    Max,
    Mean,
    Min,
    Multiply,
    Patches,
    Quantize,
    Reshape,
    SegmentSum,
    Select,
    Slice,
    Subtract,
    Sum,
    Table,
    Threshold,
)
from codesign.network.types.exact_type import limit_type
from tests.random_graphs import ALL_KINDS, CURVE_FUNCTIONS, NO_TABLES, graph_events, quantised_graph, random_graph
from tests.random_networks import random_network

OPERATORS = dict(less="lt", less_equal="le", greater="gt", greater_equal="ge", equal="eq", not_equal="ne")
N_DEFAULT, N_SLOW = 60, 500


def exact(values):
    """Fractions of an array of float64."""
    return np.vectorize(Fraction, otypes=[object])(values)


def cast(precision, values):
    """ap_fixed's cast of exact values, one by one."""
    fraction, width = (np.broadcast_to(bits, values.shape) for bits in (precision.fraction, precision.width))
    low, high = (np.broadcast_to(bits, values.shape) for bits in (precision.code_low, precision.code_high))
    out = np.empty(values.shape, object)
    for at in np.ndindex(values.shape):
        scaled = values[at] * Fraction(2) ** int(fraction[at])
        floor = scaled.numerator // scaled.denominator
        rest = scaled - floor
        up = {
            "TRN": False,
            "RND": rest >= Fraction(1, 2),
            "RND_CONV": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and floor % 2 == 1),
        }
        code = floor + bool(up[precision.rounding])
        if precision.overflow == "WRAP":
            code = (code - int(low[at])) % 2 ** int(width[at]) + int(low[at]) if width[at] else 0
        else:
            code = min(max(code, int(low[at])), int(high[at]))
        out[at] = code / Fraction(2) ** int(fraction[at])
    return out


def limit(value):
    """What a design compares with."""
    return Fraction(float(limit_type(value).quantize(np.array(value))))


def plain_activation(op, value, table):
    if op.function in ("sigmoid", "tanh", "swish"):
        reach = 4 if op.function == "tanh" else 8
        index = value * op.table_size / (2 * reach)
        index = int(index) + op.table_size // 2  # towards 0
        entry = table[min(max(index, 0), op.table_size - 1)]
        return value * entry if op.function == "swish" else entry
    steps = {
        "thresholded_relu": lambda: min(value if value > limit(op.threshold) else 0, limit(op.max_value)),
        "clip": lambda: max(value, limit(op.min_value)),
        "abs": lambda: abs(value),
        "sign": lambda: Fraction((value > 0) - (value < 0)),
        "floor": lambda: Fraction(math.floor(value)),
        "ceil": lambda: Fraction(math.ceil(value)),
        "round": lambda: Fraction(round(value)),
    }
    if op.function in steps:
        return steps[op.function]()
    if op.function in CURVE_FUNCTIONS:
        return Fraction(float(op.evaluate(np.array([float(value)]))[0]))
    slope = Fraction(float(op.slope_type.quantize(np.array(op.slope)))) if op.slope else Fraction(0)
    if op.function == "relu":
        top = value if op.max_value is None else min(value, Fraction(op.max_value))
        return max(top, Fraction(0))
    return {
        "linear": lambda: value,
        "leaky_relu": lambda: value if value > 0 else slope * value,
        "hard_sigmoid": lambda: min(max(slope * value + Fraction(1, 2), Fraction(0)), Fraction(1)),
        "hard_tanh": lambda: min(max(value, Fraction(-1)), Fraction(1)),
    }[op.function]()


def plain_table(op):
    """hls4ml's table, entry by entry, in single precision."""
    reach = np.float32(4 if op.function == "tanh" else 8)
    entries = []
    for index in range(op.table_size):
        x = np.float32(2 * reach * (index - np.float32(op.table_size) / 2) / np.float32(op.table_size))
        y = (
            np.tanh(np.float64(x))
            if op.function == "tanh"
            else np.float32(1 / (1 + np.exp(-np.float64(x)).astype(np.float32)))
        )
        entries.append(Fraction(float(op.table.quantize(np.array(y, float)))))
    return entries


def plain_patches(op, value):
    """What lies under a window, tap by tap."""
    *spatial, channels = value.shape
    out = op.shape(value.shape)
    found = np.empty(out, object)
    for at in np.ndindex(out[:-1]):
        row = []
        for tap in np.ndindex(op.kernel_size):
            place = []
            for axis, size in enumerate(spatial):
                taps = [
                    at[axis] * op.strides[axis] - op.padding[axis][0] + i * op.dilation[axis]
                    for i in range(op.kernel_size[axis])
                ]
                inside = [one for one in taps if 0 <= one < size]
                here = taps[tap[axis]]
                place.append(min(max(here, min(inside)), max(inside)) if op.pad == "edge" else here)
            is_there = all(0 <= one < size for one, size in zip(place, spatial))
            row += list(value[tuple(place)]) if is_there else [Fraction(0)] * channels
        found[at] = row
    return found


def plain_op(op, inputs, network, name):
    """What one op makes of one event's exact values, by plain loops."""
    first = inputs[0]
    if isinstance(op, Dense):
        kernel, bias = exact(op.types.weight.quantize(op.kernel)), exact(op.types.bias.quantize(op.bias))
        out = np.empty((*first.shape[:-1], kernel.shape[1]), object)
        for at in np.ndindex(first.shape[:-1]):
            for j in range(kernel.shape[1]):
                out[(*at, j)] = bias[j] + sum(
                    (first[(*at, i)] * kernel[i, j] for i in range(kernel.shape[0])), Fraction(0)
                )
        return out
    if isinstance(op, Affine):
        return first * exact(op.types.weight.quantize(op.factor)) + exact(op.types.bias.quantize(op.offset))
    if isinstance(op, Activation):
        table = plain_table(op) if op.function in ("sigmoid", "tanh", "swish") else None
        return np.vectorize(lambda value: plain_activation(op, value, table), otypes=[object])(first)
    if isinstance(op, Embedding):
        table = exact(op.type.quantize(op.table))
        return np.array([table[int(index)] for index in first.ravel()], object).reshape(*first.shape, -1)
    if isinstance(op, Mean):
        axis = op.axis - 1 if op.axis > 0 else op.axis
        n, fraction = first.shape[axis], int(network.fixed_ops[name].accum.fraction)
        total = first.sum(axis=axis, keepdims=op.keepdims)
        to_zero = lambda value: int(value / n * Fraction(2) ** fraction) / Fraction(2) ** fraction  # noqa: E731
        return np.vectorize(to_zero, otypes=[object])(total)
    if isinstance(op, (Sum, Max, Min)):
        axis = op.axis - 1 if op.axis > 0 else op.axis
        join = {Sum: np.sum, Max: np.max, Min: np.min}[type(op)]
        return join(first, axis=axis, keepdims=op.keepdims)
    if isinstance(op, ArgMax):
        axis = op.axis - 1 if op.axis > 0 else op.axis
        place = lambda row: Fraction(max(range(len(row)), key=lambda i: (row[i], -i)))  # noqa: E731
        found = np.apply_along_axis(place, axis, first)
        return np.expand_dims(found, axis) if op.keepdims else found
    if isinstance(op, Patches):
        return plain_patches(op, first)
    if isinstance(op, Gather):
        flat = [*first.ravel(), Fraction(0)]
        return np.array([flat[i] for i in op.index.ravel()], object).reshape(op.index.shape)
    if isinstance(op, MatMul):
        return first @ inputs[1]
    if isinstance(op, Compare):
        relation = getattr(operator, OPERATORS[op.relation])
        return np.vectorize(lambda a, b: Fraction(int(relation(a, b))), otypes=[object])(*inputs)
    if isinstance(op, Select):
        return np.vectorize(lambda c, a, b: a if c else b, otypes=[object])(*inputs)
    if isinstance(op, Threshold):
        values = [Fraction(float(value)) for value in op.value]
        return np.array([Fraction(int(first[i] >= value)) for i, value in zip(op.index, values)], object)
    if isinstance(op, Bit):
        weights = [Fraction(float(weight)) for weight in op.weight]
        return np.array([Fraction(first[i] // weight % 2) for i, weight in zip(op.index, weights)], object)
    if isinstance(op, Table):
        places = [sum(int(first[key]) << place for place, key in enumerate(keys)) for keys in op.keys]
        entries = [Fraction(float(one[place])) for one, place in zip(op.entries, places)]
        return cast(network.fixed_ops[name].type, np.array(entries, object))
    if isinstance(op, SegmentSum):
        sums = exact(op.offset if op.type is None else op.type.quantize(op.offset))
        for segment, term in zip(op.segments, first):
            sums[segment] += term
        return sums
    if isinstance(op, (*MOVES, Quantize)):
        return op.evaluate(*(one[np.newaxis] for one in inputs))[0] if isinstance(op, MOVES) else first
    if isinstance(op, Dot):
        return np.array([sum((a * b for a, b in zip(*inputs)), Fraction(0))], object)
    pairs = {
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "maximum": max,
        "minimum": min,
    }
    out = first
    for other in inputs[1:]:
        out = np.vectorize(pairs[op.name], otypes=[object])(out, other)
    return out


def plain_emulate(network, x):
    """Network.emulate with fractions and loops, an oracle that shares only the types with it."""
    outputs = []
    for event in x:
        values = {name: exact(value[0]) for name, value in network.input_layout.split(event[np.newaxis]).items()}
        values = {one.name: cast(one.precision, values[one.name]) for one in network.inputs}
        for node in network.nodes:
            found = plain_op(node.op, [values[name] for name in node.inputs], network, node.name)
            values[node.name] = cast(network.types[node.name], found)
        outputs.append(np.concatenate([values[name].ravel() for name in network.outputs]))
    return np.array(outputs, float)


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
