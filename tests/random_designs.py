"""Random graphs with types of random widths, and several of them as one network."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign import export_model
from codesign.errors import SaturationWarning
from codesign.network import Network, quantize_network
from codesign.network.ops import (
    Bit,
    Embedding,
    Tensor,
    Threshold,
)
from tests.random_graphs import random_graph


def graph_events(rng: np.random.Generator, network: Network, n_events: int = 100) -> np.ndarray:
    """Return (n_events, n_inputs), normal, whole numbers where an embedding takes them."""
    x = rng.normal(size=(n_events, network.n_inputs)) * np.exp2(rng.integers(-2, 3, (n_events, 1)))
    for node in network.nodes:
        if isinstance(node.op, Embedding):
            ends = np.cumsum([one.size for one in network.inputs])
            column = ends[[one.name for one in network.inputs].index(node.inputs[0])] - 1
            x[:, column] = rng.integers(0, len(node.op.table), n_events)
    return x


def quantised_graph(rng: np.random.Generator, network: Network, x: np.ndarray) -> Network:
    """Return the network with types of random widths, and here and there other modes of rounding and overflow."""
    widths = {
        "weights": int(rng.integers(3, 8)),
        "activations": int(rng.integers(4, 9)),
        "inputs": int(rng.integers(4, 9)),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SaturationWarning)
        fixed = quantize_network(network, x, **widths)
    nodes = []
    for node in fixed.nodes:
        if node.output is not None and rng.random() < 0.3:
            modes = {
                "rounding": str(rng.choice(["TRN", "RND", "RND_CONV"])),
                "overflow": str(rng.choice(["WRAP", "SAT"])),
            }
            node = replace(node, output=replace(node.output, **modes))
        nodes.append(node)
    return with_crossed_keys(replace(fixed, nodes=tuple(nodes)))


def with_crossed_keys(network: Network) -> Network:
    """Return the network with thresholds that its types cross, and bits that they have."""
    tensors = {one.name: Tensor(one.shape, one.precision) for one in network.inputs}
    nodes = []
    for node in network.nodes:
        taken = [tensors[name] for name in node.inputs]
        if isinstance(node.op, Threshold | Bit):
            node = replace(node, op=_crossed(node.op, taken[0]))
        nodes.append(node)
        tensors[node.name] = Tensor(network.shapes[node.name], node.op.bind(taken, node.output).output)
    return replace(network, nodes=tuple(nodes))


def _crossed(op, source):
    kind = source.type
    limits = (kind.code_low, kind.code_high, kind.fraction, kind.width)
    low, high, fraction, width = (np.broadcast_to(one, source.shape)[op.index] for one in limits)
    if isinstance(op, Bit):
        place = np.clip(np.log2(op.weight) + fraction, 0, width - 1)
        return Bit(op.index, np.exp2(place - fraction))
    step = np.exp2(-fraction.astype(float))
    return Threshold(op.index, np.clip(op.value, (low + 0.5) * step, high * step))


def side_by_side(networks: Sequence[Network]) -> Network:
    """Return networks as one, so that a compiler is run once.

    Inputs and outputs of each behind those of the one before.
    """
    nodes, inputs, outputs = [], [], []
    for index, network in enumerate(networks):
        names = {one.name: f"g{index}_{one.name}" for one in (*network.inputs, *network.nodes)}
        inputs += [replace(one, name=names[one.name]) for one in network.inputs]
        for node in network.nodes:
            nodes.append(replace(node, name=names[node.name], inputs=tuple(names[name] for name in node.inputs)))
        outputs += [names[name] for name in network.outputs]
    return Network(nodes, inputs, outputs)


def random_design(seed: int, n_events: int = 50, **options) -> tuple[Network, np.ndarray]:
    """Return a graph with every type, and events; see :class:`RandomGraph`."""
    rng = np.random.default_rng(seed)
    network = random_graph(rng, **options)
    x = graph_events(rng, network, n_events)
    return quantised_graph(rng, network, x), x


def random_designs(seeds: Sequence[int], n_events: int = 50, **options) -> tuple[Network, np.ndarray]:
    """Return random designs side by side as one, and events of all."""
    networks, events = zip(*(random_design(seed, n_events, **options) for seed in seeds))
    return side_by_side(networks), np.concatenate(events, 1)


def export_difference(networks: Sequence[Network], path: Path, to: str) -> float:
    """Return how far the file of several networks is from them; without its runtime a test is left out."""
    if to == "onnx":
        pytest.importorskip("onnxruntime")
    return export_model(side_by_side(networks), path, to=to).agreement.difference
