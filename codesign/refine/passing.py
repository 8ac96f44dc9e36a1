"""How a value passes an op that has no weights to refine: a table from op to rule; others are refused by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import Node, ops
from codesign.network.ops import Op, Shape
from codesign.network.ops.moves import event_axis

Arrays = Sequence[np.ndarray]


@dataclass(frozen=True, eq=False)
class Passing:
    """What each element of a result is made of.

    Args:
        parts: of each input, (n_out, n_parts) elements; -1 where it has no part.
        combine: from the values of the parts, (n, n_parts, n_events) each, to (n, n_events).
        factors: from the same to the derivatives by each part.
    """

    parts: tuple[np.ndarray, ...]
    combine: Callable[[Arrays], np.ndarray]
    factors: Callable[[Arrays], Arrays]

    @cached_property
    def is_straight(self) -> bool:
        """Whether each element is made of the same one of the only input."""
        parts = self.parts[0]
        return len(self.parts) == parts.shape[1] == 1 and np.array_equal(parts[:, 0], np.arange(len(parts)))

    def rows(self, index: int, changed: np.ndarray) -> np.ndarray:
        """Return the elements of the result that depend on some of an input."""
        if self.is_straight:
            return changed
        return np.flatnonzero(np.isin(self.parts[index], changed).any(1))

    def gather(self, values: Arrays, rows: np.ndarray, changed: Mapping[int, Arrays] = MappingProxyType({})) -> Arrays:
        """Return the values of the parts of some elements.

        Args:
            values: of the inputs, (n, n_events) each.
            rows: elements of the result.
            changed: elements of an input, by its number, and their values, where they are not the present ones.
        """
        found = []
        for index, (value, parts) in enumerate(zip(values, self.parts)):
            if self.is_straight and index in changed and np.array_equal(changed[index][0], rows):
                found.append(changed[index][1][:, np.newaxis])
                continue
            own, places = value[parts[rows]], parts[rows]
            if (places < 0).any():
                own[places < 0] = 0
            if index in changed:
                number = np.full(len(value), -1)
                number[changed[index][0]] = np.arange(len(changed[index][0]))
                new = np.where(places < 0, -1, number[places])
                own[new >= 0] = changed[index][1][new[new >= 0]]
            found.append(own)
        return found


def passing_of(node: Node, shapes: Sequence[Shape], output: Shape) -> Passing:
    """Return the rule of a node.

    Args:
        node: not a dense one.
        shapes: of what it takes.
        output: of what it gives.

    Raises:
        UnsupportedLayerError: for an op that refinement does not know.
    """
    rule = _RULES.get(type(node.op))
    found = rule(node.op, shapes, output) if rule else None
    if found is None:
        received = getattr(node.op, "function", node.op.name)
        raise UnsupportedLayerError(
            f"layer '{node.name}': expected dense layers, relu or linear, types, sums, maxima, or what moves values. "
            f"Received: {received}; refine the network without it"
        )
    return found


def _elements(shape: Shape, rank: int) -> np.ndarray:
    """Numbers of elements, (1, *shape) with ones in front up to a rank."""
    return np.arange(prod(shape)).reshape(1, *(1,) * (rank - len(shape)), *shape)


def _unchanged(output: Shape) -> Passing:
    parts = np.arange(prod(output))[:, np.newaxis]
    return Passing((parts,), lambda values: values[0][:, 0], lambda values: [np.float32(1)])


def _activation(op: ops.Activation, shapes: Sequence[Shape], output: Shape) -> Passing | None:
    if op.function == "linear":
        return _unchanged(output)
    if op.function != "relu" or op.max_value is not None:
        return None
    live = lambda values: [values[0] > 0]  # noqa: E731
    return replace(_unchanged(output), combine=lambda values: np.maximum(values[0][:, 0], 0), factors=live)


def _move(op: Op, shapes: Sequence[Shape], output: Shape) -> Passing:
    """Each element of the result is one of those that are taken."""
    parts = []
    for index in range(len(shapes)):
        numbers = [
            _elements(shape, len(shape)) if index == other else np.full((1, *shape), -1)
            for other, shape in enumerate(shapes)
        ]
        parts.append(op.evaluate(*numbers).reshape(-1, 1))
    return Passing(
        tuple(parts), lambda values: sum(one[:, 0] for one in values), lambda values: [np.float32(1)] * len(values)
    )


def _merge(
    combine: Callable[[Arrays], np.ndarray], factors: Callable[[Arrays], Arrays]
) -> Callable[[Op, Sequence[Shape], Shape], Passing]:
    """Element by element, shapes broadcast."""

    def rule(op: Op, shapes: Sequence[Shape], output: Shape) -> Passing:
        numbers = (np.broadcast_to(_elements(shape, len(output)), (1, *output)) for shape in shapes)
        return Passing(tuple(one.reshape(-1, 1) for one in numbers), combine, factors)

    return rule


def _along(
    combine: Callable[[np.ndarray], np.ndarray], factors: Callable[[np.ndarray], np.ndarray]
) -> Callable[[Op, Sequence[Shape], Shape], Passing]:
    """Along an axis."""

    def rule(op: Op, shapes: Sequence[Shape], output: Shape) -> Passing:
        axis = event_axis(op.axis, shapes[0])
        parts = np.moveaxis(_elements(shapes[0], len(shapes[0]))[0], axis, -1).reshape(-1, shapes[0][axis])
        return Passing((parts,), lambda values: combine(values[0]), lambda values: [factors(values[0])])

    return rule


def _mean(op: ops.Mean, shapes: Sequence[Shape], output: Shape) -> Passing | None:
    """Of a power of two, which loses nothing; of other numbers, the quotient is rounded, which is not followed here."""
    n = op.length(shapes[0])
    if n & (n - 1):
        return None
    share = np.float32(1 / n)
    return _along(lambda values: values.sum(1) * share, lambda values: share)(op, shapes, output)


def _largest(values: np.ndarray) -> np.ndarray:
    """Which part a maximum is: the first of equal ones."""
    return np.arange(values.shape[1])[:, np.newaxis] == values.argmax(1)[:, np.newaxis]


_RULES: Mapping[type, Callable[[Op, Sequence[Shape], Shape], Passing | None]] = MappingProxyType(
    {
        ops.Activation: _activation,
        ops.Quantize: lambda op, shapes, output: _unchanged(output),
        **dict.fromkeys((ops.Concatenate, ops.Reshape, ops.Flatten, ops.Transpose, ops.Slice), _move),
        ops.Add: _merge(lambda values: sum(one[:, 0] for one in values), lambda values: [np.float32(1)] * len(values)),
        ops.Subtract: _merge(lambda values: values[0][:, 0] - values[1][:, 0], lambda values: np.float32([1, -1])),
        ops.Maximum: _merge(
            lambda values: np.maximum.reduce([one[:, 0] for one in values]),
            lambda values: [one >= np.maximum.reduce(list(values)) for one in values],
        ),
        ops.Minimum: _merge(
            lambda values: np.minimum.reduce([one[:, 0] for one in values]),
            lambda values: [one <= np.minimum.reduce(list(values)) for one in values],
        ),
        ops.Sum: _along(lambda values: values.sum(1), lambda values: np.float32(1)),
        ops.Max: _along(lambda values: values.max(1), _largest),
        ops.Mean: _mean,
    }
)
