"""Operations that move values about: slices such as ``x[:, :3]``, concat, stack, reshape, transpose."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np

from codesign.network.ops import Concatenate, Reshape, Slice, Transpose
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.moves import reshape
from codesign.read.keras_layers.refusals import refused_operation

_FLOATS = ("float", "half", "double")


def read_slice(builder: GraphBuilder, call: Call) -> Value:
    """``x[:, a:b:c, i, ..., None]``: slices, whole numbers, one ellipsis and new axes."""
    spec = call.argument(1, "slice_spec", "key")
    parts = [_part(call, one) for one in (spec if isinstance(spec, tuple) else (spec,))]
    value, whole = call.value, slice(None)
    n_taken = sum(one is not None and one is not Ellipsis for one in parts)
    fill = [whole] * (len(value.shape) + 1 - n_taken)
    at = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    parts = [*parts[:at], *fill, *parts[at + 1 :]]
    if parts[0] != whole or Ellipsis in parts[at + len(fill) :]:
        raise refused_operation(call)
    return _sliced(builder, call, parts[1:])


def _sliced(builder: GraphBuilder, call: Call, parts: Sequence[object]) -> Value:
    """Cut along each axis, then drop the axes of whole numbers and add new ones."""
    value, target, axis = call.value, [], 0
    for part in parts:
        if part is None:
            target.append(1)
            continue
        axis += 1
        size = value.shape[axis - 1]
        start, stop, step = _limits(call, part, size)
        if (start, stop, step) != (0, size, 1):
            value = builder.add(call.name, Slice(start, stop, axis, step), value)
        if isinstance(part, slice):
            target.append(value.shape[axis - 1])
    return reshape(builder, call, value, tuple(target))


def _part(call: Call, part: object) -> object:
    """A slice, a whole number, an ellipsis or None; Keras 2 writes slices as mappings."""
    if isinstance(part, dict):
        part = slice(*(part[name] for name in ("start", "stop", "step")))
    if isinstance(part, slice):
        ends = (part.start, part.stop, part.step)
        is_known = all(one is None or isinstance(one, Integral) for one in ends) and part.step != 0
    else:
        is_known = part is None or part is Ellipsis or (isinstance(part, Integral) and not isinstance(part, bool))
    if not is_known:
        raise refused_operation(call)
    return part


def _limits(call: Call, part: object, size: int) -> tuple[int, int, int]:
    """Start, stop and step, none negative."""
    if not isinstance(part, slice):
        start = int(part) + size * (part < 0)
        part = slice(start, start + 1)
    start, stop, step = part.indices(size)
    if step < 1 or start >= stop:
        raise refused_operation(call)
    return start, stop, step


def read_concat(builder: GraphBuilder, call: Call) -> Value:
    """Values side by side."""
    return builder.add(call.name, Concatenate(int(call.argument(1, "axis", default=0))), *_values(call))


def read_stack(builder: GraphBuilder, call: Call) -> Value:
    """Values side by side along a new axis."""
    values, axis = _values(call), int(call.argument(1, "axis", default=0))
    rank = len(values[0].shape) + 1
    axis += (rank + 1) * (axis < 0)
    if axis == 0:
        raise refused_operation(call)
    target = (*values[0].shape[: axis - 1], 1, *values[0].shape[axis - 1 :])
    rows = [builder.add(f"{call.name}_{index}", Reshape(target), value) for index, value in enumerate(values)]
    return builder.add(call.name, Concatenate(axis), *rows)


def _values(call: Call) -> list[Value]:
    given = call.argument(0, "values", "xs", "x", "arrays")
    if not isinstance(given, tuple) or len(given) < 2 or not all(isinstance(one, Value) for one in given):
        raise refused_operation(call)
    return list(given)


def read_reshape(builder: GraphBuilder, call: Call) -> Value:
    """A reshape of each event's values; the axis of the events stays."""
    target = np.ravel(np.asarray(call.argument(1, "shape", "newshape"), object)).tolist()
    is_plain = len(target) > 1 and all(isinstance(one, Integral) for one in target)
    if not is_plain or target[0] != -1 or np.prod(target[1:]) != np.prod(call.value.shape):
        raise refused_operation(call)
    return reshape(builder, call, call.value, tuple(target[1:]))


def read_transpose(builder: GraphBuilder, call: Call) -> Value:
    """Other axes behind that of the events."""
    given = call.argument(1, "perm", "axes")
    axes = [] if given is None else np.ravel(given).tolist()
    if not axes or axes[0] != 0:
        raise refused_operation(call)
    return builder.add(call.name, Transpose(tuple(axes[1:])), call.value)


def read_expand(builder: GraphBuilder, call: Call) -> Value:
    """A new axis of size 1."""
    axes = np.ravel(call.argument(1, "axis")).tolist()
    shape, axis = call.value.shape, axes[0]
    place = axis - 1 if axis > 0 else axis + len(shape) + 1
    if len(axes) != 1 or axis == 0 or place < 0:
        raise refused_operation(call)
    return builder.add(call.name, Reshape((*shape[:place], 1, *shape[place:])), call.value)


def read_squeeze(builder: GraphBuilder, call: Call) -> Value:
    """Without axes of size 1."""
    shape, given = call.value.shape, call.argument(1, "axis")
    axes = [] if given is None else np.ravel(given).tolist()
    places = {axis - 1 if axis > 0 else axis + len(shape) for axis in axes}
    if not axes or 0 in axes or any(shape[place] != 1 for place in places):
        raise refused_operation(call)
    return reshape(builder, call, call.value, tuple(size for place, size in enumerate(shape) if place not in places))


def read_cast(builder: GraphBuilder, call: Call) -> Value:
    """To another floating-point type: nothing."""
    dtype = call.argument(1, "dtype")
    if not str(getattr(dtype, "name", dtype)).startswith(_FLOATS):
        raise refused_operation(call)
    return call.value
