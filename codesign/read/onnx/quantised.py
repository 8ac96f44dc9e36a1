"""Networks with quantisers: biases in the dense ops in front, and types of the constants that were quantised."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from codesign.network import Network, Node, constant_type, exact_type
from codesign.network.ops import Affine, ConstantTypes, Dense, Embedding, Quantize


def has_quantisers(nodes: Sequence[Node]) -> bool:
    """Whether values are rounded."""
    return any(isinstance(node.op, Quantize) for node in nodes)


def with_biases(nodes: Sequence[Node], outputs: Sequence[str]) -> tuple[list[Node], list[str]]:
    """Return nodes and outputs in which what is first added behind a dense op is its bias; factors stay."""
    users = Counter(name for node in nodes for name in node.inputs) + Counter(outputs)
    kept, alias, biased = {}, {}, set()
    for node in nodes:
        node = replace(node, inputs=tuple(alias.get(name, name) for name in node.inputs))
        before = kept.get(node.inputs[0]) if len(node.inputs) == 1 else None
        if before is not None and before.name not in biased and users[before.name] == 1 and _is_bias(before, node):
            biased.add(before.name)
            offset = np.broadcast_to(node.op.offset, before.op.bias.shape)
            kept[before.name] = replace(before, op=Dense(before.op.kernel, before.op.bias + offset))
            alias[node.name], users[before.name] = before.name, users[node.name]
        elif before is not None and _is_nothing(node.op):
            alias[node.name] = before.name
            users[before.name] += users[node.name] - 1
        else:
            kept[node.name] = node
    return list(kept.values()), [alias.get(name, name) for name in outputs]


def _is_bias(before: Node, node: Node) -> bool:
    is_pair = isinstance(before.op, Dense) and isinstance(node.op, Affine)
    return is_pair and node.op.offset.ndim <= 1 and bool((node.op.factor == 1).all()) and not before.op.bias.any()


def _is_nothing(op: object) -> bool:
    return isinstance(op, Affine) and bool((op.factor == 1).all()) and not op.offset.any()


def with_constant_types(network: Network) -> Network:
    """Return a network whose constants have the narrowest types that hold them; none of weights that need more."""
    ops = {}
    for node in network.nodes:
        if isinstance(node.op, Dense) and node.op.types is None:
            weight = exact_type(node.op.kernel)
            if weight is not None:
                ops[node.name] = replace(node.op, types=ConstantTypes(weight, _narrowest(node.op.bias)))
        elif isinstance(node.op, Affine) and node.op.types is None:
            factor = exact_type(node.op.factor)
            if factor is not None:
                ops[node.name] = replace(node.op, types=ConstantTypes(factor, _narrowest(node.op.offset)))
        elif isinstance(node.op, Embedding) and node.op.type is None:
            ops[node.name] = replace(node.op, type=_narrowest(node.op.table))
    return network.with_ops(ops)


def _narrowest(values: np.ndarray) -> object:
    return exact_type(values) or constant_type(values)
