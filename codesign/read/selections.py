"""Layers that only choose some of their inputs, as the moves that they are where no dense layer takes them in."""

from collections.abc import Set
from dataclasses import replace

import numpy as np

from codesign.network import Network, Node
from codesign.network.ops import Gather, Op, Shape, Slice


def with_moves(network: Network, selections: Set[str]) -> Network:
    """Return the network with a Slice or a Gather in place of kernels of 0 and 1.

    A move costs nothing, and what it moves is still an input: the codes of an embedding behind it stay known.

    Args:
        network: whose selections in front of dense layers are folded into these already.
        selections: names of nodes that were read as such kernels; some may be folded.
    """
    nodes = [node if node.name not in selections else _moved(network, node) for node in network.nodes]
    return replace(network, nodes=tuple(nodes))


def _moved(network: Network, node: Node) -> Node:
    """The node as a move; as it is where a factor was folded into it."""
    kernel = node.op.kernel
    if node.op.bias.any() or (kernel[kernel != 0] != 1).any():
        return node
    return replace(node, op=_move(kernel.argmax(0), network.shapes[node.inputs[0]]) or node.op)


def _move(index: np.ndarray, shape: Shape) -> Op | None:
    """What moves the values at some places of the last axis; None where there are more axes, and no steady step."""
    steps = np.unique(np.diff(index))
    if steps.size <= 1:
        return Slice(int(index[0]), int(index[-1]) + 1, len(shape), int(steps[0]) if steps.size else 1)
    return Gather(index) if len(shape) == 1 else None
