"""The two ends of a network: a standardisation in front, Affine nodes; a softmax behind, an Activation node."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from codesign._arguments import as_numbers
from codesign.errors import ConfigError, DataError
from codesign.network.network import Network
from codesign.network.node import Node
from codesign.network.ops import Activation, Affine, Dense


def with_standardisation(network: Network, offset: np.ndarray | None, scale: np.ndarray | None) -> Network:
    """Return the network behind ``(x + offset) * scale``.

    Args:
        offset, scale: (n_inputs,), of the inputs side by side: ``-mean`` and ``1 / std``; None: nothing.

    Raises:
        DataError: for numbers that are not finite in single precision, or another number of them.
    """
    parts = {}
    for name, given, neutral in (("offset", offset, 0.0), ("scale", scale, 1.0)):
        array = np.full(network.n_inputs, neutral) if given is None else as_numbers(given, name, np.float32)
        if array.shape != (network.n_inputs,) or not np.isfinite(array).all():
            received = f"shape {array.shape}, or NaN or inf"
            raise DataError(f"{name}: expected {network.n_inputs} finite numbers. Received: {received}")
        split = network.input_layout.split(array.astype(np.float64)[np.newaxis])
        parts[name] = {key: values[0] for key, values in split.items()}
    affines = {}
    for name, factor in parts["scale"].items():
        if (factor != 1).any() or parts["offset"][name].any():
            affines[name] = Affine(factor, parts["offset"][name] * factor)
    return with_affines(network, affines)


def with_affines(network: Network, affines: Mapping[str, Affine]) -> Network:
    """Return the network with an Affine node behind each of the inputs that are named."""
    taken = set(network.shapes)
    renamed = {name: free_name(f"{name}_standardised", taken) for name in affines}
    front = [Node(renamed[name], op, (name,)) for name, op in affines.items()]
    nodes = (replace(node, inputs=tuple(renamed.get(name, name) for name in node.inputs)) for node in network.nodes)
    return replace(network, nodes=(*front, *nodes))


def split_standardisation(network: Network) -> tuple[Mapping[str, Affine], Network]:
    """Return the Affine ops that alone take an input, by its name, and the network behind them."""
    found, sources = {}, {}
    for one in network.inputs:
        users = [node for node in network.nodes if one.name in node.inputs]
        if len(users) == 1 and isinstance(users[0].op, Affine) and users[0].name not in network.outputs:
            found[one.name], sources[users[0].name] = users[0].op, one.name
    if not found:
        return MappingProxyType({}), network
    kept = (node for node in network.nodes if node.name not in sources)
    nodes = tuple(replace(node, inputs=tuple(sources.get(name, name) for name in node.inputs)) for node in kept)
    return MappingProxyType(found), replace(network, nodes=nodes)


def folded(network: Network) -> Network:
    """Return the network with the standardisation in the dense layers that take it, where they can hold it."""
    affines, rest = split_standardisation(network)
    left, ops = {}, {}
    for name, affine in affines.items():
        users = [node for node in rest.nodes if name in node.inputs]
        arrays = [np.broadcast_to(one, rest.shapes[name]) for one in (affine.factor, affine.offset)]
        same = all((array == array.reshape(-1, array.shape[-1])[0]).all() for array in arrays)
        if not same or not all(isinstance(node.op, Dense) for node in users):
            left[name] = affine
            continue
        factor, offset = (array.reshape(-1, array.shape[-1])[0] for array in arrays)
        for node in users:
            kernel, bias = factor[:, np.newaxis] * node.op.kernel, node.op.bias + offset @ node.op.kernel
            ops[node.name] = Dense(kernel, bias)
    return with_affines(rest.with_ops(ops), left)


def with_softmax(network: Network) -> Network:
    """Return the network with a softmax behind its only output.

    Raises:
        ConfigError: for several outputs.
    """
    if len(network.outputs) > 1:
        received = ", ".join(network.outputs)
        raise ConfigError(f"softmax: expected a network of one output. Received: {received}; leave it out")
    name = free_name("softmax", set(network.shapes))
    return replace(network, nodes=(*network.nodes, Node(name, Activation("softmax"), network.outputs)), outputs=(name,))


def split_softmax(network: Network) -> tuple[Network, frozenset[str]]:
    """Return the network without each softmax that is an output and nothing else, and the outputs that had one."""
    taken, names = {name for node in network.nodes for name in node.inputs}, {one.name for one in network.inputs}
    cut = {
        node.name: node.inputs[0]
        for node in network.nodes
        if node.name in network.outputs and node.name not in taken and _is_softmax(node) and node.inputs[0] not in names
    }
    outputs = tuple(cut.get(name, name) for name in network.outputs)
    if not cut or len(set(outputs)) < len(outputs):
        return network, frozenset()
    nodes = tuple(node for node in network.nodes if node.name not in cut)
    return replace(network, nodes=nodes, outputs=outputs), frozenset(cut.values())


def _is_softmax(node: Node) -> bool:
    return isinstance(node.op, Activation) and node.op.function == "softmax"


def free_name(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it where it is taken."""
    return next(one for one in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if one not in taken)
