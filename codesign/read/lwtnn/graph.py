"""lwtnn's graph format, read: a table from the type of a node to function."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from codesign.errors import CodesignError, UnsupportedLayerError, nearest
from codesign.network import Network
from codesign.network.ends import with_standardisation
from codesign.network.ops import Add, Concatenate, Reshape, Slice, Sum
from codesign.read.graph_builder import GraphBuilder, Value, used_nodes
from codesign.read.lwtnn.layers import RECURRENT, Layers
from codesign.read.lwtnn.values import number, typed, whole
from codesign.read.names import Names
from codesign.read.options import ReadOptions

_MOST = 2**20
_INPUTS = MappingProxyType({"input": "inputs", "input_sequence": "input_sequences"})


def unpack_graph(content: Mapping[str, object], options: ReadOptions) -> tuple[Network, Names]:
    """Return the network in the object of a file, and its names.

    Raises:
        DataError, UnsupportedLayerError: as :func:`codesign.export.read_json`; they name the node.
    """
    graph = _Graph(content, options)
    for index, packed in enumerate(typed(content, "nodes", list, "file: ")):
        graph.add(packed, f"node {index}: ")
    outputs = typed(content, "outputs", dict, "file: ")
    values, labels = [], []
    for name, packed in outputs.items():
        where = f"output '{name}': "
        found = graph.values[whole(packed, "node_index", where, len(graph.values))]
        value = graph.vector(found, name)
        values.append(value)
        labels += _texts(typed(packed, "labels", list, where), value.shape[-1], where)
    names = graph.builder.as_outputs(values)
    network = Network(used_nodes(graph.builder.nodes, names), graph.builder.inputs, names)
    offset, scale = (np.concatenate(parts) for parts in zip(*graph.standardisation))
    network = with_standardisation(network, offset, scale)
    own = {"outputs": tuple(labels)} if len(labels) == network.n_outputs else {}
    own |= {"inputs": tuple(graph.variables)} if len(graph.variables) == network.n_inputs else {}
    return network, Names(typed(content, "name", str, "file: ") if "name" in content else "network", **own).of(network)


class _Graph:
    """The nodes so far; what a recurrent layer gives is a sequence, and its last step where a vector is taken."""

    def __init__(self, content: Mapping[str, object], options: ReadOptions) -> None:
        self._content, self._options = content, options
        self._layers = typed(content, "layers", list, "file: ")
        self.builder = GraphBuilder()
        self.layers = Layers(self.builder)
        self.standardisation: list[tuple[np.ndarray, np.ndarray]] = []
        self.variables: list[str] = []
        self.values: list[Value] = []
        self._recurrent: set[str] = set()

    def add(self, packed: Mapping[str, object], where: str) -> None:
        """Add a node of the file."""
        kind = typed(packed, "type", str, where)
        if kind in _INPUTS:
            self._add_input(packed, kind, where)
            return
        if kind not in _NODES:
            expected = ", ".join((*_INPUTS, *_NODES))
            raise UnsupportedLayerError(f"{where}expected type {expected}. Received: {kind}{nearest(kind, _NODES)}")
        sources = [
            self.values[whole({"sources": one}, "sources", where, len(self.values))]
            for one in typed(packed, "sources", list, where)
        ]
        if not sources:
            raise UnsupportedLayerError(f"{where}expected sources. Received: none")
        try:
            self.values.append(_NODES[kind](self, f"{kind}_{len(self.values)}", packed, sources, where))
        except CodesignError as error:
            raise type(error)(f"{where}{str(error).removeprefix(where)}") from None

    def vector(self, value: Value, name: str) -> Value:
        """Return the last step of what a recurrent layer gives; another value as it is."""
        if value.name not in self._recurrent:
            return value
        last = self.builder.add(f"{name}_last", Slice(value.shape[0] - 1, value.shape[0], 1), value)
        return self.builder.add(f"{name}_last", Reshape(value.shape[1:]), last)

    def layer(self, name: str, packed: Mapping[str, object], sources: Sequence[Value], where: str) -> Value:
        """Add a node's layer behind its one source."""
        index = whole(packed, "layer_index", where, len(self._layers))
        layer, place = self._layers[index], f"layer {index}: "
        if len(sources) != 1:
            kind = typed(layer, "architecture", str, place)
            raise UnsupportedLayerError(f"{where}expected one source for {kind}. Received: {len(sources)}")
        value = self.layers.add(name, layer, sources[0], place)
        if layer["architecture"] in RECURRENT:
            self._recurrent.add(value.name)
        return value

    def _add_input(self, packed: Mapping[str, object], kind: str, where: str) -> None:
        entries = typed(self._content, _INPUTS[kind], list, "file: ")
        sources = typed(packed, "sources", list, where)
        index = whole({"sources": sources[0] if len(sources) == 1 else None}, "sources", where, len(entries))
        where = f"{_INPUTS[kind]} {index}: "
        variables = [
            (typed(one, "name", str, where), number(one, "offset", where), number(one, "scale", where))
            for one in typed(entries[index], "variables", list, where)
        ]
        name = typed(entries[index], "name", str, where)
        shape = (len(variables),)
        if kind == "input_sequence":
            steps = whole(entries[index], "length", where, _MOST) if "length" in entries[index] else None
            shape = self._options.shape_of(name, (steps, *shape), self._names())
        value = self.builder.add_input(name, shape)
        self.values.append(value)
        names, offset, scale = zip(*variables)
        self.variables += names
        self.standardisation.append(tuple(np.broadcast_to(part, shape).ravel() for part in (offset, scale)))

    def _names(self) -> list[str]:
        """The names of all inputs."""
        entries = [one for key in _INPUTS.values() for one in self._content.get(key) or []]
        return [str(one.get("name")) for one in entries if isinstance(one, dict)]


def _texts(values: Sequence[object], size: int, where: str) -> list[str]:
    if len(values) != size or not all(isinstance(one, str) for one in values):
        raise UnsupportedLayerError(f"{where}expected {size} labels. Received: {len(values)}, or not names")
    return list(values)


def _of(axes: int, read: Callable[..., Value]) -> Callable[..., Value]:
    """What reads a node of sources of so many axes."""

    def checked(graph: _Graph, name: str, packed: Mapping, sources: Sequence[Value], where: str) -> Value:
        if axes == 1:
            sources = [graph.vector(one, name) for one in sources]
        shapes = [one.shape for one in sources]
        if any(len(shape) != axes for shape in shapes):
            raise UnsupportedLayerError(f"{where}expected sources of {axes} axes each. Received: {shapes}")
        return read(graph, name, packed, sources, where)

    return checked


_NODES: Mapping[str, Callable[..., Value]] = MappingProxyType(
    {
        "feed_forward": _of(1, _Graph.layer),
        "time_distributed": _of(2, _Graph.layer),
        "sequence": _of(2, _Graph.layer),
        "concatenate": _of(
            1, lambda graph, name, packed, sources, where: graph.builder.add(name, Concatenate(), *sources)
        ),
        "add": _of(1, lambda graph, name, packed, sources, where: graph.builder.add(name, Add(), *sources)),
        "sum": _of(2, lambda graph, name, packed, sources, where: graph.builder.add(name, Sum(1), *sources)),
    }
)
