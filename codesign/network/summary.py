"""What a Network says about itself: one line, and a table as Keras's ``model.summary()`` prints it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from codesign.network.layer import DenseLayer
from codesign.network.ops import KEY_OPS, Embedding, Quantize, Table
from codesign.network.types.fixed_point import FixedPoint

if TYPE_CHECKING:
    from codesign.network.network import Network
    from codesign.network.node import Node

_HEADINGS = ("layer", "activation", "in -> out", "weights, not 0", "weight", "bias", "output")
_FLOAT = "float"


def one_line(network: "Network") -> str:
    """Return sizes, weights and whether the network has fixed-point types, in one line."""
    types = "float" if network.input_precision is None else f"inputs {network.input_precision}"
    tables = "".join(f", {text}" for text in _table_texts(network))
    return f"{type(network).__name__}({size_text(network)}, {network.n_weights:,} weights{tables}, {types})"


def size_text(network: "Network") -> str:
    """Return the sizes of a chain, whatever its two ends are; of a graph, what it is."""
    from codesign.network.ends import split_softmax, split_standardisation

    core = split_softmax(split_standardisation(network)[1])[0]
    return "-".join(map(str, core.sizes)) if core.is_chain else _graph_text(network)


def layer_line(layer: DenseLayer) -> str:
    """Return name, sizes, activation and weight type of a layer, in one line."""
    return f"DenseLayer('{layer.name}', {layer.n_in} -> {layer.n_out}, {layer.activation}, {_weight_text(layer)})"


def summary_table(network: "Network") -> str:
    """Return the table: a row for each layer, and the totals."""
    rows = [(one.name, "", _shape_text(one.shape), "", "", "", _text(one.precision)) for one in network.inputs]
    layers = {group.last.name: _row(layer) for group, layer in zip(network.groups, network.layers)}
    inner = {name for group in network.groups for name in group.names}
    for node in network.nodes:
        if node.name in layers:
            rows.append(layers[node.name])
        elif node.name not in inner:
            rows.append(_node_row(node, network))
    size = sum(layer.kernel.size for layer in network.layers)
    biases = sum(layer.bias.size for layer in network.layers)
    total = f"{network.n_weights:,} of {size:,} weights are not 0; {biases:,} biases"
    totals = "; ".join([total, *_table_texts(network)])
    return "\n".join([one_line(network), *aligned([_HEADINGS, *rows]), totals])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines with aligned columns, the first one above a rule."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    rule = "-" * max(map(len, lines))
    return [rule, lines[0], rule, *lines[1:], rule]


def _row(layer: DenseLayer) -> tuple[str, ...]:
    precision = layer.precision
    weights = f"{np.count_nonzero(layer.kernel):,} of {layer.kernel.size:,}"
    bias, output = (None, None) if precision is None else (precision.bias, precision.output or precision.result)
    exact = "exact" if precision is not None and output is None else _text(output or layer.quantizer)
    sizes = f"{layer.n_in} -> {layer.n_out}"
    return layer.name, layer.activation, sizes, weights, _weight_text(layer), _text(bias), exact


def _node_row(node: "Node", network: "Network") -> tuple[str, ...]:
    """What an op that is no layer is, of which shapes."""
    sizes = (
        f"{', '.join(_shape_text(network.shapes[name]) for name in node.inputs)} -> "
        f"{_shape_text(network.shapes[node.name])}"
    )
    types = getattr(node.op, "types", None)
    constants = ("", "") if types is None else (_text(types.weight), _text(types.bias))
    if isinstance(node.op, Table | Embedding) and node.op.type is not None:
        constants = (_text(node.op.type), "")
    held = node.op.type if isinstance(node.op, Quantize) else None
    is_float = network.input_precision is None
    exact = _text(node.output or held) if node.output or held or is_float else "exact"
    return node.name, node.op.name, sizes, "", *constants, exact


def _table_texts(network: "Network") -> list[str]:
    """How many tables there are, and how many keys for them; nothing where there are none."""
    tables = sum(len(node.op.keys) for node in network.nodes if isinstance(node.op, Table))
    keys = sum(node.op.index.size for node in network.nodes if isinstance(node.op, KEY_OPS))
    return [f"{tables:,} tables", f"{keys:,} keys"] if tables or keys else []


def _graph_text(network: "Network") -> str:
    inputs = ", ".join(f"{one.name} {_shape_text(one.shape)}" for one in network.inputs)
    outputs = ", ".join(f"{name} {_shape_text(network.shapes[name])}" for name in network.outputs)
    return f"{inputs} -> {len(network.nodes)} nodes -> {outputs}"


def _shape_text(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _weight_text(layer: DenseLayer) -> str:
    return _text(None if layer.precision is None else layer.precision.weight)


def _text(precision: FixedPoint | None) -> str:
    return _FLOAT if precision is None else str(precision)
