"""HGQ's proxy models: Keras's layers, with the type of each value and functions as tables between them."""

from dataclasses import replace

import numpy as np

from codesign.network import FixedPoint, constant_type, exact_type
from codesign.network.ops import ConstantTypes, Dense, Embedding, Quantize, Reshape
from codesign.network.types.fixed_point import OVERFLOWS, ROUNDINGS
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.typed_array import TypedArray, affine_of

_WIDEST = 48


def read_quantizer(builder: GraphBuilder, call: Call) -> Value:
    """The type of each value of a proxy model."""
    bits, integers, signs = (np.asarray(call.weight(name)) for name in ("bits", "integers", "keep_negative"))
    rounding, overflow = str(call.config.get("RND", "TRN")), str(call.config.get("SAT", "WRAP"))
    if rounding not in ROUNDINGS or overflow not in OVERFLOWS:
        expected = f"rounding {', '.join(ROUNDINGS)} and overflow {', '.join(OVERFLOWS)}"
        raise refusal(call, expected, f"{rounding}, {overflow}", "make the proxy model with these")
    value = call.value
    _type_constants(builder, value.name)
    parts = [part[0] if part.ndim == len(value.shape) + 1 else part for part in (bits, integers, signs)]
    width, integer, signed = (np.broadcast_to(part, value.shape).astype(np.int64) for part in parts)
    if overflow == "SAT_SYM":
        width = np.where((signed == 1) & (width == 1), 0, width)
    parts = (np.maximum(width, 0), np.where(width > 0, integer, 0), (signed > 0) & (width > 0))
    alike = width.flat[0] > 0 and all((part == part.flat[0]).all() for part in parts)
    kind = FixedPoint(*(part.flat[0] if alike else part for part in parts), rounding, overflow)
    return builder.add(call.name, Quantize(kind), value)


def _type_constants(builder: GraphBuilder, name: str) -> None:
    """Give the dense op behind which a proxy model rounds the types of its constants, which are rounded already."""
    places = {node.name: place for place, node in enumerate(builder.nodes)}
    while name in places and len(builder.nodes[places[name]].inputs) == 1:
        place = places[name]
        op = builder.nodes[place].op
        if isinstance(op, Quantize):
            return
        kind = exact_type(op.kernel) if isinstance(op, Dense) and op.types is None else None
        if kind is not None:
            typed = Dense(op.kernel, op.bias, ConstantTypes(kind, constant_type(op.bias)))
            builder.nodes[place] = replace(builder.nodes[place], op=typed)
        name = builder.nodes[place].inputs[0]


def read_table(builder: GraphBuilder, call: Call) -> Value:
    """``table[round(x 2**f) mod n]``."""
    table, value, name = np.asarray(call.weight("table"), np.float64), call.value, call.name
    digits = int(np.ravel(call.config.get("kif_in"))[2])
    bits = max(1, int(len(table) - 1).bit_length())
    if len(table) != 2**bits:
        raise refusal(call, "a table of a power of two entries", f"{len(table)}", "make the proxy model again")
    line = (TypedArray(part, exact_type(part)) for part in (np.array([2.0**digits]), np.zeros(1)))
    value = builder.add(name, affine_of(*line), value, name=f"{name}_code")
    place = FixedPoint(bits, bits, False, "RND_CONV", "WRAP")
    value = builder.add(name, Quantize(place), value, name=f"{name}_place")
    found = exact_type(table, widest=_WIDEST)
    entries = builder.add(name, Embedding(table[:, np.newaxis], found), value, name=f"{name}_entries")
    return builder.add(name, Reshape(value.shape), entries, name=name)
