"""Networks as they lie in files: inputs, nodes with their ops, outputs; every op's fields are said in one table."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType

import numpy as np

from codesign.errors import DataError, UnsupportedLayerError, nearest
from codesign.network.network import Network
from codesign.network.node import Input, Node
from codesign.network.ops import (
    OPS,
    Activation,
    Affine,
    Bit,
    ConstantTypes,
    Dense,
    Embedding,
    Op,
    Quantize,
    Reshape,
    SegmentSum,
    Shape,
    Table,
    Threshold,
    Transpose,
)
from codesign.network.storage.chain import LARGEST_TABLE
from codesign.network.storage.values import (
    is_number,
    unpack_array,
    unpack_list,
    unpack_object,
    unpack_text,
    unpack_type,
    unpack_whole,
)
from codesign.network.types.fixed_point import FixedPoint

_MOST_AXES = 8
_LARGEST_SIZE = 2**31
_NAMES = {op.__name__.lower(): op for op in OPS}


def pack_network(network: Network) -> dict:
    """Return the content of a file, without its head."""
    return {
        "inputs": [{field.name: _pack(getattr(one, field.name)) for field in fields(one)} for one in network.inputs],
        "nodes": [_pack_node(node) for node in network.nodes],
        "outputs": list(network.outputs),
    }


def unpack_graph(content: Mapping[str, object]) -> Network:
    """Return the network in the object of a file.

    Raises:
        DataError: naming the node and the key.
        PrecisionError, UnsupportedLayerError: for types and nodes that a Network cannot have.
    """
    unpack_object(content, ("format", "version", "inputs", "nodes", "outputs"), "network")
    packed = enumerate(unpack_list(content["inputs"], "inputs"))
    inputs = [_unpack_input(one, f"input {index}") for index, one in packed]
    shapes = {one.name: one.shape for one in inputs}
    nodes = []
    for index, one in enumerate(unpack_list(content["nodes"], "nodes")):
        nodes.append(_unpack_node(one, f"node {index}", shapes))
    return Network(nodes, inputs, [unpack_text(name, "outputs") for name in unpack_list(content["outputs"], "outputs")])


def _pack(value: object) -> object:
    if isinstance(value, np.ndarray):
        return (value.astype(int) if value.dtype == bool else value).tolist()
    if isinstance(value, FixedPoint):
        return str(value) if not value.per_element else {f.name: _pack(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, ConstantTypes):
        return {field.name: _pack(getattr(value, field.name)) for field in fields(value)}
    return [_pack(one) for one in value] if isinstance(value, tuple) else value


def _pack_node(node: Node) -> dict:
    op = {"op": type(node.op).__name__.lower()} | {
        field.name: _pack(getattr(node.op, field.name)) for field in fields(node.op)
    }
    return {"name": node.name, "inputs": list(node.inputs), "output": _pack(node.output), **op}


def _unpack_input(packed: object, where: str) -> Input:
    entry = unpack_object(packed, ("name", "shape", "precision"), where)
    shape = _sizes(entry["shape"], f"{where}: shape")
    return Input(
        unpack_text(entry["name"], f"{where}: name"),
        shape,
        unpack_type(entry["precision"], shape, f"{where}: precision"),
    )


def _unpack_node(packed: object, where: str, shapes: dict[str, Shape]) -> Node:
    """Return a node; its shape joins the others."""
    kind = packed.get("op") if isinstance(packed, dict) else None
    if not isinstance(kind, str) or kind not in _NAMES:
        raise DataError(
            f"{where}: op: expected one of {', '.join(_NAMES)}. Received: {kind!r:.60}{nearest(str(kind), _NAMES)}"
        )
    own = [field.name for field in fields(_NAMES[kind])]
    entry = unpack_object(packed, ("name", "op", "inputs", "output", *own), where)
    inputs = [unpack_text(name, f"{where}: inputs") for name in unpack_list(entry["inputs"], f"{where}: inputs")]
    missing = next((name for name in inputs if name not in shapes), None)
    if missing is not None:
        raise UnsupportedLayerError(f"{where}: expected inputs that stand before it. Received: '{missing}'")
    taken = [shapes[name] for name in inputs]
    op = _UNPACK.get(_NAMES[kind], _unpack_plain)(_NAMES[kind], entry, where, taken)
    name = unpack_text(entry["name"], f"{where}: name")
    Node(name, op, inputs)
    shapes[name] = op.shape(*taken)
    return Node(name, op, inputs, unpack_type(entry["output"], shapes[name], f"{where}: output"))


def _unpack_plain(kind: type[Op], entry: Mapping[str, object], where: str, taken: list[Shape]) -> Op:
    """An op whose fields are whole numbers and flags."""
    found = {}
    for field in fields(kind):
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
        return kind(*arrays, _unpack_types(entry["types"], arrays, f"{where}: types"))

    return unpack


def _unpack_types(packed: object, arrays: list[np.ndarray], where: str) -> ConstantTypes | None:
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
    for name in ("slope", "max_value"):
        if not is_number(entry[name], whole=False) and not (name == "max_value" and entry[name] is None):
            raise DataError(f"{where}: {name}: expected a number. Received: {entry[name]!r:.60}")
    table = unpack_type(entry["table"], (), f"{where}: table")
    if table is None:
        raise DataError(f"{where}: table: expected a type. Received: null")
    size = unpack_whole(entry["table_size"], f"{where}: table_size", 2, LARGEST_TABLE)
    limits = {name: None if entry[name] is None else float(entry[name]) for name in ("slope", "max_value")}
    return Activation(unpack_text(entry["function"], f"{where}: function"), **limits, table=table, table_size=size)


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
        return kind(_sizes(entry[field], f"{where}: {field}"))

    return unpack


def _sizes(value: object, where: str) -> Shape:
    sizes = unpack_list(value, where)
    if not 1 <= len(sizes) <= _MOST_AXES:
        raise DataError(f"{where}: expected 1 to {_MOST_AXES} axes. Received: {len(sizes)}")
    return tuple(unpack_whole(size, where, 1, _LARGEST_SIZE) for size in sizes)


def _depth(value: object) -> int:
    """How many lists stand in each other."""
    depth = 0
    while isinstance(value, list) and value and depth < _MOST_AXES:
        value, depth = value[0], depth + 1
    return max(1, depth)


_UNPACK: Mapping[type, Callable[..., Op]] = MappingProxyType(
    {
        Dense: _unpack_constants(("kernel", "bias"), 2),
        Affine: _unpack_constants(("factor", "offset"), None),
        Activation: _unpack_activation,
        Embedding: _unpack_embedding,
        Quantize: _unpack_quantize,
        Reshape: _unpack_sizes("target"),
        Transpose: _unpack_sizes("axes"),
        Threshold: _unpack_keys("value"),
        Bit: _unpack_keys("weight"),
        Table: _unpack_table,
        SegmentSum: _unpack_segments,
    }
)
