"""What a Network says about itself: one line, and a table as Keras's ``model.summary()`` prints it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer

if TYPE_CHECKING:
    from codesign.network.network import Network

_HEADINGS = ("layer", "activation", "in -> out", "weights, not 0", "weight", "bias", "output")
_FLOAT = "float"


def one_line(network: "Network") -> str:
    """Return sizes, weights and whether the network has fixed-point types, in one line."""
    sizes = "-".join(map(str, network.sizes))
    types = "float" if network.input_precision is None else f"inputs {network.input_precision}"
    return f"{type(network).__name__}({sizes}, {network.n_weights:,} weights, {types})"


def layer_line(layer: DenseLayer) -> str:
    """Return name, sizes, activation and weight type of a layer, in one line."""
    return f"DenseLayer('{layer.name}', {layer.n_in} -> {layer.n_out}, {layer.activation}, {_weight_text(layer)})"


def summary_table(network: "Network") -> str:
    """Return the table: a row for each layer, and the totals."""
    rows = [("inputs", "", str(network.n_inputs), "", "", "", _text(network.input_precision))]
    rows += [_row(layer) for layer in network.layers]
    size = sum(layer.kernel.size for layer in network.layers)
    biases = sum(layer.bias.size for layer in network.layers)
    total = f"{network.n_weights:,} of {size:,} weights are not 0; {biases:,} biases"
    return "\n".join([one_line(network), *aligned([_HEADINGS, *rows]), total])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines with aligned columns, the first one above a rule."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    rule = "-" * max(map(len, lines))
    return [rule, lines[0], rule, *lines[1:], rule]


def _row(layer: DenseLayer) -> tuple[str, ...]:
    precision = layer.precision
    weights = f"{np.count_nonzero(layer.kernel):,} of {layer.kernel.size:,}"
    bias, output = (None, None) if precision is None else (precision.bias, precision.output)
    exact = "exact" if precision is not None and output is None else _text(output or layer.quantizer)
    sizes = f"{layer.n_in} -> {layer.n_out}"
    return layer.name, layer.activation, sizes, weights, _weight_text(layer), _text(bias), exact


def _weight_text(layer: DenseLayer) -> str:
    return _text(None if layer.precision is None else layer.precision.weight)


def _text(precision: FixedPoint | None) -> str:
    return _FLOAT if precision is None else str(precision)
