"""Networks as they lie in files: inputs, nodes with their ops, outputs; every op's fields are said in one table."""

from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from codesign.errors import DataError, UnsupportedLayerError, nearest
from codesign.network.network import Network
from codesign.network.node import Input, Node
from codesign.network.ops import OPS, ConstantTypes, FirmwareSoftmax, FirmwareTable, Shape
from codesign.network.storage.ops import LATER, unpack_op, unpack_sizes
from codesign.network.storage.values import unpack_list, unpack_object, unpack_text, unpack_type
from codesign.network.types.fixed_point import FixedPoint

_NAMES = {op.__name__.lower(): op for op in OPS}


def pack_network(network: Network) -> dict:
    """Return the content of a file, without its head."""
    return {
        "inputs": [
            {field.name: pack_value(getattr(one, field.name)) for field in fields(one)} for one in network.inputs
        ],
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


def pack_value(value: object) -> object:
    """Return an array, a type, or what holds these, as JSON has it."""
    if isinstance(value, np.ndarray):
        return (value.astype(int) if value.dtype == bool else value).tolist()
    if isinstance(value, FixedPoint):
        return (
            str(value) if not value.per_element else {f.name: pack_value(getattr(value, f.name)) for f in fields(value)}
        )
    if isinstance(value, ConstantTypes | FirmwareTable | FirmwareSoftmax):
        return {field.name: pack_value(getattr(value, field.name)) for field in fields(value)}
    return [pack_value(one) for one in value] if isinstance(value, tuple) else value


def _pack_node(node: Node) -> dict:
    op = {"op": type(node.op).__name__.lower()} | {
        field.name: pack_value(getattr(node.op, field.name)) for field in fields(node.op)
    }
    return {"name": node.name, "inputs": list(node.inputs), "output": pack_value(node.output), **op}


def _unpack_input(packed: object, where: str) -> Input:
    entry = unpack_object(packed, ("name", "shape", "precision"), where)
    shape = unpack_sizes(entry["shape"], f"{where}: shape")
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
    optional = LATER.get(_NAMES[kind], ())
    keys = ("name", "op", "inputs", "output", *(name for name in own if name not in optional))
    entry = unpack_object(packed, keys, where, optional=optional)
    inputs = [unpack_text(name, f"{where}: inputs") for name in unpack_list(entry["inputs"], f"{where}: inputs")]
    missing = next((name for name in inputs if name not in shapes), None)
    if missing is not None:
        raise UnsupportedLayerError(f"{where}: expected inputs that stand before it. Received: '{missing}'")
    taken = [shapes[name] for name in inputs]
    op = unpack_op(_NAMES[kind], entry, where, taken)
    name = unpack_text(entry["name"], f"{where}: name")
    Node(name, op, inputs)
    shapes[name] = op.shape(*taken)
    return Node(name, op, inputs, unpack_type(entry["output"], shapes[name], f"{where}: output"))
