"""Input and Node: what a network is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.ops import Op, Shape
from codesign.network.types.fixed_point import FixedPoint


@checked
@dataclass(frozen=True, eq=False)
class Input:
    """One input of a network.

    Args:
        name: unique within the network.
        shape: of an event's values: (n_features,), or (n_particles, n_features).
        precision: type of a design, of all values or of each; None: floating point only.

    Raises:
        UnsupportedLayerError: for a shape without values.

    Example:
        >>> from codesign import FixedPoint, Input
        >>> Input("particles", (8, 3), FixedPoint(8, 4)).precision.width
        8
    """

    name: str
    shape: Shape
    precision: FixedPoint | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(int(size) for size in self.shape))
        if not self.shape or any(size < 1 for size in self.shape):
            raise UnsupportedLayerError(f"input '{self.name}': expected sizes of 1 or more. Received: {self.shape}")

    @property
    def size(self) -> int:
        """Values of an event."""
        return prod(self.shape)


@checked
@dataclass(frozen=True, eq=False)
class Node:
    """One operation in a network.

    Args:
        name: unique within the network.
        op: what it does.
        inputs: names of the nodes and inputs of the network that it takes, in order.
        output: type of a design behind it; None: one that loses nothing.

    Raises:
        UnsupportedLayerError: for another number of inputs than the op takes.

    Example:
        >>> from codesign import Input, Network, Node
        >>> from codesign.network.ops import Add
        >>> network = Network([Node("sum", Add(), ["a", "b"])], [Input("a", (2,)), Input("b", (2,))], ["sum"])
        >>> network.predict([[1.0, 2.0, 10.0, 20.0]]).tolist()
        [[11.0, 22.0]]
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    output: FixedPoint | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", tuple(self.inputs))
        arity, n = self.op.arity, len(self.inputs)
        if (n < 2) if arity is None else (n != arity):
            raise UnsupportedLayerError(
                f"node '{self.name}': expected {arity or 'two or more'} inputs for {self.op.name}. Received: {n}"
            )


def sorted_nodes(inputs: Sequence[Input], nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes so that each stands behind those that it takes, otherwise in their order.

    Raises:
        UnsupportedLayerError: for names that repeat, a node that takes what is not there, or a cycle: it names the
            nodes.
    """
    names = [one.name for one in (*inputs, *nodes)]
    repeated = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if repeated is not None:
        raise UnsupportedLayerError(f"nodes: expected unique names. Received: '{repeated}' more than once")
    known = set(names)
    for node in nodes:
        missing = next((name for name in node.inputs if name not in known), None)
        if missing is not None:
            raise UnsupportedLayerError(f"node '{node.name}': expected inputs that are there. Received: '{missing}'")
    done, waiting, ordered = {one.name for one in inputs}, list(nodes), []
    while waiting:
        first = next((index for index, node in enumerate(waiting) if done.issuperset(node.inputs)), None)
        if first is None:
            circle = ", ".join(f"'{node.name}'" for node in waiting)
            raise UnsupportedLayerError(f"nodes: expected no cycle. Received: one among {circle}")
        node = waiting.pop(first)
        done.add(node.name)
        ordered.append(node)
    return tuple(ordered)


def check_all_used(nodes: Sequence[Node], outputs: Sequence[str]) -> None:
    """Check that outputs are nodes, each once, and that every node is on the way to one.

    Raises:
        UnsupportedLayerError: naming the node.
    """
    names = {node.name for node in nodes}
    strange = next((name for name in outputs if name not in names), None)
    if not outputs or strange is not None or len(set(outputs)) < len(outputs):
        raise UnsupportedLayerError(f"outputs: expected different nodes. Received: {', '.join(outputs) or 'none'}")
    used = set(outputs)
    for node in reversed(nodes):
        if node.name not in used:
            raise UnsupportedLayerError(
                f"node '{node.name}': expected that a node takes it, or that it is an output; remove it"
            )
        used.update(node.inputs)


def infer_shapes(inputs: Sequence[Input], nodes: Sequence[Node]) -> dict[str, Shape]:
    """Return the shape of every input and node.

    Raises:
        UnsupportedLayerError, PrecisionError: for shapes that do not fit; it names the node and those that it takes.
    """
    shapes = {one.name: one.shape for one in inputs}
    for node in nodes:
        try:
            shapes[node.name] = node.op.shape(*(shapes[name] for name in node.inputs))
        except Exception as error:
            raise type(error)(f"node '{node.name}', of {named(node.inputs)}: {error}") from None
    return shapes


def named(names: Sequence[str]) -> str:
    """Return ``'a' and 'b'``."""
    return " and ".join(f"'{name}'" for name in names)
