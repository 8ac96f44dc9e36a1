"""QDenseT: a small network of its own between each input and each output, read as a table of each code."""

from math import sqrt

import numpy as np

from codesign.network import Network
from codesign.network.ops import Gather, Sum
from codesign.read.graph_builder import GraphBuilder, Value, used_nodes
from codesign.read.hgq.layer import HgqLayer
from codesign.read.hgq.lut import Tabled, add_table, type_of
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.refusals import refusal

_EPSILON = 1e-3


def read_dense_table(layer: HgqLayer) -> Value:
    """``activation(sum_i toq(network_io(iq(x_i))))``."""
    value, n_out = layer.call.value, int(layer.given("n_out"))
    places = np.arange(np.prod(value.shape)).reshape(value.shape)[..., np.newaxis]
    value = layer.add(Gather(np.broadcast_to(places, (*value.shape, n_out))), value, word="each_output")
    if layer.given("enable_iq", True):
        value = layer.quantised(value, "iq")
    kind = type_of(layer.builder, value)
    if kind is None:
        raise refusal(layer.call, "inputs of at most 18 bits", "wider ones, or none rounded", "narrow its quantizer")
    steps = _steps(layer)
    n_in = value.shape[-2]
    edges = np.broadcast_to(np.arange(n_in * n_out).reshape(n_in, n_out), value.shape)

    def function(x: np.ndarray, edge: int) -> np.ndarray:
        return _of_edge(layer, steps, x, (edge // n_out, edge % n_out))

    value = add_table(layer, value, kind, Tabled(function, layer.quantizer("toq"), edges))
    rank = len(value.shape)
    return layer.activated(layer.add(Sum(rank - 1), value, word="sum"))


def _steps(layer: HgqLayer) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Kernel, (n_in, n_out, ...), and bias of each layer of the small networks."""
    found: dict[int, dict[str, np.ndarray]] = {}
    for name, array in layer.variables.items():
        front, _, last = name.rpartition("/")
        word = front.rpartition("/")[2]
        if word.startswith("einsum_dense"):
            number = word.removeprefix("einsum_dense").lstrip("_") or "0"
            found.setdefault(int(number), {})[last] = np.asarray(array, np.float32)
    return [(found[number]["kernel"], found[number].get("bias")) for number in sorted(found)]


def _of_edge(layer: HgqLayer, steps: list, x: np.ndarray, edge: tuple[int, int]) -> np.ndarray:
    """What the network of an edge makes of float32 values, (n,)."""
    hidden = x[:, np.newaxis]
    for kernel, bias in steps[:-1]:
        hidden = hidden @ kernel[edge] + (0 if bias is None else bias[edge])
        hidden = _activated(layer, hidden.astype(np.float32))
    kernel, bias = steps[-1]
    found = (hidden @ kernel[edge] + (0 if bias is None else bias[edge])).astype(np.float32)
    return _normalised(layer, found, edge[1]) if layer.given("batch_norm", False) else found


def _activated(layer: HgqLayer, hidden: np.ndarray) -> np.ndarray:
    builder = GraphBuilder()
    given = builder.add_input("x", hidden.shape)
    found = activate(builder, layer.call, layer.given("subnn_activation", "tanh"), given)
    outputs = builder.as_outputs([found])
    network = Network(used_nodes(builder.nodes, outputs), builder.inputs, outputs)
    return network.predict(hidden.reshape(1, -1).astype(np.float64)).reshape(hidden.shape).astype(np.float32)


def _normalised(layer: HgqLayer, found: np.ndarray, output: int) -> np.ndarray:
    mean, variance, gamma, beta = (
        _moment(layer, name, default)[output]
        for name, default in (("moving_mean", 0.0), ("moving_variance", 1.0), ("gamma", 1.0), ("beta", 0.0))
    )
    scale = gamma / np.sqrt(variance + np.float32(layer.given("bn_epsilon", _EPSILON)))
    n_in = layer.call.value.shape[-1]
    return ((found * scale + (beta - mean * scale)) / np.float32(sqrt(n_in))).astype(np.float32)


def _moment(layer: HgqLayer, name: str, default: float) -> np.ndarray:
    for front in ("bn_module", "batch_normalization"):
        if f"{front}/{name}" in layer.variables:
            return np.asarray(layer.variables[f"{front}/{name}"], np.float32)
    return np.full(int(layer.given("n_out")), default, np.float32)
