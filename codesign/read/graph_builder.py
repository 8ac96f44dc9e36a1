"""GraphBuilder: the nodes of a network while a front end walks over a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from codesign.errors import CodesignError, UnsupportedLayerError
from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ops import Activation, Op, Quantize, Shape


@dataclass(frozen=True)
class Value:
    """What a node or an input gives.

    Args:
        name: of the node or the input.
        shape: of an event's values.
    """

    name: str
    shape: Shape


@dataclass
class GraphBuilder:
    """Nodes so far; each is called after the layer that it comes from.

    Attributes:
        inputs, nodes: as :class:`codesign.network.Network` takes them.
        origins: the layer of each node, by the node's name.
        constants: what was made of a layer, by the id of the layer: one that is called again is the same op.
        masks: which steps count, 1 or 0, (steps, 1), by the name of the value that they are of.
        selections: names of dense nodes that only choose some of what they take.
        offsets: what is still to be subtracted behind a node, and so from what comes next, by the node's name.
    """

    inputs: list[Input] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    constants: dict[object, object] = field(default_factory=dict)
    offsets: dict[str, np.ndarray] = field(default_factory=dict)
    masks: dict[str, Value] = field(default_factory=dict)
    selections: set[str] = field(default_factory=set)
    _taken: set[str] = field(default_factory=set)
    _reserved: set[str] = field(default_factory=set)

    def add_input(self, name: str, shape: Shape, precision: FixedPoint | None = None) -> Value:
        """Add an input of the network, with the type of a design where the file states it."""
        self.inputs.append(Input(self.free(name), shape, precision))
        return Value(self.inputs[-1].name, self.inputs[-1].shape)

    def add(
        self, origin: str, op: Op, *values: Value, name: str | None = None, output: FixedPoint | None = None
    ) -> Value:
        """Add a node behind others.

        Args:
            origin: name of the layer that it comes from.
            name: what it is called; None: as the layer, or the layer and the op.
            output: type of a design behind it, where the file states it.

        Raises:
            UnsupportedLayerError: for shapes that do not fit; it names the layer and what it takes.
        """
        try:
            shape = op.shape(*(value.shape for value in values))
        except CodesignError as error:
            behind = " and ".join(f"'{value.name}'" for value in values)
            raise UnsupportedLayerError(f"layer '{origin}', behind {behind}: {error}") from None
        word = "quantizer" if isinstance(op, Quantize) else op.name
        if name is None:
            name = origin if origin in self._reserved or origin not in self._taken else f"{origin}_{word}"
        name = name if name in self._reserved else self.free(name)
        self._reserved.discard(name)
        self.nodes.append(Node(name, op, tuple(value.name for value in values), output))
        self.origins[name] = origin
        return Value(name, shape)

    def origin(self, layer: str) -> str:
        """Return what the first node of a call of this layer will be called."""
        name = self.free(layer)
        self._reserved.add(name)
        return name

    def free(self, name: str) -> str:
        """Return the name, with a number behind it where it is taken, and take it."""
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found)
        return found

    def as_outputs(self, values: Sequence[Value]) -> list[str]:
        """Return names of nodes, each once: an input or a value that is given twice gets a node of its own."""
        inputs, names = {one.name for one in self.inputs}, []
        for value in values:
            if value.name in inputs or value.name in names:
                value = self.add(f"{value.name}_output", Activation("linear"), value)
            names.append(value.name)
        return names


def used_nodes(nodes: Sequence[Node], outputs: Sequence[str]) -> list[Node]:
    """Return the nodes that lead to an output."""
    used, kept = set(outputs), []
    for node in reversed(nodes):
        if node.name in used:
            used.update(node.inputs)
            kept.append(node)
    return kept[::-1]


def with_trained_types(network: Network) -> Network:
    """Return the network with the types of its trained quantizers as those of a design.

    An input has that of the quantizers that alone take it: of several the finest, where the others truncate it.
    """
    nodes = [replace(node, output=node.op.type) if isinstance(node.op, Quantize) else node for node in network.nodes]
    inputs = []
    for one in network.inputs:
        users = [node.op for node in nodes if one.name in node.inputs]
        types = [op.type for op in users if isinstance(op, Quantize)]
        kind = _common_type(types, one.shape) if len(types) == len(users) else None
        inputs.append(one if kind is None else replace(one, precision=kind))
    return replace(network, nodes=tuple(nodes), inputs=tuple(inputs))


def _common_type(types: Sequence[FixedPoint], shape: Shape) -> FixedPoint | None:
    """The type of which all are what is left without some lowest bits; None where there is none."""
    if len(set(types)) <= 1:
        return types[0] if types else None
    width, integer, signed = (
        np.stack([np.broadcast_to(getattr(one, name), shape) for one in types])
        for name in ("width", "integer", "signed")
    )
    widest = (width.argmax(0)[np.newaxis],)
    finest = [np.take_along_axis(part, *widest, axis=0)[0] for part in (width, integer, signed)]
    nested = (width == 0) | ((integer == finest[1]) & (signed == finest[2]))
    cuts = all((one.rounding, one.overflow) == ("TRN", "WRAP") for one in types)
    return FixedPoint(*finest) if cuts and nested.all() else None
