"""Ops as they lie in files: a table from op to the function that reads its fields, each checked."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from types import MappingProxyType

import numpy as np

from codesign.errors import DataError
from codesign.network.ops import (
    Activation,
    Affine,
    Bit,
    Compare,
    ConstantTypes,
    Dense,
    Embedding,
    Gather,
    Mean,
    Op,
    Patches,
    Quantize,
    Reshape,
    SegmentSum,
    Shape,
    Table,
    Threshold,
    Transpose,
)
from codesign.network.storage.chain import LARGEST_TABLE
from codesign.network.storage.firmware import unpack_firmware
from codesign.network.storage.values import (
    is_number,
    unpack_array,
    unpack_list,
    unpack_object,
    unpack_text,
    unpack_type,
    unpack_whole,
)

_MOST_AXES = 8
_LARGEST_SIZE = 2**31
# Fields that older files do not have.
LATER = MappingProxyType({Activation: ("min_value", "threshold", "firmware"), Mean: ("accum",)})


def unpack_op(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Op:
    """Return the op in the object of a node.

    Args:
        kind: its class.
        entry: of the fields.
        where: what the node is called in messages.
        taken: the shapes of what it takes.

    Raises:
        DataError: naming the node and the key.
    """
    return _UNPACK.get(kind, _unpack_plain)(kind, entry, where, taken)


def unpack_sizes(value: object, where: str) -> Shape:
    """Return a shape."""
    sizes = unpack_list(value, where)
    if not 1 <= len(sizes) <= _MOST_AXES:
        raise DataError(f"{where}: expected 1 to {_MOST_AXES} axes. Received: {len(sizes)}")
    return tuple(unpack_whole(size, where, 1, _LARGEST_SIZE) for size in sizes)


def _unpack_plain(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Op:
    """An op whose fields are whole numbers and flags."""
    found = {}
    for field in fields(kind):
        if field.name in LATER.get(kind, ()):
            continue
        value = entry[field.name]
        if field.name == "keepdims":
            if not isinstance(value, bool):
                raise DataError(f"{where}: keepdims: expected true or false. Received: {value!r:.60}")
            found[field.name] = value
        else:
            found[field.name] = unpack_whole(value, f"{where}: {field.name}", -_LARGEST_SIZE, _LARGEST_SIZE)
    return kind(**found)


def _unpack_constants(names: tuple[str, str], axes: int | None) -> Callable[..., Op]:
    """Two arrays, and their types."""

    def unpack(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Op:
        arrays = [
            unpack_array(entry[name], f"{where}: {name}", axes=axes - index if axes else _depth(entry[name]))
            for index, name in enumerate(names)
        ]
        return kind(*arrays, unpack_constant_types(entry["types"], arrays, f"{where}: types"))

    return unpack


def unpack_constant_types(packed: object, arrays: list[np.ndarray], where: str) -> ConstantTypes | None:
    """Return the types of two arrays of constants; None where there are none."""
    if packed is None:
        return None
    entry = unpack_object(packed, ("weight", "bias", "accum"), where)
    shapes = {"weight": arrays[0].shape, "bias": arrays[1].shape, "accum": arrays[1].shape}
    types = {name: unpack_type(entry[name], shape, f"{where}: {name}") for name, shape in shapes.items()}
    missing = next((name for name in ("weight", "bias") if types[name] is None), None)
    if missing is not None:
        raise DataError(f"{where}: {missing}: expected a type. Received: null")
    return ConstantTypes(**types)


def _unpack_activation(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Activation:
    entry = {"min_value": None, "threshold": 0.0, **entry}
    numbers = {}
    for name in ("slope", "max_value", "min_value", "threshold"):
        is_none = name in ("max_value", "min_value") and entry[name] is None
        if not is_none and not is_number(entry[name], whole=False):
            raise DataError(f"{where}: {name}: expected a number. Received: {entry[name]!r:.60}")
        numbers[name] = None if is_none else float(entry[name])
    table = unpack_type(entry["table"], (), f"{where}: table")
    if table is None:
        raise DataError(f"{where}: table: expected a type. Received: null")
    size = unpack_whole(entry["table_size"], f"{where}: table_size", 2, LARGEST_TABLE)
    firmware = unpack_firmware(entry.get("firmware"), f"{where}: firmware")
    function = unpack_text(entry["function"], f"{where}: function")
    return Activation(function, **numbers, table=table, table_size=size, firmware=firmware)


def _unpack_mean(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Mean:
    plain = _unpack_plain(kind, entry, where, taken)
    return replace(plain, accum=unpack_type(entry.get("accum"), (), f"{where}: accum"))


def _unpack_patches(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Patches:
    sizes = [unpack_sizes(entry[name], f"{where}: {name}") for name in ("kernel_size", "strides", "dilation")]
    pairs = [unpack_list(pair, f"{where}: padding") for pair in unpack_list(entry["padding"], f"{where}: padding")]
    if any(len(pair) != 2 for pair in pairs):
        raise DataError(f"{where}: padding: expected two numbers for each axis. Received: {entry['padding']!r:.60}")
    padding = tuple(tuple(unpack_whole(n, f"{where}: padding", 0, _LARGEST_SIZE) for n in pair) for pair in pairs)
    return Patches(*sizes, padding, unpack_text(entry["pad"], f"{where}: pad"))


def _unpack_gather(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Gather:
    return Gather(unpack_array(entry["index"], f"{where}: index", axes=max(1, _depth(entry["index"])), whole=True))


def _unpack_compare(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Compare:
    return Compare(unpack_text(entry["relation"], f"{where}: relation"))


def _unpack_embedding(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Embedding:
    table = unpack_array(entry["table"], f"{where}: table", axes=2)
    return Embedding(table, unpack_type(entry["type"], table.shape, f"{where}: type"))


def _unpack_quantize(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Quantize:
    shape = taken[0] if len(taken) == 1 else ()
    precision = unpack_type(entry["type"], shape, f"{where}: type")
    if precision is None:
        raise DataError(f"{where}: type: expected a type. Received: null")
    return Quantize(precision)


def _unpack_keys(field: str) -> Callable[..., Op]:
    """Places of values, and a number for each."""

    def unpack(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Op:
        index = unpack_array(entry["index"], f"{where}: index", axes=1, whole=True)
        return kind(index, unpack_array(entry[field], f"{where}: {field}", axes=1))

    return unpack


def _unpack_table(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Table:
    lists = {name: enumerate(unpack_list(entry[name], f"{where}: {name}")) for name in ("keys", "entries")}
    keys = tuple(unpack_array(one, f"{where}: keys {t}", axes=1, whole=True).tolist() for t, one in lists["keys"])
    entries = tuple(unpack_array(one, f"{where}: entries {t}", axes=1) for t, one in lists["entries"])
    return Table(keys, entries, unpack_type(entry["type"], (len(keys),), f"{where}: type"))


def _unpack_segments(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> SegmentSum:
    segments = unpack_array(entry["segments"], f"{where}: segments", axes=1, whole=True)
    offset = unpack_array(entry["offset"], f"{where}: offset", axes=1)
    return SegmentSum(segments, offset, unpack_type(entry["type"], offset.shape, f"{where}: type"))


def _unpack_sizes(field: str) -> Callable[..., Op]:
    def unpack(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Op:
        return kind(unpack_sizes(entry[field], f"{where}: {field}"))

    return unpack


def _depth(value: object) -> int:
    """How many lists stand in each other."""
    depth = 0
    while isinstance(value, list) and value and depth < _MOST_AXES:
        value, depth = value[0], depth + 1
    return depth


_UNPACK: Mapping[type, Callable[..., Op]] = MappingProxyType(
    {
        Dense: _unpack_constants(("kernel", "bias"), 2),
        Affine: _unpack_constants(("factor", "offset"), None),
        Activation: _unpack_activation,
        Embedding: _unpack_embedding,
        Quantize: _unpack_quantize,
        Patches: _unpack_patches,
        Mean: _unpack_mean,
        Gather: _unpack_gather,
        Compare: _unpack_compare,
        Reshape: _unpack_sizes("target"),
        Transpose: _unpack_sizes("axes"),
        Threshold: _unpack_keys("value"),
        Bit: _unpack_keys("weight"),
        Table: _unpack_table,
        SegmentSum: _unpack_segments,
    }
)
