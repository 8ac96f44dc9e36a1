"""Ops that move values about and change none: reshape, flatten, transpose, slice, concatenate.

They cost nothing in hardware. Axes are counted as Keras counts them: 0 is that of the events, -1 the last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import aligned, moved_type


@dataclass(frozen=True, eq=False)
class FixedMove(FixedOp):
    """Codes moved about, in one step or in one of each element's own, and cast if the design says so.

    Args:
        move: from arrays (n_events, *shape) to one.
        inputs: types of what it takes.
        steps: fraction bits that the codes of each input are brought to; None: as they are.
        moved: the type after the move.
        output: that of the result.
    """

    move: Callable[..., np.ndarray]
    inputs: tuple[FixedPoint, ...]
    steps: int | None
    moved: FixedPoint
    output: FixedPoint

    @classmethod
    def of(cls, move: Callable[..., np.ndarray], inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedMove":
        """Work out the types."""
        types = tuple(tensor.type for tensor in inputs)
        moved = moved_type(move, types, [tensor.shape for tensor in inputs])
        is_common = len(types) > 1 and not moved.per_element
        return cls(move, types, int(moved.fraction) if is_common else None, moved, output or moved)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, *shape) codes."""
        if self.steps is not None:
            codes = [aligned(values, one, self.steps) for values, one in zip(codes, self.inputs)]
        moved = self.move(*codes)
        return moved if self.output is self.moved else self.output.requantize(moved, np.asarray(self.moved.fraction))


class Move(Op):
    """An op that is the same for values and for their codes."""

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMove:
        """Return the same in integers."""
        return FixedMove.of(self.evaluate, inputs, output)


@checked
@dataclass(frozen=True)
class Reshape(Move):
    """Other axes, the values in the same order.

    Args:
        target: the shape of an event's values, each size given.
    """

    target: Shape

    def shape(self, *shapes: Shape) -> Shape:
        """The target."""
        if prod(self.target) != prod(shapes[0]) or any(size < 1 for size in self.target):
            raise UnsupportedLayerError(
                f"expected {prod(self.target)} values, for {self.target}. Received: {shapes[0]}"
            )
        return self.target

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return (n_events, *target)."""
        return values[0].reshape(len(values[0]), *self.target)


@checked
@dataclass(frozen=True)
class Flatten(Move):
    """All values of an event in one axis."""

    def shape(self, *shapes: Shape) -> Shape:
        """Their number."""
        return (prod(shapes[0]),)

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return (n_events, n)."""
        return values[0].reshape(len(values[0]), prod(values[0].shape[1:]))


@checked
@dataclass(frozen=True)
class Transpose(Move):
    """Axes in another order, as Keras's Permute.

    Args:
        axes: a permutation of 1 to the number of axes.
    """

    axes: Shape

    def shape(self, *shapes: Shape) -> Shape:
        """The sizes in the new order."""
        if sorted(self.axes) != list(range(1, len(shapes[0]) + 1)):
            raise UnsupportedLayerError(
                f"expected values of {len(self.axes)} axes, for {self.axes}. Received: {shapes[0]}"
            )
        return tuple(shapes[0][axis - 1] for axis in self.axes)

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the values with their axes permuted."""
        return values[0].transpose(0, *self.axes)


@checked
@dataclass(frozen=True)
class Slice(Move):
    """Some of the values along one axis.

    Args:
        start, stop, step: as in Python, none negative.
        axis: 1 is the first of an event.
    """

    start: int
    stop: int
    axis: int = -1
    step: int = 1

    def shape(self, *shapes: Shape) -> Shape:
        """The axis as long as the slice."""
        axis = event_axis(self.axis, shapes[0])
        if not 0 <= self.start < self.stop <= shapes[0][axis] or self.step < 1:
            raise UnsupportedLayerError(
                f"expected 0 <= start < stop <= {shapes[0][axis]} and a step of 1 or more. "
                f"Received: {self.start}, {self.stop}, {self.step}"
            )
        kept = len(range(self.start, self.stop, self.step))
        return (*shapes[0][:axis], kept, *shapes[0][axis + 1 :])

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return ``x[..., start:stop:step, ...]``."""
        axis = event_axis(self.axis, values[0].shape[1:]) + 1
        return values[0][(slice(None),) * axis + (slice(self.start, self.stop, self.step),)]


@checked
@dataclass(frozen=True)
class Concatenate(Move):
    """Values side by side along one axis.

    Args:
        axis: 1 is the first of an event.
    """

    axis: int = -1
    arity = None

    def shape(self, *shapes: Shape) -> Shape:
        """The axis as long as all together."""
        axis = event_axis(self.axis, shapes[0])
        others = {(len(shape), shape[:axis], shape[axis + 1 :]) for shape in shapes}
        if len(others) > 1:
            raise UnsupportedLayerError(f"expected shapes that differ along axis {self.axis} alone. Received: {shapes}")
        return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the values side by side."""
        return np.concatenate(values, event_axis(self.axis, values[0].shape[1:]) + 1)


def event_axis(axis: int, shape: Shape) -> int:
    """Return the index in an event's shape of an axis that is counted with the events.

    Raises:
        UnsupportedLayerError: for the axis of the events, or one that is not there.
    """
    index = axis - 1 if axis > 0 else axis + len(shape)
    if axis == 0 or not 0 <= index < len(shape):
        raise UnsupportedLayerError(f"axis: expected 1 to {len(shape)}, or -{len(shape)} to -1. Received: {axis}")
    return index
