"""lwtnn's graph format, read: a table from the type of a node to function."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from codesign.errors import CodesignError, DataError, UnsupportedLayerError, nearest
from codesign.network import Input, Network, Node
from codesign.network.ends import with_standardisation
from codesign.network.ops import Activation, Add, Affine, Concatenate, Dense, Op, Quantize, Shape, Sum
from codesign.read.lwtnn.chain import unpack_activation
from codesign.read.lwtnn.quantizer import QUANTIZER, unpack_quantizer
from codesign.read.lwtnn.values import number, numbers, typed
from codesign.read.names import Names

_MOST = 2**20
_INPUTS = MappingProxyType({"input": "inputs", "input_sequence": "input_sequences"})


def unpack_graph(content: Mapping[str, object]) -> tuple[Network, Names]:
    """Return the network in the object of a file, and its names.

    Raises:
        DataError, UnsupportedLayerError: as :func:`codesign.export.read_json`; they name the node.
    """
    graph = _Graph(content)
    for index, packed in enumerate(typed(content, "nodes", list, "file: ")):
        graph.add(packed, f"node {index}: ")
    outputs = typed(content, "outputs", dict, "file: ")
    names, labels = [], []
    for name, packed in outputs.items():
        where = f"output '{name}': "
        found = graph.names[whole(packed, "node_index", where, len(graph.names))]
        names.append(found)
        labels += _texts(typed(packed, "labels", list, where), graph.shapes[found], where)
    network = Network(graph.nodes, graph.inputs, names)
    offset, scale = (np.concatenate(parts) for parts in zip(*graph.standardisation))
    network = with_standardisation(network, offset, scale)
    own = {"outputs": tuple(labels)} if len(labels) == network.n_outputs else {}
    own |= {"inputs": tuple(graph.variables)} if len(graph.variables) == network.n_inputs else {}
    return network, Names(typed(content, "name", str, "file: ") if "name" in content else "network", **own).of(network)


class _Graph:
    """The nodes so far."""

    def __init__(self, content: Mapping[str, object]) -> None:
        self._content = content
        self._layers = typed(content, "layers", list, "file: ")
        self.inputs: list[Input] = []
        self.standardisation: list[tuple[np.ndarray, np.ndarray]] = []
        self.variables: list[str] = []
        self.nodes: list[Node] = []
        self.names: list[str] = []
        self.shapes: dict[str, Shape] = {}

    def add(self, packed: Mapping[str, object], where: str) -> None:
        """Add a node of the file."""
        kind = typed(packed, "type", str, where)
        if kind in _INPUTS:
            self._add_input(packed, kind, where)
            return
        if kind not in _OPS:
            expected = ", ".join((*_INPUTS, *_OPS))
            raise UnsupportedLayerError(f"{where}expected type {expected}. Received: {kind}{nearest(kind, _OPS)}")
        sources = [
            self.names[whole({"sources": one}, "sources", where, len(self.names))]
            for one in typed(packed, "sources", list, where)
        ]
        name = f"{kind}_{len(self.names)}"
        try:
            *before, last = _OPS[kind](self, packed, [self.shapes[one] for one in sources], where)
            for op in before:
                sources = [self._append(f"{name}_sums", op, sources)]
            self.names.append(self._append(name, last, sources))
        except CodesignError as error:
            raise type(error)(f"{where}{str(error).removeprefix(where)}") from None

    def _append(self, name: str, op: Op, sources: Sequence[str]) -> str:
        self.nodes.append(Node(name, op, sources))
        self.shapes[name] = op.shape(*(self.shapes[one] for one in sources))
        return name

    def layer(self, packed: Mapping[str, object], shapes: Sequence[Shape], where: str) -> list[Op]:
        """Return the ops of a node's layer, one behind the other."""
        index = whole(packed, "layer_index", where, len(self._layers))
        layer, where = self._layers[index], f"layer {index}: "
        kind = typed(layer, "architecture", str, where)
        if kind == QUANTIZER:
            return [Quantize(unpack_quantizer(layer, shapes[0][-1], where))]
        if kind not in ("dense", "normalization"):
            expected = f"{where}expected architecture dense, normalization or {QUANTIZER}"
            raise UnsupportedLayerError(f"{expected}. Received: {kind}")
        weights, bias = (numbers(layer, key, where).astype(np.float64) for key in ("weights", "bias"))
        n_in = shapes[0][-1]
        if kind == "normalization":
            if weights.shape != (n_in,) or bias.shape != (n_in,):
                received = f"{weights.size} and {bias.size}"
                raise DataError(f"{where}expected {n_in} weights and as many biases. Received: {received}")
            return [Affine(weights, bias * weights)]
        if not weights.size and not bias.size:
            return [_activation(layer, where)]
        if not bias.size or weights.size != n_in * bias.size:
            received = f"{weights.size} weights, {bias.size} biases"
            raise DataError(f"{where}expected weights of {bias.size} units x {n_in} inputs. Received: {received}")
        dense, function = Dense(weights.reshape(bias.size, n_in).T, bias), _activation(layer, where)
        return [dense] if function.function == "linear" else [dense, function]

    def _add_input(self, packed: Mapping[str, object], kind: str, where: str) -> None:
        entries = typed(self._content, _INPUTS[kind], list, "file: ")
        sources = typed(packed, "sources", list, where)
        index = whole({"sources": sources[0] if len(sources) == 1 else None}, "sources", where, len(entries))
        where = f"{_INPUTS[kind]} {index}: "
        variables = [
            (typed(one, "name", str, where), number(one, "offset", where), number(one, "scale", where))
            for one in typed(entries[index], "variables", list, where)
        ]
        length = [whole(entries[index], "length", where, _MOST)] if kind == "input_sequence" else []
        shape = (*length, len(variables))
        self.inputs.append(Input(typed(entries[index], "name", str, where), shape))
        name = self.inputs[-1].name
        self.shapes[name] = shape
        self.names.append(name)
        names, offset, scale = zip(*variables)
        self.variables += names
        self.standardisation.append(tuple(np.broadcast_to(part, shape).ravel() for part in (offset, scale)))


def whole(packed: object, key: str, where: str, end: int) -> int:
    """Return a whole number from 0 to below `end`."""
    value = typed(packed, key, float, where)
    if not value.is_integer() or not 0 <= value < end:
        raise DataError(f"{where}expected a whole number from 0 to {end - 1} for '{key}'. Received: {value:g}")
    return int(value)


def _activation(layer: Mapping[str, object], where: str) -> Activation:
    function = layer.get("activation")
    if isinstance(function, dict):
        kind, alpha = typed(function, "function", str, where), number(function, "alpha", where)
        if kind == "leakyrelu":
            return Activation("leaky_relu", alpha)
        if kind == "swish" and alpha == 1:
            return Activation("swish")
        expected = f"{where}expected the function leakyrelu, or swish with alpha 1"
        raise UnsupportedLayerError(f"{expected}. Received: {kind} with alpha {alpha:g}")
    if function == "hard_sigmoid":
        return Activation("hard_sigmoid", 0.2)
    return Activation(unpack_activation(typed(layer, "activation", str, where), where))


def _texts(values: Sequence[object], shape: Shape, where: str) -> list[str]:
    if len(values) != shape[-1] or not all(isinstance(one, str) for one in values):
        raise DataError(f"{where}expected {shape[-1]} labels. Received: {len(values)}, or not names")
    return list(values)


def _of(axes: int, ops: Callable[..., list[Op]]) -> Callable[..., list[Op]]:
    """Ops of sources of so many axes."""

    def read(graph: _Graph, packed: Mapping[str, object], shapes: Sequence[Shape], where: str) -> list[Op]:
        if any(len(shape) != axes for shape in shapes) or not shapes:
            raise UnsupportedLayerError(f"{where}expected sources of {axes} axes each. Received: {shapes}")
        return ops(graph, packed, shapes, where)

    return read


_OPS: Mapping[str, Callable[..., list[Op]]] = MappingProxyType(
    {
        "feed_forward": _of(1, _Graph.layer),
        "time_distributed": _of(2, _Graph.layer),
        "concatenate": _of(1, lambda graph, packed, shapes, where: [Concatenate()]),
        "add": _of(1, lambda graph, packed, shapes, where: [Add()]),
        "sum": _of(2, lambda graph, packed, shapes, where: [Sum(1)]),
    }
)
