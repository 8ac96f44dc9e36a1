"""How thresholds, bits, tables and their sums are written in C++: bits are floats, 0 and 1."""

from itertools import accumulate

import numpy as np

from codesign.export.cpp.layer_code import table
from codesign.export.cpp.place import Place, Written, places_struct
from codesign.network.ops import Bit, Threshold


def write_threshold(place: Place) -> Written:
    """Compare each value with its threshold."""
    return _keys(place, "threshold_values", place.op.value)


def write_bit(place: Place) -> Written:
    """Divide each value by its bit's weight, and see whether that is odd."""
    return _keys(place, "bit_values", 1 / place.op.weight)


def write_table(place: Place) -> Written:
    """All entries in a row; each table has its first entry and its first key."""
    op, index = place.op, place.index
    entries = np.concatenate(op.entries).astype(np.float32)
    names = [f"{name}_{index}" for name in ("Keys", "FirstKeys", "FirstEntries", "entries")]
    definitions = table(names[3], entries)
    definitions += places_struct(names[0], [key for keys in op.keys for key in keys] or [0])
    definitions += places_struct(names[1], [0, *accumulate(map(len, op.keys))])
    definitions += places_struct(names[2], [0, *accumulate(one.size for one in op.entries)])
    sizes = f"{len(op.keys)}, M, {', '.join(names[:3])}"
    return definitions, [f"look_up_values<{sizes}>({place.inputs[0]}, {place.output}, {names[3]});"]


def write_segment_sum(place: Place) -> Written:
    """Begin with the offsets, and add term by term."""
    op, index = place.op, place.index
    definitions = table(f"offset_{index}", op.offset.astype(np.float32)) + places_struct(f"To_{index}", op.segments)
    sizes = f"{op.segments.size}, {op.offset.size}, M, To_{index}"
    return definitions, [f"add_up_values<{sizes}>({place.inputs[0]}, {place.output}, offset_{index});"]


def _keys(place: Place, function: str, numbers: np.ndarray) -> Written:
    op: Threshold | Bit = place.op
    name, source = f"key_{place.index}", f"From_{place.index}"
    definitions = table(name, numbers.astype(np.float32)) + places_struct(source, op.index)
    return definitions, [f"{function}<{op.index.size}, M, {source}>({place.inputs[0]}, {place.output}, {name});"]
