"""Ops along an axis: sum, mean, maximum, minimum and place of the maximum, as pooling over particles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.ops.merge import FixedMerge
from codesign.network.ops.moves import event_axis
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, check_codes


@dataclass(frozen=True)
class _Reduce(Op):
    """Args:
    axis: 1 is the first of an event.
    keepdims: keep the axis, with one value.
    """

    axis: int = 1
    keepdims: bool = False

    def shape(self, *shapes: Shape) -> Shape:
        """Without the axis."""
        axis = event_axis(self.axis, shapes[0])
        return (*shapes[0][:axis], *((1,) if self.keepdims else ()), *shapes[0][axis + 1 :])

    def length(self, shape: Shape) -> int:
        """Values along the axis."""
        return shape[event_axis(self.axis, shape)]

    def _along(self, values: np.ndarray) -> dict:
        return {"axis": event_axis(self.axis, values.shape[1:]) + 1, "keepdims": self.keepdims}


@checked
@dataclass(frozen=True)
class Sum(_Reduce):
    """The sum along an axis."""

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the sums."""
        return values[0].sum(**self._along(values[0]))

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the exact sum and its cast."""
        n = self.length(inputs[0].shape)
        limits = lambda ranges: (n * min(0, ranges[0].low), n * max(0, ranges[0].high))  # noqa: E731
        return FixedMerge.in_one_step(self.evaluate, inputs, output, limits)


@checked
@dataclass(frozen=True)
class Max(_Reduce):
    """The largest along an axis."""

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the largest."""
        return values[0].max(**self._along(values[0]))

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the largest and its cast."""
        limits = lambda ranges: (ranges[0].low, ranges[0].high)  # noqa: E731
        return FixedMerge.in_one_step(self.evaluate, inputs, output, limits)


@checked
@dataclass(frozen=True)
class Min(_Reduce):
    """The smallest along an axis."""

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the smallest."""
        return values[0].min(**self._along(values[0]))

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the smallest and its cast."""
        limits = lambda ranges: (ranges[0].low, ranges[0].high)  # noqa: E731
        return FixedMerge.in_one_step(self.evaluate, inputs, output, limits)


@checked
@dataclass(frozen=True)
class ArgMax(_Reduce):
    """The place of the largest along an axis, from 0; of equal ones the first."""

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return whole numbers, of the kind of the values."""
        return values[0].argmax(**self._along(values[0])).astype(values[0].dtype)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the place, exactly, and its cast."""
        limits = lambda ranges: (ranges[0].low, ranges[0].high)  # noqa: E731
        bound = FixedMerge.in_one_step(self.evaluate, inputs, output, limits)
        places = CodeRange(0, self.length(inputs[0].shape) - 1, 0).type
        return FixedMerge(bound.combine, bound.inputs, bound.steps, 0, output or places)


@checked
@dataclass(frozen=True)
class Mean(_Reduce):
    """The mean along an axis.

    Args:
        accum: type of the sum and of the quotient in a design; None: one in which no sum loses a bit.
    """

    accum: FixedPoint | None = None

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the means."""
        return values[0].mean(**self._along(values[0]))

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedMean":
        """Return the exact sum, its quotient, and a cast."""
        return FixedMean.of(self, inputs[0], output)


@dataclass(frozen=True, eq=False)
class FixedMean(FixedOp):
    """``sum / n``, as hls4ml's pooling divides: towards 0, in as many digits behind the point as the sum and n have.

    Args:
        op: the mean.
        input: type of what it takes.
        divisor: n.
        accum: type of the sum and of the quotient.
        output: type of the result.
    """

    op: Mean
    input: FixedPoint
    divisor: int
    accum: FixedPoint
    output: FixedPoint

    @classmethod
    def of(cls, op: Mean, source: Tensor, output: FixedPoint | None) -> "FixedMean":
        """Work out the types: the accumulator has as many bits more as n has, on both sides of the point."""
        n, found = op.length(source.shape), CodeRange.of(source.type)
        if op.accum is not None:
            sums = CodeRange(n * min(0, found.low), n * max(0, found.high), found.fraction)
            return cls._in(op, source, sums, output)
        finer = (n - 1).bit_length()
        sums = CodeRange(n * min(0, found.low), n * max(0, found.high), found.fraction).at(found.fraction + finer)
        check_codes(sums)
        return cls(op, source.type, n, sums.type, output or found.at(found.fraction + finer).type)

    @classmethod
    def _in(cls, op: Mean, source: Tensor, sums: CodeRange, output: FixedPoint | None) -> "FixedMean":
        """Sums in a type that is given: values are cast to it, and it overflows."""
        accum, n = op.accum.envelope, op.length(source.shape)
        check_codes(CodeRange(sums.low, sums.high, sums.fraction).at(max(sums.fraction, int(accum.fraction))))
        return cls(op, source.type, n, accum, output or accum)

    def check_exact(self) -> None:
        """Check that the accumulator holds every sum, for a back end that adds in another order.

        Raises:
            UnsupportedLayerError: if not.
        """
        found, step = CodeRange.of(self.input), 2.0 ** -int(np.max(self.input.fraction))
        low, high = (self.divisor * limit * step for limit in (min(0, found.low), max(0, found.high)))
        if self.accum.fraction < found.fraction or low < self.accum.low or high > self.accum.high:
            raise UnsupportedLayerError(
                f"expected an accumulator that holds every sum of a mean. Received: {self.accum}"
            )

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, *shape) codes."""
        values = self.accum.requantize(aligned(codes[0], self.input), int(np.max(self.input.fraction)))
        sums = self._sum(values)
        quotient = np.where(sums < 0, -(-sums // self.divisor), sums // self.divisor)
        return self.output.requantize(quotient, self.accum.fraction)

    def _sum(self, values: np.ndarray) -> np.ndarray:
        """Sums in the accumulator's type, which saturates after each addition."""
        along = self.op._along(values)
        if self.accum.overflow == "WRAP":
            return self.accum.overflowed(values.sum(**along))
        axis = along["axis"]
        found = np.zeros_like(values[(slice(None),) * axis + (0,)])
        for place in range(values.shape[axis]):
            found = self.accum.overflowed(found + values[(slice(None),) * axis + (place,)])
        return np.expand_dims(found, axis) if along["keepdims"] else found
