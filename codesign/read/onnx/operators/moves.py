"""Moves: reshapes, transposes, slices, concatenation, and the sizes that exporters work out."""

from dataclasses import replace
from math import prod

import numpy as np

from codesign.network.ops import Concatenate, Embedding, Slice
from codesign.read.onnx.broadcast import expanded_to
from codesign.read.onnx.constant_moves import slices, split_sizes
from codesign.read.onnx.flow import BATCH, EVENTS, Flow, constant_for
from codesign.read.onnx.gather import gathered
from codesign.read.onnx.operators.arithmetic import line
from codesign.read.onnx.walk import Call


def read_shape(call: Call) -> np.ndarray:
    """The sizes, BATCH for the events."""
    return np.array(call.flow.sizes, np.int64)[call.whole("start") : call.attribute("end")]


def read_size(call: Call) -> np.ndarray:
    """The number of values."""
    return np.array(prod(call.flow.sizes), np.int64)


def read_reshape(call: Call) -> Flow:
    """Other sizes; 0 leaves one as it is, -1 is what is left."""
    flow, target = call.flow, call.wholes("shape", 1)
    if target is None or any(size < -1 for size in target) or target.count(-1) > 1:
        raise call.refusal("sizes, one of them -1 at most", target)
    if not call.whole("allowzero"):
        target = [flow.sizes[axis] if not size and axis < flow.rank else size for axis, size in enumerate(target)]
    return call.reshaped(flow, _with_events(call, flow, target))


def _with_events(call: Call, flow: Flow, target: list[int]) -> tuple[int, ...]:
    """Sizes with the events' and what is left worked out; a file of one batch size has that instead."""
    total, events = prod(flow.sizes), flow.events_axis
    left = total // prod(size for size in target if size > 0) if -1 in target and total else 0
    if events is not None and left != BATCH and not any(size and size % BATCH == 0 for size in target):
        before = flow.before_events
        fixed = call.walk.batch or 1
        place = next((i for i, size in enumerate(target) if size == fixed and prod(target[:i]) == before), None)
        if place is not None:
            target = [BATCH if i == place else size for i, size in enumerate(target)]
    if -1 in target:
        known = prod(size for size in target if size != -1)
        if not known or total % known:
            raise call.refusal(f"sizes for {total // BATCH if events is not None else total} values", target)
        target = [total // known if size == -1 else size for size in target]
    if prod(target) != total and events is not None and prod(target) * BATCH == total * (call.walk.batch or 1):
        target = _multiplied(call, flow, target)
    return tuple(target)


def _multiplied(call: Call, flow: Flow, target: list[int]) -> list[int]:
    """Sizes of a file of one batch size, where the events are merged with another axis."""
    before, fixed = flow.before_events, call.walk.batch or 1
    fitting = [place for place, size in enumerate(target) if size % fixed == 0 and before % prod(target[:place]) == 0]
    exact = [place for place in fitting if prod(target[:place]) == before]
    if len(target) < flow.rank:  # merged with what stands before it: split heads make more axes, not fewer
        behind = prod(flow.sizes) // BATCH // before
        exact = [place for place in fitting if prod(target[place + 1 :]) == behind] or exact
    chosen = (exact or fitting[-1:] or [None])[0]
    return [size // fixed * BATCH if place == chosen else size for place, size in enumerate(target)]


def read_flatten(call: Call) -> Flow:
    """Two axes: those before `axis`, and those from it on."""
    flow, axis = call.flow, call.whole("axis", 1)
    axis = axis + flow.rank if axis < 0 else axis
    return call.reshaped(flow, (prod(flow.sizes[:axis]), prod(flow.sizes[axis:])))


def read_squeeze(call: Call) -> Flow:
    """Without axes of size 1."""
    flow, axes = call.flow, call.wholes("axes", 1)
    if axes is None:
        axes = [axis for axis, size in enumerate(flow.sizes) if size == 1]
    axes = {flow.axis(axis) for axis in axes}
    if any(flow.sizes[axis] != 1 for axis in axes):
        raise call.refusal("axes of size 1", [flow.sizes[axis] for axis in axes])
    return call.reshaped(flow, tuple(size for axis, size in enumerate(flow.sizes) if axis not in axes))


def read_unsqueeze(call: Call) -> Flow:
    """New axes of size 1."""
    flow, axes = call.flow, call.wholes("axes", 1) or []
    rank = flow.rank + len(axes)
    places = {axis % rank for axis in axes}
    own = iter(flow.dims)
    if len(places) != len(axes):
        raise call.refusal("different axes", axes)
    return replace(flow, dims=tuple(() if axis in places else next(own) for axis in range(rank)))


def read_transpose(call: Call) -> Flow:
    """Axes in another order; no value moves before something needs it."""
    flow = call.flow
    order = call.wholes("perm") or list(range(flow.rank))[::-1]
    if sorted(order) != list(range(flow.rank)):
        raise call.refusal(f"an order of {flow.rank} axes", order)
    return replace(flow, dims=tuple(flow.dims[axis] for axis in order))


def part_of(call: Call, flow: Flow, axis: int, one: slice) -> Flow:
    """Return some of the values along an axis of ONNX."""
    taken = range(flow.sizes[axis])[one]
    if len(taken) == flow.sizes[axis] and taken.step == 1 or EVENTS in flow.dims[axis] and not (one.start or 0):
        return flow
    if EVENTS in flow.dims[axis]:
        raise call.refusal("all events", f"some, from {one.start} to {one.stop}")
    if not len(taken):
        raise call.refusal("at least one value", f"a slice of none along axis {axis}")
    if len(flow.dims[axis]) != 1:
        flow = call.plain(flow)
    (part,) = flow.dims[axis]
    if taken.step < 0:
        return gathered(call, flow, axis, np.array(taken))
    return flow.with_value(call.add(Slice(taken[0], taken[-1] + 1, part + 1, taken.step), flow.value))


def read_slice(call: Call) -> Flow:
    """Some of the values along axes."""
    flow = call.flow
    for axis, one in slices(call, flow.rank):
        flow = part_of(call, flow, axis, one)
    return flow


def read_split(call: Call) -> tuple[Flow, ...]:
    """Parts along an axis."""
    flow = call.flow
    axis = flow.axis(call.whole("axis"))
    ends = np.cumsum([0, *split_sizes(call, flow.sizes[axis])]).tolist()
    return tuple(part_of(call, flow, axis, slice(start, stop)) for start, stop in zip(ends, ends[1:]))


def read_gather(call: Call) -> Flow:
    """Places along an axis, or rows of a constant table."""
    data, index = call.value(0), call.value(1)
    if isinstance(index, Flow):
        return _embedding(call, data, index)
    axis, places = data.axis(call.whole("axis")), np.asarray(index, np.int64)
    if EVENTS in data.dims[axis]:
        raise call.refusal("all events", "some of them")
    size = data.sizes[axis]
    if places.size and (places.min() < -size or places.max() >= size):
        raise call.refusal(f"places below {size}", places.ravel()[:5].tolist())
    flat = (places.ravel() % size).tolist()
    steps = set(np.diff(flat).tolist())
    if len(flat) == 1 or (len(steps) == 1 and min(steps) > 0):
        flow = part_of(call, data, axis, slice(flat[0], flat[-1] + 1, min(steps, default=1)))
    else:
        flow = gathered(call, data, axis, np.array(flat))
    return call.reshaped(flow, (*data.sizes[:axis], *places.shape, *data.sizes[axis + 1 :]))


def read_gather_nd(call: Call) -> Flow:
    """Places along the first axes together."""
    data, index = call.flow, np.asarray(call.constant(1, what="place"), np.int64)
    n = index.shape[-1]
    if call.whole("batch_dims") or n > data.rank or any(EVENTS in dim for dim in data.dims[:n]):
        raise call.refusal("places along axes in front that are not that of the events", f"{n} axes")
    sizes, rest = data.sizes[:n], data.sizes[n:]
    places = np.ravel_multi_index(tuple(index.reshape(-1, n).T % np.array(sizes)[:, np.newaxis]), sizes)
    flow = gathered(call, call.reshaped(data, (prod(sizes), *rest)), 0, places)
    return call.reshaped(flow, (*index.shape[:-1], *rest))


def _embedding(call: Call, table: object, index: Flow) -> Flow:
    if isinstance(table, Flow) or call.whole("axis") or table.ndim not in (1, 2):
        raise call.refusal("rows of a constant table", "places that depend on the events")
    index = call.plain(call.walk.casts.get(index.value.name, index))
    rows = np.asarray(table, np.float64).reshape(len(table), -1)
    found = Flow(call.add(Embedding(rows), index.value), (*index.dims, (len(index.value.shape),)))
    return found if table.ndim == 2 else call.reshaped(found, index.sizes)


def joined(call: Call, flows: list[Flow], axis: int) -> Flow:
    """Return flows side by side along an axis of ONNX."""
    axis = flows[0].axis(axis)
    same = all(flow.dims == flows[0].dims for flow in flows) and len(flows[0].dims[axis]) == 1
    if not same:
        flows = [call.plain(flow) for flow in flows]
    if any(flow.dims != flows[0].dims for flow in flows) or EVENTS in flows[0].dims[axis]:
        raise call.refusal("values of the same events and number of axes", [flow.rank for flow in flows])
    if len(flows) == 1:
        return flows[0]
    (part,) = flows[0].dims[axis]
    return flows[0].with_value(call.add(Concatenate(part + 1), *(flow.value for flow in flows)))


def read_concat(call: Call) -> Flow:
    """Values side by side along an axis; constants among them too."""
    given = next(value for value in call.values if isinstance(value, Flow))
    axis = given.axis(call.whole("axis", 1))
    flows = [value if isinstance(value, Flow) else constant_flow(call, given, value, axis) for value in call.values]
    return joined(call, flows, axis)


def constant_flow(call: Call, like: Flow, array: np.ndarray, axis: int) -> Flow:
    """Return a constant as a flow of the same events: as long as it is along an axis, else as another flow."""
    if array.ndim != like.rank or not array.shape[axis]:
        raise call.refusal(f"constants of {like.rank} axes", array.shape)
    zeros = gathered(call, like, axis, np.full(array.shape[axis], -1))
    return line(call, zeros, 0.0, np.broadcast_to(constant_for(zeros, array), zeros.value.shape))


def read_expand(call: Call) -> Flow:
    """Axes of size 1 repeated."""
    return expanded_to(call, call.flow, np.ravel(call.constant(1, what="shape")).tolist())


def read_tile(call: Call) -> Flow:
    """All values repeated along axes."""
    flow, repeats = call.flow, np.ravel(call.constant(1, what="number of repeats")).tolist()
    for axis, times in enumerate(repeats):
        if times < 1 or times > 4096:
            raise call.refusal("1 to 4,096 repeats", times)
        if times > 1:
            flow = joined(call, [flow] * times, axis)
    return flow


def read_same(call: Call) -> Flow:
    """Nothing: Identity, dropout at inference."""
    return call.flow


MOVES = {
    "Shape": read_shape,
    "Size": read_size,
    "Reshape": read_reshape,
    "Flatten": read_flatten,
    "Squeeze": read_squeeze,
    "Unsqueeze": read_unsqueeze,
    "Transpose": read_transpose,
    "Slice": read_slice,
    "Split": read_split,
    "Gather": read_gather,
    "GatherND": read_gather_nd,
    "Concat": read_concat,
    "Expand": read_expand,
    "Tile": read_tile,
    "Identity": read_same,
    "Dropout": read_same,
}
