"""The offsets of a detector's words, which no hardware subtracts: the biases of the dense layers behind have them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network import Node
from codesign.network.absorb_offset import absorbed
from codesign.network.ops import Affine
from codesign.read.graph_builder import GraphBuilder


def with_offsets(builder: GraphBuilder, nodes: Sequence[Node]) -> list[Node]:
    """Return nodes that subtract the builder's offsets.

    In the biases, wherever dense layers alone take the words, else in an affine node behind them.

    Args:
        builder: whose offsets stand behind quantizers.
        nodes: sorted, of the builder.
    """
    offsets = {node.name: builder.offsets[node.name] for node in nodes if node.name in builder.offsets}
    kinds = {node.name: node.op.type for node in nodes if node.name in offsets}
    try:
        return list(absorbed(nodes, offsets, kinds))
    except (PrecisionError, UnsupportedLayerError):
        return _with_affines(builder, nodes)


def _with_affines(builder: GraphBuilder, nodes: Sequence[Node]) -> list[Node]:
    found, names = [], {}
    for node in nodes:
        found.append(replace(node, inputs=tuple(names.get(name, name) for name in node.inputs)))
        offset = builder.offsets.get(node.name)
        if offset is not None:
            name = names[node.name] = builder.free(f"{node.name}_centred")
            builder.origins[name] = builder.origins[node.name]
            op = Affine(np.ones(offset.shape), -offset)
            found.append(Node(name, op, (node.name,)))
    return found
