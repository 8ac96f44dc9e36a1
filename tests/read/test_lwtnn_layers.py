"""lwtnn's layers of every architecture: plain loops as lwtnn's own documentation has them are the judge."""

import json

import numpy as np
import pytest

from codesign import load_network
from codesign.errors import CodesignError, DataError
from codesign.read import ReadOptions, read_file
from tests.damaged_models import meet_damaged

RNG = np.random.default_rng(0)
STEPS, N, UNITS = 4, 3, 2
SIGMOID = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
FUNCTIONS = {
    "linear": lambda x: x,
    "rectified": lambda x: np.maximum(x, 0),
    "sigmoid": SIGMOID,
    "tanh": np.tanh,
    "abs": np.abs,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(),
    "elu": lambda x: np.where(x >= 0, x, 0.7 * (np.exp(x) - 1)),
    "leakyrelu": lambda x: np.where(x > 0, x, 0.7 * x),
    "swish": lambda x: x * SIGMOID(0.7 * x),
}


def packed(function):
    return {"function": function, "alpha": 0.7} if function in ("elu", "leakyrelu", "swish") else function


def dense(n_in, n_out, function="linear", **more):
    weights, bias = RNG.normal(size=(n_out, n_in)), RNG.normal(size=n_out)
    layer = {"architecture": "dense", "weights": weights.ravel().tolist(), "bias": bias.tolist(), **more}
    return {**layer, "activation": packed(function)}


def matrix(layer, n_in, key="weights"):
    return np.array(layer[key]).reshape(-1, n_in)


def computed(layer, x):
    """What lwtnn computes, of a vector or of a sequence of columns."""
    return _COMPUTE[layer["architecture"]](layer, x)


def of_dense(layer, x):
    if x.ndim == 2:
        return np.array([of_dense(layer, row) for row in x])
    x = matrix(layer, len(x)) @ x if layer["weights"] else x
    x = x + layer["bias"] if layer["bias"] else x
    said = layer["activation"]
    return FUNCTIONS[said if isinstance(said, str) else said["function"]](x)


def of_maxout(layer, x):
    return np.max([matrix(one, len(x)) @ x + one["bias"] for one in layer["sublayers"]], 0)


def of_highway(layer, x):
    t, c = (matrix(layer["components"][key], len(x)) @ x + layer["components"][key]["bias"] for key in ("t", "carry"))
    c, t = SIGMOID(c), FUNCTIONS[layer["activation"]](t)
    return c * t + (1 - c) * x


def gate(layer, key, x, h):
    one = layer["components"][key]
    return matrix(one, len(x)) @ x + one["bias"] + matrix(one, len(h), "U") @ h


def of_lstm(layer, x):
    h, c, found = np.zeros(UNITS), np.zeros(UNITS), []
    f, g = FUNCTIONS[layer["inner_activation"]], FUNCTIONS[layer["activation"]]
    for row in x:
        i, forget, o = (f(gate(layer, key, row, h)) for key in "ifo")
        c = forget * c + i * g(gate(layer, "c", row, h))
        h = o * g(c)
        found.append(h)
    return np.array(found)


def of_gru(layer, x):
    h, found = np.zeros(UNITS), []
    f, g = FUNCTIONS[layer["inner_activation"]], FUNCTIONS[layer["activation"]]
    for row in x:
        z, r = (f(gate(layer, key, row, h)) for key in "zr")
        h = z * h + (1 - z) * g(gate(layer, "h", row, r * h))
        found.append(h)
    return np.array(found)


def of_embedding(layer, x):
    for sub in layer["sublayers"]:
        table = np.array(sub["weights"]).reshape(sub["n_out"], -1)
        at = sub["index"]
        x = np.array([[*row[:at], *table[:, int(row[at])], *row[at + 1 :]] for row in x])
    return x


_COMPUTE = {
    "dense": of_dense,
    "normalization": lambda layer, x: (x + layer["bias"]) * layer["weights"],
    "maxout": of_maxout,
    "highway": of_highway,
    "lstm": of_lstm,
    "gru": of_gru,
    "embedding": of_embedding,
}


def recurrent(kind, n_in, gates):
    parts = {key: dense(n_in, UNITS, U=RNG.normal(size=UNITS * UNITS).tolist()) for key in gates}
    return {"architecture": kind, "components": parts, "activation": "tanh", "inner_activation": "sigmoid"}


EMBEDDING = {
    "architecture": "embedding",
    "sublayers": [{"weights": RNG.normal(size=8).tolist(), "index": 1, "n_out": 2}],
}
LAYERS = {
    **{f"dense {name}": [dense(N, 3, name), dense(3, 2, name)] for name in FUNCTIONS if name != "softmax"},
    "bare": [dense(N, N), {"architecture": "dense", "weights": [], "bias": [], "activation": "tanh"}],
    "normalization": [{"architecture": "normalization", "weights": [1.0, 2, 3], "bias": [0.5, 1, -1]}, dense(N, 2)],
    "maxout": [{"architecture": "maxout", "sublayers": [dense(N, 4), dense(N, 4), dense(N, 4)]}, dense(4, 2)],
    "highway": [{"architecture": "highway", "components": {"t": dense(N, N), "carry": dense(N, N)},
                 "activation": "rectified"}],
    "lstm": [recurrent("lstm", N, "ifco"), dense(UNITS, 2, "softmax")],
    "gru": [recurrent("gru", N, "zrh"), recurrent("lstm", UNITS, "ifco"), dense(UNITS, 2)],
    "embedding": [EMBEDDING, recurrent("gru", N + 1, "zrh"), dense(UNITS, 1)],
}  # fmt: skip


def written(layers, path):
    inputs = [{"name": f"x{place}", "offset": 0, "scale": 1} for place in range(N)]
    n_out = len(layers[-1].get("bias") or []) or N
    content = {"inputs": inputs, "layers": layers, "outputs": [f"y{place}" for place in range(n_out)]}
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_what_lwtnn_computes(name, tmp_path):
    layers = LAYERS[name]
    is_sequence = layers[0]["architecture"] in ("lstm", "gru", "embedding")
    path = written(layers, tmp_path / "net.json")
    x = RNG.normal(size=(5, STEPS, N) if is_sequence else (5, N))
    if is_sequence:
        x[..., 1] = RNG.integers(0, 4, x[..., 1].shape)
        with pytest.raises(DataError, match=r"each size is known.*'inputs' of shape \(\?, 3\).*--input-shape"):
            load_network(path)
    network = load_network(path, input_shapes=(STEPS, N)) if is_sequence else load_network(path)
    for event in x:
        value = event
        for layer in layers:
            if value.ndim == 2 and layer["architecture"] == "dense":
                value = value[-1]
            value = computed(layer, value)
        np.testing.assert_allclose(network.predict(event.reshape(1, -1))[0], value, atol=2e-6)


GRAPH = {
    "inputs": [{"name": "event", "variables": [{"name": "met", "offset": 1, "scale": 2}]}],
    "input_sequences": [{"name": "tracks", "variables": [{"name": f"t{place}", "offset": place, "scale": 1 + place}
                                                         for place in range(N)]}],
    "layers": [dense(N, N, "rectified"), recurrent("lstm", N, "ifco"), dense(UNITS + 1, 2, "softmax"), dense(UNITS, 2)],
    "nodes": [
        {"type": "input", "sources": [0], "size": 1},
        {"type": "input_sequence", "sources": [0], "size": N},
        {"type": "time_distributed", "sources": [1], "layer_index": 0},
        {"type": "sequence", "sources": [2], "layer_index": 1},
        {"type": "concatenate", "sources": [3, 0]},
        {"type": "feed_forward", "sources": [4], "layer_index": 2},
        {"type": "time_distributed", "sources": [3], "layer_index": 3},
        {"type": "sum", "sources": [6]},
    ],
    "outputs": {"flavour": {"labels": ["b", "light"], "node_index": 5},
                "sums": {"labels": ["p", "q"], "node_index": 7}},
}  # fmt: skip


def test_a_graph_with_sequences(tmp_path):
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(GRAPH))
    reading = read_file(path, ReadOptions({"tracks": (STEPS, N)}))
    x, met = RNG.normal(size=(STEPS, N)), RNG.normal(size=1)
    scaled = (x + np.arange(N)) * (1 + np.arange(N))
    states = computed(GRAPH["layers"][1], computed(GRAPH["layers"][0], scaled))
    flavour = computed(GRAPH["layers"][2], np.array([*states[-1], (met[0] + 1) * 2]))
    sums = computed(GRAPH["layers"][3], states).sum(0)
    found = reading.network.predict({"event": met[None], "tracks": x[None]})
    np.testing.assert_allclose(found[0], [*flavour, *sums], atol=2e-6)
    assert reading.names.outputs == ("b", "light", "p", "q")
    with pytest.raises(CodesignError, match="'tracks' of shape"):
        read_file(path)


def test_damaged_graphs(tmp_path):
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(GRAPH))
    assert meet_damaged(path, range(60), ReadOptions({"tracks": (STEPS, N)})) < 50
