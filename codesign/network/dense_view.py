"""Dense layers as Keras and hls4ml have them: a dense op with activation and quantizer directly behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from codesign.network.layer import ACTIVATIONS, DenseLayer, LayerPrecision
from codesign.network.node import Input, Node
from codesign.network.ops import Activation, ConstantTypes, Dense, FixedDense, FixedOp, Quantize
from codesign.network.types.fixed_point import FixedPoint

_INPUT = "inputs"
_TABLES = ("sigmoid", "tanh")


@dataclass(frozen=True, eq=False)
class FixedLayer:
    """A layer in integers.

    Args:
        layer: with precision.
        dense: its sums.
        output: type behind its activation.
        positions: at which it is evaluated: 1, or more for a shared layer.
    """

    layer: DenseLayer
    dense: FixedDense
    output: FixedPoint
    positions: int = 1


@dataclass(frozen=True)
class LayerNodes:
    """The nodes of one layer: dense, and what follows, or None."""

    dense: Node
    activation: Node | None = None
    quantizer: Node | None = None

    @property
    def last(self) -> Node:
        """The node that gives the layer's output."""
        return self.quantizer or self.activation or self.dense

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the nodes."""
        return tuple(node.name for node in (self.dense, self.activation, self.quantizer) if node is not None)

    def as_layer(self) -> DenseLayer:
        """Return the layer."""
        op, function = self.dense.op, self.activation.op if self.activation else None
        precision = None
        if op.types is not None:
            tables = {"table": function.table, "table_size": function.table_size} if function else {}
            output = self.last.output if self.last is not self.dense else None
            types = {"accum": op.types.accum, "result": self.dense.output, "output": output}
            precision = LayerPrecision(op.types.weight, op.types.bias, **types, **tables)
        activation = function.function if function else "linear"
        quantizer = self.quantizer.op.type if self.quantizer else None
        return DenseLayer(self.dense.name, op.kernel, op.bias, activation, precision, quantizer)


def layer_nodes(nodes: Sequence[Node], outputs: Sequence[str]) -> tuple[LayerNodes, ...]:
    """Return the layers of a graph, one for each dense op, in order."""
    users: dict[str, list[Node]] = {}
    for node in nodes:
        for name in node.inputs:
            users.setdefault(name, []).append(node)

    def follower(node: Node, kind: type) -> Node | None:
        found = users.get(node.name, ())
        alone = len(found) == 1 and node.name not in outputs and isinstance(found[0].op, kind)
        is_layers = alone and getattr(found[0].op, "function", "linear") in ACTIVATIONS
        is_plain = (
            all(getattr(found[0].op, name, None) is None for name in ("max_value", "firmware")) if alone else False
        )
        return found[0] if is_layers and is_plain else None

    layers = []
    for node in nodes:
        if isinstance(node.op, Dense):
            activation = follower(node, Activation)
            layers.append(LayerNodes(node, activation, follower(activation or node, Quantize)))
    return tuple(layers)


def chain_nodes(
    layers: Sequence[DenseLayer], input_precision: FixedPoint | None, input_quantizer: FixedPoint | None
) -> tuple[list[Node], list[Input], list[str]]:
    """Return nodes, inputs and outputs of layers in a row."""
    taken = {_free(_INPUT, {layer.name for layer in layers})}
    source = min(taken)
    inputs = [Input(source, (layers[0].n_in,), input_precision)]
    taken |= {layer.name for layer in layers}
    nodes: list[Node] = []
    if input_quantizer is not None:
        nodes.append(Node(_free(f"{source}_quantizer", taken), Quantize(input_quantizer), (source,)))
        source = nodes[-1].name
    for layer in layers:
        for node in _nodes_of(layer, source, taken):
            nodes.append(node)
            source = node.name
    return nodes, inputs, [source]


def is_chain(nodes: Sequence[Node], groups: Sequence[LayerNodes], has_input_quantizer: bool) -> bool:
    """Whether layers in a row, perhaps behind a quantizer of the inputs, are all there is."""
    return all(len(node.inputs) == 1 for node in nodes) and len(nodes) == has_input_quantizer + sum(
        len(group.names) for group in groups
    )


def _nodes_of(layer: DenseLayer, source: str, taken: set[str]) -> Iterator[Node]:
    """The nodes of a layer, one behind the other; `taken` grows by their names."""
    precision = layer.precision
    types = None if precision is None else ConstantTypes(precision.weight, precision.bias, precision.accum)
    result, output = (None, None) if precision is None else (precision.result, precision.output)
    yield Node(layer.name, Dense(layer.kernel, layer.bias, types), (source,), result)
    source = layer.name
    if layer.activation != "linear" or (output is not None and layer.quantizer is None):
        tables = {} if precision is None else {"table": precision.table, "table_size": precision.table_size}
        kept = output
        if layer.quantizer is not None and output is not None:  # one rounding, at the quantizer
            kept = precision.table if layer.activation in _TABLES else None
        name = _free(f"{layer.name}_{layer.activation}", taken)
        yield Node(name, Activation(layer.activation, **tables), (source,), kept)
        source = name
    if layer.quantizer is not None:
        yield Node(_free(f"{layer.name}_quantizer", taken), Quantize(layer.quantizer), (source,), output)


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it where it is taken, and take it."""
    found = next(one for one in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if one not in taken)
    taken.add(found)
    return found


def fixed_layers(
    groups: Sequence[LayerNodes], layers: Sequence[DenseLayer], bound: Mapping[str, FixedOp]
) -> tuple[FixedLayer, ...]:
    """Return the layers of a graph in integers."""
    found = []
    for group, layer in zip(groups, layers):
        dense = bound[group.dense.name]
        found.append(FixedLayer(layer, dense, bound[group.last.name].output, prod(dense.input.shape[:-1])))
    return tuple(found)
