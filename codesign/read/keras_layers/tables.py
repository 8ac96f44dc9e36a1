"""Layers of tables: keys, tables of bits, sums of segments, and all of it as one layer."""

from codesign.network.ops import Concatenate, Op, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call


def read_key_bits(builder: GraphBuilder, call: Call) -> Value:
    """Thresholds and raw bits."""
    return _keys(builder, call, call.layer.live)


def read_table_lookup(builder: GraphBuilder, call: Call) -> Value:
    """Tables."""
    return builder.add(call.name, _once(builder, call.layer.live), call.value)


def read_segment_sum(builder: GraphBuilder, call: Call) -> Value:
    """Sums."""
    return builder.add(call.name, call.layer.live.op(), call.value)


def read_table_sum(builder: GraphBuilder, call: Call) -> Value:
    """Keys, tables and sums."""
    layer = call.layer.live
    bits = _keys(builder, call, layer.keys, name=f"{call.name}_keys")
    found = builder.add(call.name, _once(builder, layer.lookup), bits, name=f"{call.name}_tables")
    return builder.add(call.name, layer.sums.op(), found)


def _keys(builder: GraphBuilder, call: Call, layer: object, name: str | None = None) -> Value:
    """What the keys take rounded to its type, and the keys, side by side where there are thresholds and bits."""
    value = call.value
    if layer.input_precision is not None:
        value = builder.add(call.name, Quantize(layer.input_precision), value, name=f"{call.name}_inputs")
    ops = [op for op in layer.ops() if op is not None]
    if len(ops) == 1:
        return builder.add(call.name, ops[0], value, name=name)
    front = name or call.name
    bits = [builder.add(call.name, op, value, name=f"{front}_{op.name}") for op in ops]
    return builder.add(call.name, Concatenate(), *bits, name=name)


def _once(builder: GraphBuilder, layer: object) -> Op:
    """The tables of a layer: of one that is called again the same op."""
    if layer not in builder.constants:
        builder.constants[layer] = layer.op()
    return builder.constants[layer]
