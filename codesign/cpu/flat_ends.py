"""A network of any inputs and outputs with one of each, of one axis: how runtimes are given events."""

from dataclasses import replace

import numpy as np

from codesign.network import Input, Network, Node
from codesign.network.ends import free_name, split_standardisation, with_affines
from codesign.network.ops import Affine, Concatenate, Flatten, Reshape, Slice


def with_flat_ends(network: Network) -> Network:
    """Return the same function of (n_events, n_inputs) to (n_events, n_outputs), by slices and a concatenation."""
    affines, rest = split_standardisation(network)
    if not network.input_layout.is_vector:
        rest = _with_one_input(rest)
    if not rest.output_layout.is_vector:
        rest = _with_one_output(rest)
    if not affines:
        return rest
    neutral = {one.name: Affine(np.ones(one.shape), np.zeros(one.shape)) for one in network.inputs} | dict(affines)
    factor, offset = (
        network.input_layout.join({name: np.broadcast_to(getattr(op, part), network.shapes[name])[np.newaxis]
                                   for name, op in neutral.items()})[0] for part in ("factor", "offset")
    )  # fmt: skip
    return with_affines(rest, {rest.inputs[0].name: Affine(factor, offset)})


def _with_one_input(network: Network) -> Network:
    taken, start, nodes, sources = set(network.shapes), 0, [], {}
    whole = free_name("inputs", taken)
    for one in network.inputs:
        source = whole
        if len(network.inputs) > 1:
            source = free_name(f"{one.name}_slice", taken)
            nodes.append(Node(source, Slice(start, start + one.size, 1), (whole,)))
        if len(one.shape) > 1:
            name = free_name(f"{one.name}_reshape", taken)
            nodes.append(Node(name, Reshape(one.shape), (source,)))
            source = name
        sources[one.name], start = source, start + one.size
    for node in network.nodes:
        nodes.append(replace(node, inputs=tuple(sources.get(name, name) for name in node.inputs)))
    return Network(nodes, [Input(whole, (network.n_inputs,))], network.outputs)


def _with_one_output(network: Network) -> Network:
    taken, nodes, parts = set(network.shapes), list(network.nodes), []
    for name in network.outputs:
        if len(network.shapes[name]) > 1:
            nodes.append(Node(free_name(f"{name}_flatten", taken), Flatten(), (name,)))
            name = nodes[-1].name
        parts.append(name)
    if len(parts) > 1:
        nodes.append(Node(free_name("outputs", taken), Concatenate(1), parts))
    return Network(nodes, network.inputs, [nodes[-1].name])
