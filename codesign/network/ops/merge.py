"""Ops of several values, element by element: add, subtract, multiply, maximum, minimum; and the dot product.

hls4ml (nnet_merge.h) works them out exactly, and casts once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, check_codes, product_range


@dataclass(frozen=True, eq=False)
class FixedMerge(FixedOp):
    """An exact result of step ``2**-fraction``, and its cast.

    Args:
        combine: from int64 codes to one array.
        inputs: types of what it takes.
        steps: fraction bits of each input's codes in it.
        fraction: of the result.
        output: type of the result.
    """

    combine: Callable[..., np.ndarray]
    inputs: tuple[FixedPoint, ...]
    steps: tuple[int, ...]
    fraction: int
    output: FixedPoint

    @classmethod
    def in_one_step(
        cls,
        combine: Callable[..., np.ndarray],
        inputs: Sequence[Tensor],
        output: FixedPoint | None,
        joined: Callable[[Sequence[CodeRange]], tuple[int, int]],
    ) -> "FixedMerge":
        """Return one whose inputs are brought to one step; `joined` gives the limits of the result."""
        ranges = [CodeRange.of(tensor.type) for tensor in inputs]
        fraction = max(one.fraction for one in ranges)
        found = CodeRange(*joined([one.at(fraction) for one in ranges]), fraction)
        check_codes(found)
        types = tuple(tensor.type for tensor in inputs)
        return cls(combine, types, (fraction,) * len(types), fraction, output or found.type)

    @classmethod
    def product(
        cls,
        combine: Callable[..., np.ndarray],
        inputs: Sequence[Tensor],
        output: FixedPoint | None,
        terms: int = 1,
    ) -> "FixedMerge":
        """Return one of products, of which `terms` are added."""
        ranges = [CodeRange.of(tensor.type) for tensor in inputs]
        found = reduce(product_range, ranges)
        found = CodeRange(found.low * terms, found.high * terms, found.fraction)
        check_codes(found)
        steps = tuple(one.fraction for one in ranges)
        return cls(combine, tuple(tensor.type for tensor in inputs), steps, found.fraction, output or found.type)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, *shape) codes each."""
        values = [aligned(given, one, step) for given, one, step in zip(codes, self.inputs, self.steps)]
        return self.output.requantize(self.combine(*values), self.fraction)


class _Merge(Op):
    """One function of NumPy, from the first value to the last."""

    arity = None
    function: ClassVar[np.ufunc]

    def shape(self, *shapes: Shape) -> Shape:
        """That to which the inputs broadcast."""
        return broadcast(shapes)

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the function of the values."""
        return reduce(self.function, same_rank(values))

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the exact result and its cast."""
        return FixedMerge.in_one_step(self.evaluate, inputs, output, self.limits)

    def limits(self, ranges: Sequence[CodeRange]) -> tuple[int, int]:
        """Return the smallest and the largest code of the result, of a function that grows with each value."""
        ends = np.array([(one.low, one.high) for one in ranges], dtype=object)  # Python integers do not overflow
        return tuple(map(int, self.function.reduce(ends)))


@checked
@dataclass(frozen=True)
class Add(_Merge):
    """``a + b + ...``, of two or more."""

    function = np.add


@checked
@dataclass(frozen=True)
class Subtract(_Merge):
    """``a - b``."""

    arity = 2
    function = np.subtract

    def limits(self, ranges: Sequence[CodeRange]) -> tuple[int, int]:
        """Return those of a difference, which falls with the second value."""
        return ranges[0].low - ranges[1].high, ranges[0].high - ranges[1].low


@checked
@dataclass(frozen=True)
class Multiply(_Merge):
    """``a * b * ...``, element by element, of two or more."""

    function = np.multiply

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the exact product and its cast."""
        return FixedMerge.product(self.evaluate, inputs, output)


@checked
@dataclass(frozen=True)
class Maximum(_Merge):
    """``max(a, b, ...)``, element by element, of two or more."""

    function = np.maximum


@checked
@dataclass(frozen=True)
class Minimum(_Merge):
    """``min(a, b, ...)``, element by element, of two or more."""

    function = np.minimum


@checked
@dataclass(frozen=True)
class Dot(Op):
    """The dot product of two vectors, (n,) each, as one value."""

    arity = 2

    def shape(self, *shapes: Shape) -> Shape:
        """(1,)."""
        if len(shapes[0]) != 1 or shapes[0] != shapes[1]:
            raise UnsupportedLayerError(f"expected two vectors of one length. Received: {shapes}")
        return (1,)

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return ``sum_i a_i b_i``, (n_events, 1)."""
        return (values[0] * values[1]).sum(1, keepdims=True)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the exact sum of products and its cast."""
        return FixedMerge.product(self.evaluate, inputs, output, terms=inputs[0].shape[0])


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """Return the shape to which shapes broadcast.

    Raises:
        UnsupportedLayerError: for others.
    """
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise UnsupportedLayerError(f"expected shapes that broadcast. Received: {shapes}") from None


def same_rank(values: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Broadcast from the last axis, and leave the events in the first."""
    rank = max(value.ndim for value in values)
    return [value.reshape(len(value), *(1,) * (rank - value.ndim), *value.shape[1:]) for value in values]
