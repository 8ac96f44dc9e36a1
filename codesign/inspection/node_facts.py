"""What can be counted of a node: its constants and their types, its products, and what they take in bits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from math import prod

import numpy as np

from codesign.errors import CodesignError
from codesign.inspection.products import bit_operations, count_products
from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import Op, Quantize


@dataclass(frozen=True)
class ConstantFacts:
    """An array of constants.

    Args:
        name: of the op's field: ``kernel``.
        shape: of the array.
        zeros: how many are 0.
        distinct: how many different values there are.
        type: in a design, as text; None: floating point.
        bits: that they take in this type, those of zeros too; None: floating point.
        at_limit: how many are the largest or the smallest value of a type that saturates; None: of no such type.
    """

    name: str
    shape: tuple[int, ...]
    zeros: int
    distinct: int
    type: str | None
    bits: int | None
    at_limit: int | None

    @property
    def size(self) -> int:
        """How many there are."""
        return prod(self.shape)


@dataclass(frozen=True)
class NodeFacts:
    """A node, or an input.

    Args:
        name: of it.
        op: what it does: ``dense``; ``input``.
        inputs: names of what it takes.
        shape: of what it gives, events not counted.
        type: of what it gives, as text; None: floating point.
        constants: of its op.
        products: of two values, or of a value and a constant that is not 0, for an event.
        bit_operations: the bits of one factor times those of the other, over the products; None: a type is missing.
        beyond: share of the values of events that lie outside its type; None: no events, or no type.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    type: str | None
    constants: tuple[ConstantFacts, ...] = ()
    products: int = 0
    bit_operations: int | None = None
    beyond: float | None = None


def gather_facts(network: Network, beyond: Mapping[str, float]) -> tuple[NodeFacts, ...]:
    """Return what can be counted of every input and node, in order.

    Args:
        network: any.
        beyond: share of the values outside their type, by name.
    """
    types, shapes = known_types(network), network.shapes
    found = [NodeFacts(one.name, "input", (), one.shape, _text(types.get(one.name)), beyond=beyond.get(one.name))
             for one in network.inputs]  # fmt: skip
    for node in network.nodes:
        taken = [shapes[name] for name in node.inputs]
        products = count_products(node.op, taken, shapes[node.name])
        given = [types.get(name) for name in node.inputs]
        facts = NodeFacts(
            node.name, node.op.name, node.inputs, shapes[node.name], _text(types.get(node.name)),
            tuple(_constants(node.op)), products, bit_operations(node.op, taken, given, shapes[node.name]),
            beyond.get(node.name),
        )  # fmt: skip
        found.append(facts)
    return tuple(found)


def known_types(network: Network) -> dict[str, FixedPoint]:
    """Return the types of a design; where it has none, those that the training left, by name."""
    try:
        return network.types
    except CodesignError:
        given = {one.name: one.precision for one in network.inputs}
        given |= {node.name: _trained(node) for node in network.nodes}
        return {name: kind for name, kind in given.items() if kind is not None}


def share_beyond(network: Network, x: np.ndarray) -> dict[str, float]:
    """Return the share of the values of events that lie outside their type, by the name of what gives them.

    Args:
        network: any; what has no type is left out.
        x: (n_events, n_inputs).
    """
    types, values = known_types(network), network.trace(x)
    before = {node.name: node.inputs[0] for node in network.nodes if isinstance(node.op, Quantize)}
    found = {}
    for name, kind in types.items():
        trained = values[before.get(name, name)]
        found[name] = kind.count_saturating(trained) / max(1, trained.size)
    return found


def _trained(node: Node) -> FixedPoint | None:
    return node.output or (node.op.type if isinstance(node.op, Quantize) else None)


def _constants(op: Op) -> Iterator[ConstantFacts]:
    types = getattr(op, "types", None)
    kinds = [types.weight, types.bias] if types is not None else [getattr(op, "type", None)] * 2
    for name, values in constant_arrays(op):
        kind = kinds.pop(0) if kinds else None
        zeros, distinct = int(np.sum(values == 0)), len(np.unique(values))
        yield ConstantFacts(name, values.shape, zeros, distinct, _text(kind), *_in_type(values, kind))


def constant_arrays(op: Op) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays of numbers that an op has, by the names of its fields; places are no numbers."""
    for field in fields(op):
        value = getattr(op, field.name)
        parts = value if isinstance(value, tuple) and value else (value,)
        if all(isinstance(one, np.ndarray) and one.dtype.kind == "f" for one in parts):
            yield (
                field.name,
                value if isinstance(value, np.ndarray) else np.concatenate([np.ravel(one) for one in parts]),
            )


def _in_type(values: np.ndarray, kind: FixedPoint | None) -> tuple[int | None, int | None]:
    """The bits that constants take, and how many lie at an end of their type."""
    if kind is None:
        return None, None
    try:
        width = np.broadcast_to(kind.width, values.shape)
        codes = kind.to_codes(values)
    except (ValueError, CodesignError):
        return None, None  # a type for each of other groups, as of the tables of a node
    at_limit = (width > 1) & ((codes == kind.code_high) | (codes == kind.code_low))
    return int(width.sum()), int(at_limit.sum()) if kind.overflow != "WRAP" else None


def _text(kind: FixedPoint | None) -> str | None:
    return None if kind is None else str(kind)
