"""lwtnn's graph format: written, read back, and files that lwtnn's own converters write."""

import json

import numpy as np
import pytest

from codesign.errors import CodesignError, UnsupportedLayerError
from codesign.export import Names, read_json, write_json
from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ends import with_standardisation
from codesign.network.ops import Activation, Add, Affine, Concatenate, Dense, Max, Quantize, Sum
from codesign.read.lwtnn.file import parse_json_file, parse_json_text
from tests.random_designs import graph_events
from tests.random_graphs import random_graph

KINDS = ("dense", "shared", "affine", "activation", "quantize", "add", "concatenate", "sum", "mean", "flatten")
FUNCTIONS = ("relu", "leaky_relu", "sigmoid", "tanh", "swish", "linear", "softmax")


def test_random_graphs_are_read_back(tmp_path):
    """Those that lwtnn has; the others are refused with the name of a node."""
    read, path = 0, tmp_path / "net.json"
    for seed in range(60):
        rng = np.random.default_rng(seed)
        network = random_graph(rng, n_nodes=6, kinds=KINDS, functions=FUNCTIONS)
        try:
            write_json(network, path)
        except UnsupportedLayerError as error:
            assert any(f"node '{node.name}': expected an op that lwtnn has" in str(error) for node in network.nodes)
            continue
        x = graph_events(rng, network, 50).astype(np.float32)
        np.testing.assert_allclose(read_json(path).predict(x), network.predict(x), rtol=1e-5, atol=1e-5)
        write_json(read_json(path), tmp_path / "again.json")
        again = json.loads((tmp_path / "again.json").read_text())
        assert again["layers"] == json.loads(path.read_text())["layers"]
        read += 1
    assert read > 20


def tagger():
    """Jet and particles: a shared layer, a sum, a quantizer, two heads."""
    rng = np.random.default_rng(0)

    def dense(n_in, n_out):
        return Dense(rng.normal(size=(n_in, n_out)).astype(np.float32), rng.normal(size=n_out).astype(np.float32))

    ops = [("shared", dense(3, 4), ["particles"]), ("relu", Activation("relu"), ["shared"])]
    ops += [("pooled", Sum(1), ["relu"]), ("all", Concatenate(), ["pooled", "jet"]), ("hidden", dense(6, 5), ["all"])]
    ops += [("rounded", Quantize(FixedPoint(8, 4, True, "RND", "SAT")), ["hidden"]), ("two", dense(5, 5), ["rounded"])]
    ops += [
        ("more", Add(), ["rounded", "two"]),
        ("logits", dense(5, 3), ["more"]),
        ("p", Activation("softmax"), ["logits"]),
    ]
    ops += [("scaled", Affine([0.5] * 5, [1.0] * 5), ["more"]), ("mass", dense(5, 1), ["scaled"])]
    nodes, inputs = [Node(*one) for one in ops], [Input("jet", (2,)), Input("particles", (6, 3))]
    offset, scale = np.array([-1, -2, *(1, 2, 3) * 6]), np.array([0.5, 2, *(1, 2, 4) * 6])
    return with_standardisation(Network(nodes, inputs, ["p", "mass"]), offset, scale)


def test_nodes_are_lwtnns(tmp_path):
    network = tagger()
    write_json(network, tmp_path / "net.json", output_names=["b", "c", "light", "mass"], name="tagger")
    content = json.loads((tmp_path / "net.json").read_text())
    assert [node["type"] for node in content["nodes"]] == [
        *("input", "input_sequence", "time_distributed", "time_distributed", "sum", "concatenate", "feed_forward"),
        *("feed_forward", "feed_forward", "add", "feed_forward", "feed_forward", "feed_forward", "feed_forward"),
    ]
    assert content["inputs"][0]["variables"][1] == {"name": "x1", "offset": -2, "scale": 2} or content["inputs"]
    assert content["input_sequences"][0]["variables"][2]["scale"] == 4
    assert content["outputs"]["p"]["labels"] == ["b", "c", "light"] and list(content["outputs"]) == ["p", "mass"]
    read, names = parse_json_file(tmp_path / "net.json")
    x = np.random.default_rng(1).normal(size=(40, 20))
    np.testing.assert_allclose(read.predict(x), network.predict(x), rtol=1e-6, atol=1e-6)
    assert [one.shape for one in read.inputs] == [(2,), (6, 3)]
    assert (names.network, names.outputs) == ("tagger", ("b", "c", "light", "mass"))


LWTNN = {
    "inputs": [{"name": "node_0", "variables": [{"name": "pt", "offset": 1, "scale": 2},
                                                {"name": "m", "offset": 0, "scale": 1}]}],
    "input_sequences": [],
    "layers": [
        {"architecture": "dense", "activation": "rectified", "weights": [1, -1, 2, 0], "bias": [0, 1]},
        {"architecture": "normalization", "weights": [2, 3], "bias": [1, 0]},
        {"architecture": "dense", "activation": {"function": "leakyrelu", "alpha": 0.5}, "weights": [], "bias": []},
    ],
    "nodes": [
        {"type": "input", "sources": [0], "size": 2},
        {"type": "feed_forward", "sources": [0], "layer_index": 0},
        {"type": "feed_forward", "sources": [1], "layer_index": 1},
        {"type": "add", "sources": [2, 1]},
        {"type": "feed_forward", "sources": [3], "layer_index": 2},
    ],
    "outputs": {"out": {"labels": ["a", "b"], "node_index": 4}},
}  # fmt: skip


def test_a_file_as_lwtnns_converters_write_it_is_read():
    network, names = parse_json_text(json.dumps(LWTNN))
    hidden = np.maximum(0, [[4 - 3, 8 + 1]])
    np.testing.assert_allclose(network.predict([[1, 3]]), (hidden + [[1, 0]]) * [2, 3] + hidden)
    assert names == Names("network", ("pt", "m"), ("a", "b"))


@pytest.mark.parametrize(
    ("way", "value", "message"),
    [
        (["nodes", 1, "layer_index"], 3, "node 1: expected a whole number from 0 to 2 for 'layer_index'. Received: 3"),
        (["nodes", 1, "layer_index"], 0.5, "node 1: expected a whole number"),
        (["nodes", 1, "sources"], [2], "node 1: expected a whole number from 0 to 0 for 'sources'"),
        (["nodes", 1, "sources"], [0, 0], "node 1: expected one source for dense. Received: 2"),
        (["nodes", 3, "sources"], [2], "node 3: .*two or more inputs for add"),
        (["nodes", 3, "type"], "ad", r"node 3: expected type .* Received: ad \(did you mean 'add'"),
        (["nodes", 2, "type"], "sequence", "node 2: expected sources of 2 axes"),
        (["nodes", 2, "type"], "sum", "node 2: "),
        (["layers", 0, "weights"], [1], "layer 0: expected weights of 2 units x 2 inputs"),
        (["layers", 0, "architecture"], "lstn", "layer 0: expected architecture dense, normalization, fixed_point"),
        (["layers", 1, "weights"], [1, 2, 3], "node 2: "),
        (["layers", 2, "activation"], {"function": "gelu", "alpha": 1}, "layer 2: expected activation"),
        (["layers", 2, "activation"], {"function": "swish"}, "layer 2: expected the key 'alpha'"),
        (["layers", 2, "activation"], "gelu", "layer 2: expected activation"),
        (["inputs", 0, "variables", 0, "scale"], "1", "inputs 0: expected a number for 'scale'"),
        (["inputs", 0, "variables"], [], "input .node_0.: "),
        (["nodes", 0, "type"], "input_sequence", "node 0: expected a whole number|input_sequences"),
        (["outputs", "out", "labels"], ["a"], "output 'out': expected 2 labels"),
        (["outputs", "out", "node_index"], 9, "output 'out': expected a whole number"),
        (["outputs"], {}, "expected at least one"),
        (["nodes"], [], "expected"),
    ],
)  # fmt: skip
def test_bad_files_are_one_line(way, value, message):
    content = json.loads(json.dumps(LWTNN))
    place = content
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    with pytest.raises(CodesignError, match=f"^net.json: .*({message})") as error:
        parse_json_text(json.dumps(content), "net.json")
    assert "\n" not in str(error.value)


def test_what_lwtnn_lacks_is_refused_by_name(tmp_path):
    network = Network([Node("pooled", Max(1), ["x"])], [Input("x", (2, 3))], ["pooled"])
    with pytest.raises(UnsupportedLayerError, match="node 'pooled': expected an op that lwtnn has. Received: max; gen"):
        write_json(network, tmp_path / "net.json")
    assert not list(tmp_path.iterdir())
