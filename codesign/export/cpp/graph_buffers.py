"""Where the values of a graph lie while it is evaluated: places of values that nothing needs are used again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from codesign.network import Network, Node
from codesign.network.interpreter import last_uses
from codesign.network.ops import Activation, Dense, Flatten, Op, Reshape, Shape, Slice

INPUTS, OUTPUTS = "inputs of all", "outputs of all"


@dataclass(frozen=True)
class Buffers:
    """Places in one array of values.

    Args:
        first: the first place of each value, by name; of :data:`INPUTS` and :data:`OUTPUTS` too.
        size: places in all.
        free: nodes that only give another name, or another shape, to what is there.
    """

    first: Mapping[str, int]
    size: int
    free: frozenset[str]


def share_buffers(network: Network) -> Buffers:
    """Return a place for every value; two that are needed at one time do not overlap."""
    shapes, owner = network.shapes, {}
    start = 0
    for one in network.inputs:
        owner[one.name], start = (INPUTS, start), start + one.size
    fused = {after.name for node in network.nodes if (after := fused_activation(network, node)) is not None}
    for node in network.nodes:
        shift = 0 if node.name in fused else _shift(node.op, [shapes[name] for name in node.inputs])
        source, at = owner[node.inputs[0]]
        owner[node.name] = (node.name, 0) if shift is None else (source, at + shift)
    sizes = {INPUTS: network.n_inputs} | {name: prod(shapes[name]) for name, _ in owner.values() if name != INPUTS}
    if len(network.outputs) > 1:
        sizes[OUTPUTS] = network.n_outputs
    first = _places(network, {name: found for name, (found, _) in owner.items()}, sizes)
    places = {name: first[found] + at for name, (found, at) in owner.items()}
    places |= {name: first[name] for name in (INPUTS, OUTPUTS) if name in first}
    free = frozenset(node.name for node in network.nodes if owner[node.name][0] != node.name)
    return Buffers(places, max(first[name] + size for name, size in sizes.items()), free)


def index_table(op: Op, shapes: Sequence[Shape]) -> list[np.ndarray]:
    """Return for each input where its values go: (n_outputs,) its own places, -1 where others, or zeros, are."""
    tables = []
    for index in range(len(shapes)):
        numbered = [
            np.arange(1, prod(shape) + 1).reshape(1, *shape) if which == index else np.zeros((1, *shape), int)
            for which, shape in enumerate(shapes)
        ]
        tables.append(op.evaluate(*numbered).ravel() - 1)
    return tables


def _shift(op: Op, shapes: Sequence[Shape]) -> int | None:
    """How far into its input's values an op's begin, if they lie there already, one behind the other; else None."""
    if isinstance(op, Flatten | Reshape) or (isinstance(op, Activation) and op.function == "linear"):
        return 0
    if isinstance(op, Slice):
        (table,) = index_table(op, shapes)
        return int(table[0]) if (np.diff(table) == 1).all() else None
    return None


def _places(network: Network, owner: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, int]:
    """Return the first place of every owner, the lowest that is free over its whole life."""
    born = {name: step for step, name in enumerate((INPUTS, *(node.name for node in network.nodes))) if name in sizes}
    dies = dict(born)
    last = last_uses(network.nodes, network.outputs)
    for step, node in enumerate(network.nodes, start=1):
        for name in last[node.name]:
            dies[owner[name]] = max(dies[owner[name]], step)
        dies[owner[node.name]] = max(dies[owner[node.name]], step)
    end = len(network.nodes) + 1
    dies |= {owner[name]: end for name in network.outputs}
    if OUTPUTS in sizes:
        born[OUTPUTS] = dies[OUTPUTS] = end
    first: dict[str, int] = {}
    for name in sorted(sizes, key=born.get):
        taken = [(first[one], first[one] + sizes[one]) for one in first if dies[one] >= born[name]]
        first[name] = _lowest(sorted(taken), sizes[name])
    return first


def _lowest(taken: Sequence[tuple[int, int]], size: int) -> int:
    at = 0
    for start, end in taken:
        if start - at >= size:
            break
        at = max(at, end)
    return at


def fused_activation(network: Network, node: Node) -> Node | None:
    """Return the activation of single values that alone takes what a dense node gives, or None."""
    users = [one for one in network.nodes if node.name in one.inputs]
    if not isinstance(node.op, Dense) or len(users) != 1 or node.name in network.outputs:
        return None
    is_single = isinstance(users[0].op, Activation) and "softmax" not in users[0].op.function
    return users[0] if is_single else None
