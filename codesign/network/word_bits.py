"""A network of a detector's words that takes the highest bits of each."""

from dataclasses import replace

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network.absorb_offset import absorbed
from codesign.network.network import Network
from codesign.network.node import Node
from codesign.network.ops import Quantize
from codesign.network.types.fixed_point import FixedPoint


def is_word(kind: FixedPoint) -> bool:
    """Whether a type is that of words as they come: nothing rounds or saturates them."""
    return (kind.rounding, kind.overflow) == ("TRN", "WRAP")


def mean_left_out(kind: FixedPoint, cut: FixedPoint) -> np.ndarray:
    """Return by how much words are too small on average without some of their lowest bits.

    To a quarter of a step, so that a bias that makes up for it needs few bits more.

    Args:
        kind: of the words.
        cut: the same without these bits.
    """
    step, finest = (np.exp2(-np.asarray(one.fraction, float)) for one in (cut, kind))
    return np.rint(2 * (1 - finest / step)) / 4 * step


def with_word_bits(network: Network, bits: int) -> Network:
    """Return the network with the highest `bits` bits of each word, where it has more.

    Bits that are left out are worth half a step on average, which goes into the biases of the dense layers behind.

    Args:
        network: in which the words are quantizers right behind inputs that truncate and wrap; others stay.
        bits: at least 1.
    """
    inputs = {one.name for one in network.inputs}
    cut, missing = {}, {}
    for node in network.nodes:
        if isinstance(node.op, Quantize) and node.inputs[0] in inputs and is_word(node.op.type):
            kind = node.op.type
            width = np.minimum(kind.width, bits)
            cut[node.name] = FixedPoint(width, np.where(width > 0, kind.integer, 0), kind.signed)
            missing[node.name] = np.broadcast_to(-mean_left_out(kind, cut[node.name]), network.shapes[node.name])
    if not any(one.any() for one in missing.values()):
        return network
    nodes = tuple(_with_type(node, cut.get(node.name)) for node in network.nodes)
    try:
        nodes = absorbed(nodes, missing, cut)
    except UnsupportedLayerError:
        pass  # something else than a dense layer takes them, and gets them as they are
    kinds = {node.inputs[0]: cut[node.name] for node in network.nodes if node.name in cut}
    inputs = tuple(
        one if one.precision is None else replace(one, precision=kinds.get(one.name, one.precision))
        for one in network.inputs
    )
    return replace(network, nodes=nodes, inputs=inputs)


def _with_type(node: Node, kind: FixedPoint | None) -> Node:
    return node if kind is None else replace(node, op=Quantize(kind), output=node.output and kind)
