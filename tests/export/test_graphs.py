"""Random graphs of every op in every format: what was written gives what the network predicts."""

import ctypes
import shutil
from collections import Counter
from importlib.util import find_spec

import numpy as np
import pytest

from codesign.errors import UnsupportedLayerError
from codesign.export import CompiledNetwork, cpp_source, write_onnx, write_tflite
from codesign.export.agreement import compare
from codesign.export.cpp.graph_buffers import OUTPUTS, share_buffers
from codesign.export.formats import predict_exported
from codesign.export.tflite.functions import ACTIVATIONS
from codesign.network import Input, Network, Node
from codesign.network.error_bounds import SINGLE
from codesign.network.ops import OPS, Activation, Add, Affine, Concatenate, Dense, Gather, Max, Slice
from codesign.network.ops.op import Op
from codesign.network.same_function import expect
from tests.export.compiled_together import FLAGS, CompiledTogether
from tests.random_designs import graph_events
from tests.random_graphs import ALL_KINDS, CURVE_FUNCTIONS, FUNCTIONS, NO_TABLES, WIDE, random_graph

HAS_COMPILER = shutil.which("g++") is not None
_LARGE = 4e-5  # of a bound that takes the worst of every rounding
_LEAST_JUDGED = (
    0.2  # share of the events, for the test to mean something; some 0.3 of random graphs, 0.05 more or less in 50
)
SCALAR = (*FLAGS, "-DCODESIGN_FORCE_SCALAR")


def graphs_of(seeds, kinds=ALL_KINDS, curves=CURVE_FUNCTIONS):
    """Graphs, with softmaxes anywhere, and events by name."""
    found = {}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        functions = (*FUNCTIONS, "softmax", "log_softmax")
        network = random_graph(rng, 12, functions=functions, kinds=kinds, curves=curves)
        found[f"graph_{seed}"] = network, graph_events(rng, network, 100).astype(np.float32)
    return found


FEW_AND_MORE = pytest.mark.parametrize("n_graphs", [5, pytest.param(30, marks=pytest.mark.slow)])


def check(name, network, x, outputs, tolerance):
    """Within float32's errors; within `tolerance` of 1, or of the output, where these are small; how often.

    Where a twentieth of what rounding can do is more than `tolerance`, within that: of many graphs some come near it.
    """
    compare(network, x, outputs, name)
    expected = expect(network, x, SINGLE)
    judged = (expected.errors.max(1) < _LARGE) & ~expected.is_uncertain  # the others lie on the step of a quantizer
    difference = np.abs(outputs - expected.outputs) / np.maximum(1, np.abs(expected.outputs))
    allowed = np.maximum(tolerance, expected.errors / 20)
    assert (difference <= allowed)[judged].all(), (name, (difference / allowed)[judged].max())
    return judged.mean()


def check_cpp(seeds, folder, flags=FLAGS):
    graphs, shares = graphs_of(seeds), []
    compiled = CompiledTogether({name: network for name, (network, _) in graphs.items()}, folder, flags=flags)
    for name, (network, x) in graphs.items():
        shares += [check(name, network, x, outputs, 1e-6) for outputs in compiled.predict(name, x)]
    assert np.mean(shares) > _LEAST_JUDGED


def check_files(seeds, to, folder):
    shares, options = [], {}
    if to == "tflite":
        options = {"kinds": (*NO_TABLES, *WIDE), "curves": [one for one in CURVE_FUNCTIONS if one in ACTIVATIONS]}
    for name, (network, x) in graphs_of(seeds, **options).items():
        {"onnx": write_onnx, "tflite": write_tflite}[to](network, folder / name)
        shares.append(check(name, network, x, predict_exported(folder / name, to, x), 1e-5))
    assert np.mean(shares) > _LEAST_JUDGED


@pytest.mark.skipif(not HAS_COMPILER, reason="needs g++")
@FEW_AND_MORE
def test_cpp_of_graphs(n_graphs, tmp_path):
    check_cpp(range(n_graphs), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not HAS_COMPILER, reason="needs g++")
def test_cpp_of_graphs_without_vectors(tmp_path):
    check_cpp(range(48, 60), tmp_path, flags=SCALAR)


def test_tflite_of_graphs(tmp_path):
    check_files(range(2), "tflite", tmp_path)


def test_onnx_of_graphs(tmp_path):
    pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    check_files(range(60), "onnx", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 1500, 50))
def test_many_graphs_in_every_format(start, tmp_path):
    if HAS_COMPILER:
        check_cpp(range(start, start + 50), tmp_path)
    for to in ("tflite", *("onnx",) * bool(find_spec("onnx") and find_spec("onnxruntime"))):
        check_files(range(start, start + 50), to, tmp_path)


def test_every_op_is_among_them():
    kinds = Counter(type(node.op).__name__ for network, _ in graphs_of(range(60)).values() for node in network.nodes)
    assert len(kinds) == len(OPS) and min(kinds.values()) > 3


def test_values_that_are_needed_at_one_time_lie_apart():
    """Each node's values, and those that it takes, are what was written there last."""
    for network, _ in graphs_of(range(60)).values():
        buffers, shapes, holds = share_buffers(network), network.shapes, {}

        def places(name, buffers=buffers, shapes=shapes):
            return range(buffers.first[name], buffers.first[name] + int(np.prod(shapes[name])))

        for one in network.inputs:
            holds |= dict.fromkeys(places(one.name), one.name)
        owner = {one.name: one.name for one in network.inputs}
        for node in network.nodes:
            assert all(holds[place] == owner[name] for name in node.inputs for place in places(name))
            owner[node.name] = owner[node.inputs[0]] if node.name in buffers.free else node.name
            if node.name not in buffers.free:
                holds |= dict.fromkeys(places(node.name), node.name)
        assert all(holds[place] == owner[name] for name in network.outputs for place in places(name))
        assert max(holds) < buffers.size


def test_places_are_used_again():
    names = ["x", *(f"n{index}" for index in range(40))]
    nodes = [Node(after, Activation("leaky_relu", 0.1), [before]) for before, after in zip(names, names[1:])]
    assert share_buffers(Network(nodes, [Input("x", (8,))], names[-1:])).size == 16


def two_heads():
    ops = [("first", Slice(1, 3), ["x"]), ("both", Concatenate(), ["first", "x"]), ("sum", Add(), ["x", "x"])]
    return Network([Node(*one) for one in ops], [Input("x", (4,))], ["first", "both", "sum"])


@pytest.mark.skipif(not HAS_COMPILER, reason="needs g++")
def test_outputs_may_be_inputs_and_lie_on_the_events(tmp_path):
    """Of a graph that moves its inputs to several outputs; the header says what lies where."""
    network, x = two_heads(), np.arange(80, dtype=np.float32).reshape(20, 4)
    compiled = CompiledTogether({"heads": network}, tmp_path)
    for outputs in compiled.predict("heads", x):
        np.testing.assert_array_equal(outputs, network.predict(x))
    memory = np.zeros((20, 12), np.float32)
    for row, event in zip(memory, x):
        row[:4] = event
        compiled.library.heads_event(*([row.ctypes.data_as(ctypes.c_void_p)] * 2))
    np.testing.assert_array_equal(memory, network.predict(x))
    places = '{"first", 0, 2}, {"both", 2, 6}, {"sum", 8, 4}'
    assert places in (tmp_path / "heads.hpp").read_text() and OUTPUTS in share_buffers(network).first


@pytest.mark.skipif(not HAS_COMPILER, reason="needs g++")
def test_nan_and_infinity_reach_the_outputs_that_depend_on_them(tmp_path):
    ops = [("scaled", Affine([[2.0, 0.0]], [[1.0, 3.0]]), ["x"]), ("largest", Max(1), ["scaled"])]
    ops += [("dense", Dense(np.eye(2), [0, 0]), ["x"]), ("relu6", Activation("relu", max_value=6.0), ["dense"])]
    network = Network([Node(*one) for one in ops], [Input("x", (3, 2))], ["largest", "relu6"])
    x = np.zeros((20, 6), np.float32)
    x[3, 4], x[7, 0] = np.nan, np.inf
    for outputs in CompiledTogether({"edges": network}, tmp_path).predict("edges", x):
        assert np.flatnonzero(np.isnan(outputs).any(1)).tolist() == [3, 7]
        assert np.isnan(outputs[3]).tolist() == [True, False, False, False, False, False, True, True]
        assert outputs[7, 0] == np.inf and outputs[0].tolist() == [1, 3, *[0] * 6]


class Strange(Op):
    def shape(self, *shapes):
        return shapes[0]

    def evaluate(self, *values):
        return values[0]

    def bind(self, inputs, output):
        raise NotImplementedError


def test_an_op_that_a_back_end_lacks_is_refused_by_name(tmp_path):
    network = Network([Node("odd", Strange(), ["x"])], [Input("x", (2, 3))], ["odd"])
    for call in (cpp_source, lambda one: write_tflite(one, tmp_path / "net.tflite")):
        with pytest.raises(UnsupportedLayerError, match="node 'odd': expected an op that .* has. Received: strange; "):
            call(network)
    large = Network([Node("twice", Add(), ["x", "x"])], [Input("x", (300, 200))], ["twice"])
    with pytest.raises(UnsupportedLayerError, match="at most. Received: 120,000; write ONNX or TFLite"):
        cpp_source(large)


@pytest.mark.skipif(not HAS_COMPILER, reason="g++ is not installed")
def test_a_value_of_zeros_alone_is_written():
    """As a constant that stands beside the inputs, of which a recurrent layer begins with one."""
    zeros, line = Gather(np.full((2, 3), -1)), Affine(np.ones(()), np.arange(6.0).reshape(2, 3))
    nodes = [Node("zeros", zeros, ["x"]), Node("line", line, ["zeros"]), Node("sum", Add(), ["line", "x"])]
    network = Network(nodes, [Input("x", (2, 3))], ["sum"])
    x = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    np.testing.assert_allclose(CompiledNetwork(network).predict(x), network.predict(x), atol=1e-6)
