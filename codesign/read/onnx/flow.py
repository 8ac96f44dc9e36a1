"""Flow: a value that depends on the events, and how ONNX's axes lie in those of the network's node.

A network's nodes have the events in front and no axis for them; in ONNX the axis of the events may stand anywhere, and
be merged with others. Transposes, squeezes and merges of axes are kept as notes here, so that channels-first files
become networks with the channels last, and most moves become nothing.
"""

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.read.graph_builder import Value

EVENTS = -1
BATCH = 16_777_213  # stands for the number of events where sizes are worked out: a prime that float32 holds
FLOAT = np.dtype(np.float32)

Dims = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Flow:
    """A value of the network in the place of an ONNX tensor.

    Args:
        value: of the graph builder.
        dims: of each axis in ONNX the axes of the value that make it, the slowest first; EVENTS is that of the events;
            none: the axis has the size 1.
        dtype: that ONNX gives it.
    """

    value: Value
    dims: Dims
    dtype: np.dtype = FLOAT

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of ONNX's axes, BATCH for the events."""
        return tuple(prod(self.size(part) for part in dim) for dim in self.dims)

    @property
    def rank(self) -> int:
        """Number of ONNX's axes."""
        return len(self.dims)

    @property
    def events_axis(self) -> int | None:
        """ONNX's axis of the events."""
        return next((axis for axis, dim in enumerate(self.dims) if EVENTS in dim), None)

    @property
    def before_events(self) -> int:
        """How many values of an event lie before the axis of the events, those merged with it too."""
        parts = [part for dim in self.dims for part in dim]
        return prod(self.size(part) for part in parts[: parts.index(EVENTS)]) if EVENTS in parts else 1

    def size(self, part: int) -> int:
        """Size of an axis of the value, BATCH for that of the events."""
        return BATCH if part == EVENTS else self.value.shape[part]

    def with_value(self, value: Value, dtype: np.dtype | None = None) -> "Flow":
        """Return the same axes of another value."""
        return replace(self, value=value, dtype=dtype or self.dtype)

    def axis(self, axis: int) -> int:
        """Return an axis of ONNX, counted from 0.

        Raises:
            UnsupportedLayerError: for one that is not there.
        """
        if not -self.rank <= axis < self.rank:
            raise UnsupportedLayerError(f"axis: expected -{self.rank} to {self.rank - 1}. Received: {axis}")
        return axis % self.rank


def event_flow(value: Value, dtype: np.dtype = FLOAT, *, has_events: bool = True) -> Flow:
    """Return the flow of a value whose axes are those of ONNX, behind the events."""
    front = ((EVENTS,),) if has_events else ()
    return Flow(value, (*front, *((axis,) for axis in range(len(value.shape)))), dtype)


def regrouped(flow: Flow, target: tuple[int, ...]) -> tuple[tuple[int, ...], Dims] | None:
    """Return the value's sizes and the dims of a reshape in which no value moves; None where there is none.

    Args:
        target: sizes in ONNX, BATCH for the events.
    """
    parts = [part for dim in flow.dims for part in dim if flow.size(part) > 1]
    wanted = [axis for axis, size in enumerate(target) if size > 1]
    ends_of_parts = _products([flow.size(part) for part in parts])
    ends_of_dims = _products([target[axis] for axis in wanted])
    if (ends_of_parts or [1])[-1] != (ends_of_dims or [1])[-1]:
        return None
    pieces: dict[int, list[int]] = {part: [] for part in parts}
    dims: list[list[tuple[int, int]]] = [[] for _ in target]
    before, part, dim = 1, 0, 0
    for end in sorted({*ends_of_parts, *ends_of_dims}):
        if end % before:
            return None
        owner = parts[part]
        dims[wanted[dim]].append((owner, len(pieces[owner])))
        pieces[owner].append(end // before)
        part, dim, before = part + (end == ends_of_parts[part]), dim + (end == ends_of_dims[dim]), end
    return _placed(flow, pieces, dims)


def _placed(flow: Flow, pieces: dict[int, list[int]], dims: list[list[tuple[int, int]]]) -> tuple:
    """The sizes of the value, and the place of each piece of its axes."""
    sizes, first = [], {}
    for axis in range(len(flow.value.shape)):
        first[axis] = len(sizes)
        sizes += pieces.get(axis, [])
    named = tuple(tuple(EVENTS if owner == EVENTS else first[owner] + number for owner, number in dim) for dim in dims)
    return tuple(sizes) or (1,), named


def _products(sizes: list[int]) -> list[int]:
    found, total = [], 1
    for size in sizes:
        total *= size
        found.append(total)
    return found


def constant_for(flow: Flow, array: np.ndarray) -> np.ndarray:
    """Return a constant that ONNX broadcasts against a flow with the axes of the flow's value.

    Raises:
        UnsupportedLayerError: for one that differs from event to event, or that has more values than the flow.
    """
    array = np.asarray(array)
    array = array.reshape((1,) * (flow.rank - array.ndim) + array.shape)
    order, sizes = [], []
    for axis, (dim, size) in enumerate(zip(flow.dims, array.shape)):
        own = [flow.size(part) for part in dim]
        if size not in (1, prod(own)):
            if EVENTS in dim and (array == np.take(array, [0], axis)).all():
                array = np.take(array, [0], axis)
                size = 1
            else:
                raise UnsupportedLayerError(
                    f"expected constants that fit {said_sizes(flow.sizes)}. Received: {array.shape}"
                )
        order += dim
        sizes += own if size > 1 else [1] * len(own)
    array = array.reshape(sizes)
    places = [order.index(axis) for axis in range(len(flow.value.shape)) if axis in order]
    if EVENTS in order:
        array = np.take(array, 0, order.index(EVENTS))
        places = [place - (place > order.index(EVENTS)) for place in places]
    array = array.transpose(places)
    missing = tuple(axis for axis in range(len(flow.value.shape)) if axis not in order)
    return np.expand_dims(array, missing)


def said_sizes(sizes: tuple[int, ...]) -> str:
    """Return sizes as text."""
    return "(" + ", ".join("events" if size == BATCH else str(size) for size in sizes) + ")"
