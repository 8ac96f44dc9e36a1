"""Gathers that metadata call the patches of a convolution, as one op again."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

import numpy as np

from codesign.errors import CodesignError, UnsupportedLayerError
from codesign.network import Network, Node
from codesign.network.ops import Flatten, Gather, Patches, Reshape, Shape
from codesign.network.storage.ops import unpack_op
from codesign.network.storage.values import unpack_list
from codesign.read.graph_builder import used_nodes

_MOVES = (Reshape, Flatten, Gather)


def with_patches(network: Network, stated: Mapping[str, dict]) -> Network:
    """Return a network in which the gathers of each window are one :class:`Patches`, where they are what is stated.

    Args:
        network: as it was read, which leaves out axes of one place.
        stated: what metadata state, by the names of nodes.
    """
    nodes = {node.name: node for node in network.nodes}
    wanted = {name: entry for name, entry in stated.items() if "patches" in entry and name in nodes}
    replaced = {}
    for name, entry in wanted.items():
        found = _as_patches(nodes[name], nodes, network.shapes, entry)
        if found:
            replaced[name] = found
            nodes |= {node.name: node for node in found}
    if not replaced:
        return network
    order = [node for one in network.nodes for node in replaced.get(one.name, [one])]
    try:
        found = replace(network, nodes=tuple(used_nodes(order, network.outputs)))
        is_same = all(found.shapes[name] == network.shapes[name] for name in network.outputs)
    except UnsupportedLayerError:  # something behind counts axes from the first
        is_same = False
    return found if is_same else network


def _as_patches(node: Node, nodes: Mapping[str, Node], shapes: Mapping[str, Shape], entry: Mapping) -> list[Node]:
    """The patches, perhaps behind a reshape; none where the gathers are something else."""
    chain, source, where = [], node.name, f"node '{node.name}'"
    try:
        shape = tuple(int(size) for size in unpack_list(entry.get("of"), where))
        op = unpack_op(Patches, entry["patches"], where, [shape])
        expected_shape = op.shape(shape)
    except (CodesignError, KeyError, TypeError, ValueError):
        return []
    while source in nodes and isinstance(nodes[source].op, _MOVES) and (not chain or shapes[source] != shape):
        chain.append(nodes[source].op)
        source = nodes[source].inputs[0]
    known = shapes[source]
    if prod(known) != prod(shape) or prod(expected_shape) != prod(shapes[node.name]):
        return []
    places = np.arange(1, prod(shape) + 1, dtype=np.float64)
    found = places.reshape(1, *known)
    for one in reversed(chain):
        found = one.evaluate(found)
    if not np.array_equal(found.ravel(), op.evaluate(places.reshape(1, *shape)).ravel()):
        return []
    if known == shape:
        return [replace(node, op=op, inputs=(source,))]
    front = Node(f"{node.name}_in", Reshape(shape), (source,))
    return [] if front.name in nodes else [front, replace(node, op=op, inputs=(front.name,))]
