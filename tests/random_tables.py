"""Random forests as networks of thresholds, bits, tables and sums, beside dense layers."""

import numpy as np

from codesign.network import FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import Bit, Concatenate, Dense, SegmentSum, Table, Threshold

BYTE = FixedPoint(8, 8, signed=False)
WORD = FixedPoint(12, 4)


def trees(rng, n_trees, *, precision=BYTE, n_features=4, n_classes=3, dense=0):
    """Thresholds and bits of features, and of values of a dense layer, to tables, to sums, with dense logits."""
    step = 2.0 ** -int(precision.fraction)
    codes = rng.integers(int(precision.code_low) + 1, int(precision.code_high) + 1, 40)
    codes = (codes >> (zeros := rng.integers(0, precision.width - 1, 40))) << zeros
    index, codes = rng.integers(n_features, size=40)[codes > precision.code_low], codes[codes > precision.code_low]
    nodes = [
        Node("thresholds", Threshold(index, codes * step), ["x"]),
        Node("bits", Bit(rng.integers(n_features, size=6), step * 2.0 ** rng.integers(0, precision.width, 6)), ["x"]),
    ]
    keys, terms, segments = ["thresholds", "bits"], ["tables"], rng.integers(n_classes, size=n_trees)
    if dense:
        kernel = rng.integers(-3, 4, (n_features, dense)) * 0.5
        nodes.append(Node("dense", Dense(kernel, np.ones(dense)), ["x"]))
        nodes.append(Node("hidden", Threshold(np.arange(dense), np.full(dense, 2.0)), ["dense"]))
        keys, terms, segments = [*keys, "hidden"], [*terms, "dense"], [*segments, *rng.integers(n_classes, size=dense)]
    n_keys = len(index) + 6 + dense
    chosen = [rng.permutation(n_keys)[: int(rng.choice([3, 5, 5, 6, 6, 7, 8]))].tolist() for _ in range(n_trees)]
    entries = [rng.integers(-7, 9, 2 ** len(one)) * 0.25 for one in chosen]
    nodes += [Node("keys", Concatenate(), keys), Node("tables", Table(chosen, entries), ["keys"])]
    nodes += [Node("terms", Concatenate(), terms)] if dense else []
    nodes.append(Node("scores", SegmentSum(segments, rng.integers(-9, 9, n_classes) * 0.25), [nodes[-1].name]))
    return quantised(Network(nodes, [Input("x", (n_features,), precision)], ["scores"]), rng)


def quantised(network, rng):
    if not any(isinstance(node.op, Dense) for node in network.nodes):
        return network
    kind = network.input_precision
    return quantize_network(network, events(rng, network), weights=6, activations=8, inputs=int(kind.width))


def events(rng, network, n=400):
    kind = network.input_precision
    low, high = np.broadcast_to(kind.code_low, network.n_inputs), np.broadcast_to(kind.code_high, network.n_inputs)
    return rng.integers(low, high + 1, (n, network.n_inputs)) * 2.0 ** -np.asarray(kind.fraction, float)
