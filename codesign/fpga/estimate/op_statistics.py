"""What the estimate counts of a graph: its dense layers, every other op as additions, and which takes from which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.fpga.estimate.statistics import LayerStatistics, layer_statistics, pair_counts
from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    Dot,
    Embedding,
    Max,
    Maximum,
    Mean,
    Minimum,
    Multiply,
    Op,
    Subtract,
    Sum,
)
from codesign.network.ops.activation import TABLES

_QUOTIENT_TERMS = 4  # of a mean: a constant of some signed digits


@dataclass(frozen=True)
class GraphStatistics:
    """Counts of what costs something, in order.

    Args:
        layers: the counts.
        reuse_factors: of each; 1 for what is no dense layer.
        sources: for each, the indices of those whose values it takes.
        names: of the nodes, the dense one of a layer.
    """

    layers: tuple[LayerStatistics, ...]
    reuse_factors: tuple[int, ...]
    sources: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]


def graph_statistics(network: Network, reuse_factors: Sequence[int]) -> GraphStatistics:
    """Count what the estimate needs of a network.

    Args:
        network: with every type.
        reuse_factors: one for each of its layers.
    """
    dense = {
        group.dense.name: (layer_statistics(fixed), factor)
        for group, fixed, factor in zip(network.groups, network.fixed_layers, reuse_factors)
    }
    inner = {name for group in network.groups for name in group.names} - set(dense)
    found, sources, names, givers = [], [], [], {one.name: () for one in network.inputs}
    for node in network.nodes:
        before = tuple(sorted({index for name in node.inputs for index in givers[name]}))
        counted = dense.get(node.name) or (None if node.name in inner else _other(network, node))
        givers[node.name] = before if counted is None else (len(found),)
        if counted is not None:
            found.append(counted)
            sources.append(before)
            names.append(node.name)
    layers, factors = (tuple(part) for part in zip(*found)) if found else ((), ())
    return GraphStatistics(layers, factors, tuple(sources), tuple(names))


def _other(network: Network, node: Node) -> tuple[LayerStatistics, int] | None:
    """The counts of an op that is not dense, or None of one that costs nothing."""
    count = _COUNTED.get(type(node.op))
    return None if count is None else (count(network, node), 1)


def _widths(network: Network, node: Node) -> dict[str, int]:
    """Widths of the widest input, of a second one, and of the output."""
    inputs = sorted((int(network.types[name].envelope.width) for name in node.inputs), reverse=True)
    output = int(network.types[node.name].envelope.width)
    second = inputs[1] if len(inputs) > 1 else 1
    return {"input_width": inputs[0], "weight_width": second, "accum_width": output, "output_width": output}


def _sums(network: Network, node: Node) -> LayerStatistics:
    """Each value that is added, or compared, counts as a weight of 1."""
    taken, given = sum(prod(network.shapes[name]) for name in node.inputs), prod(network.shapes[node.name])
    terms = taken
    if isinstance(node.op, Mean):
        n = taken // given
        terms += _QUOTIENT_TERMS * given * bool(n & (n - 1))
    widths = _widths(network, node) | {"weight_width": 1}
    return LayerStatistics(taken, given, **widths, largest_width=1, nonzero=terms, powers_of_two=terms)


def _products(network: Network, node: Node) -> LayerStatistics:
    """A product of two values: a multiplier, or an addition for each bit of the narrower."""
    taken, given = prod(network.shapes[node.inputs[0]]), prod(network.shapes[node.name])
    n, widths = max(taken, given) * (len(node.inputs) - 1), _widths(network, node)
    return LayerStatistics(taken, given, **widths, largest_width=widths["weight_width"], nonzero=n, heavy_pairs=n)


def _affine(network: Network, node: Node) -> LayerStatistics:
    kind, n = node.op.types.weight, prod(network.shapes[node.name])
    codes = np.broadcast_to(kind.to_codes(node.op.factor), network.shapes[node.name]).ravel()
    widths = _widths(network, node) | {"weight_width": int(kind.envelope.width)}
    return LayerStatistics(n, n, **widths, **pair_counts(codes[:, np.newaxis]))


def _activation(network: Network, node: Node) -> LayerStatistics:
    op, n = node.op, prod(network.shapes[node.name])
    bits = op.table_size * op.table.width if op.function in (*TABLES, "softmax") else 0
    return _free(n, _widths(network, node), op.function, int(bits))


def _embedding(network: Network, node: Node) -> LayerStatistics:
    table, kind = node.op.table, FixedPoint(1, 1) if node.op.type is None else node.op.type.envelope
    return _free(prod(network.shapes[node.name]), _widths(network, node), "embedding", len(table) * int(kind.width))


def _free(n: int, widths: Mapping[str, int], function: str, table_bits: int) -> LayerStatistics:
    """What has no weights."""
    return LayerStatistics(n, n, **widths, largest_width=0, nonzero=0, activation=function, table_bits=table_bits)


_COUNTED: Mapping[type[Op], Callable[[Network, Node], LayerStatistics]] = MappingProxyType(
    {
        **dict.fromkeys((Add, Subtract, Maximum, Minimum, Sum, Mean, Max), _sums),
        **dict.fromkeys((Multiply, Dot), _products),
        Affine: _affine,
        Activation: _activation,
        Embedding: _embedding,
    }
)
