"""How each op is written in C++: a table from op to function, which returns definitions and calls."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.export.cpp.function_code import activation_struct
from codesign.export.cpp.graph_buffers import index_table
from codesign.export.cpp.layer_code import padded, table
from codesign.export.cpp.place import Place, Written
from codesign.export.cpp.rounding_code import rounding_struct
from codesign.export.cpp.select_ops import (
    broadcast_sources,
    source,
    write_argmax,
    write_compare,
    write_log_softmax,
    write_matmul,
    write_select,
)
from codesign.export.cpp.table_ops import write_bit, write_segment_sum, write_table, write_threshold
from codesign.export.single_precision import shift_and_scale
from codesign.network.ops import (
    MOVES,
    PLACES,
    Activation,
    Add,
    Affine,
    ArgMax,
    Bit,
    Compare,
    Dense,
    Dot,
    Embedding,
    MatMul,
    Max,
    Maximum,
    Mean,
    Min,
    Minimum,
    Multiply,
    Quantize,
    SegmentSum,
    Select,
    Subtract,
    Sum,
    Table,
    Threshold,
)
from codesign.network.ops.moves import event_axis
from codesign.network.types.single_precision import Rounding


def _dense(place: Place) -> Written:
    kernel, bias = place.op.kernel.astype(np.float32), place.op.bias.astype(np.float32)
    struct, definitions = activation_struct(place.activation or Activation("linear"), place.index)
    definitions += table(f"weight_{place.index}", kernel) + table(f"bias_{place.index}", bias)
    sizes = f"{prod(place.shape[:-1])}, {kernel.shape[0]}, {kernel.shape[1]}, {padded(kernel.shape[1])}"
    tables = f"weight_{place.index}, bias_{place.index}"
    return definitions, [f"dense_values<{sizes}, M, {struct}>({place.inputs[0]}, {place.output}, {tables});"]


def _affine(place: Place) -> Written:
    shifted = shift_and_scale(place.op)
    arrays = shifted or [array.astype(np.float32) for array in (place.op.offset, place.op.factor)]
    n, last = prod(place.shape), place.shape[-1:]
    period = last if all(array.ndim <= 1 for array in arrays) else place.shape
    names = [f"{name}_{place.index}" for name in ("offset", "scale")]
    definitions = "".join(table(name, np.broadcast_to(array, period).ravel()) for name, array in zip(names, arrays))
    sizes = f"{n}, {prod(period)}, M, {str(shifted is not None).lower()}"
    return definitions, [f"affine_values<{sizes}>({place.inputs[0]}, {place.output}, {', '.join(names)});"]


def _activation(place: Place) -> Written:
    ends = f"({place.inputs[0]}, {place.output});"
    if place.op.function == "softmax":
        return "", [f"softmax_values<{prod(place.shape[:-1])}, {place.shape[-1]}, M>{ends}"]
    if place.op.function == "log_softmax":
        return write_log_softmax(place)
    struct, definitions = activation_struct(place.op, place.index)
    return definitions, [f"map_values<{prod(place.shape)}, M, {struct}>{ends}"]


def _quantize(place: Place) -> Written:
    name = f"rounding_{place.index}"
    rounding = Rounding.of(place.op.type, place.shape)
    call = f"quantise_values<{prod(place.shape)}, M, {name}>({place.inputs[0]}, {place.output});"
    return rounding_struct(name, rounding), [call]


def _embedding(place: Place) -> Written:
    entries = place.op.table.astype(np.float32)
    sizes = f"{prod(place.shapes[0])}, {len(entries)}, {entries.shape[1]}"
    name = f"entries_{place.index}"
    return table(name, entries.ravel()), [f"embed_values<{sizes}, M>({place.inputs[0]}, {place.output}, {name});"]


def _merged(struct: str) -> Callable[[Place], Written]:
    """Of two or more, two at a time."""

    def write(place: Place) -> Written:
        n, calls = prod(place.shape), []
        definitions, sources = broadcast_sources(place)
        left, first = place.inputs[0], sources[0]
        for value, other in zip(place.inputs[1:], sources[1:]):
            calls.append(f"merge_values<{n}, M, {struct}, {first}, {other}>({left}, {value}, {place.output});")
            left, first = place.output, "Same"
        return definitions, calls

    return write


def _dot(place: Place) -> Written:
    n = prod(place.shapes[0])
    return "", [f"dot_values<{n}, M>({', '.join(place.inputs)}, {place.output});"]


def _reduced(struct: str, *, mean: bool = False) -> Callable[[Place], Written]:
    def write(place: Place) -> Written:
        (shape,) = place.shapes
        axis = event_axis(place.op.axis, shape)
        sizes = f"{prod(shape[:axis])}, {shape[axis]}, {prod(shape[axis + 1 :])}"
        call = f"reduce_values<{sizes}, M, {struct}, {str(mean).lower()}>({place.inputs[0]}, {place.output});"
        return "", [call]

    return write


def _placed(place: Place) -> Written:
    """As moves, with zeros in places that nothing goes to."""
    definitions, calls = _moved(place)
    (places,) = index_table(place.op, place.shapes)
    clear = [f"clear_values<{places.size}, M>({place.output});"] if (places < 0).any() else []
    return definitions, clear + calls


def _moved(place: Place) -> Written:
    """A copy of each run of values that goes to one place after the other."""
    definitions, calls = "", []
    for which, (places, value) in enumerate(zip(index_table(place.op, place.shapes), place.inputs)):
        live = np.flatnonzero(places >= 0)
        for run in np.split(live, np.flatnonzero(np.diff(live) > 1) + 1) if live.size else ():
            name = f"{place.index}_{which}_{run[0]}"
            start = int(places[run[0]])
            is_straight = (np.diff(places[run]) == 1).all()
            definition, name = source(places[run] - start if is_straight else places[run], len(run), name)
            definitions += definition
            value_at = f"{value} + {start} * M" if is_straight and start else value
            calls.append(f"move_values<{len(run)}, M, {name}>({value_at}, {place.output} + {run[0]} * M);")
    return definitions, calls


WRITERS: Mapping[type, Callable[[Place], Written]] = MappingProxyType(
    {
        Dense: _dense,
        Affine: _affine,
        Activation: _activation,
        Quantize: _quantize,
        Embedding: _embedding,
        Add: _merged("Plus"),
        Subtract: _merged("Minus"),
        Multiply: _merged("Times"),
        Maximum: _merged("Larger"),
        Minimum: _merged("Smaller"),
        Dot: _dot,
        Sum: _reduced("Plus"),
        Mean: _reduced("Plus", mean=True),
        Max: _reduced("Larger"),
        Min: _reduced("Smaller"),
        ArgMax: write_argmax,
        MatMul: write_matmul,
        Compare: write_compare,
        Select: write_select,
        **dict.fromkeys(MOVES, _moved),
        **dict.fromkeys(PLACES, _placed),
        Threshold: write_threshold,
        Bit: write_bit,
        Table: write_table,
        SegmentSum: write_segment_sum,
    }
)
