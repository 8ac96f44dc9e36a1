"""Layers of tables: keys, tables of bits, sums of segments, and all of it as one layer."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Bit, Concatenate, Op, Quantize, SegmentSum, Table, Threshold
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call

_SHARE_OF_RANGE = 1 / 16  # of a type, by which a trained threshold moves where its weight moves by 1


def read_key_bits(builder: GraphBuilder, call: Call) -> Value:
    """Thresholds and raw bits."""
    return _keys(builder, call)


def read_table_lookup(builder: GraphBuilder, call: Call) -> Value:
    """Tables."""
    return builder.add(call.name, _tables(builder, call), call.value)


def read_segment_sum(builder: GraphBuilder, call: Call) -> Value:
    """Sums."""
    return builder.add(call.name, _sums(call, call.config.get("step")), call.value)


def read_table_sum(builder: GraphBuilder, call: Call) -> Value:
    """Keys, tables and sums."""
    bits = _keys(builder, call, name=f"{call.name}_keys")
    found = builder.add(call.name, _tables(builder, call), bits, name=f"{call.name}_tables")
    step = call.config.get("step")
    finest = None if step is None else float(np.min(step))
    return builder.add(call.name, _sums(call, call.config.get("offset_step") or finest), found)


def _keys(builder: GraphBuilder, call: Call, name: str | None = None) -> Value:
    """What the keys take rounded to its type, and the keys, side by side where there are thresholds and bits."""
    value, kind = call.value, _precision(call.config.get("input_precision"))
    if kind is not None:
        value = builder.add(call.name, Quantize(kind), value, name=f"{call.name}_inputs")
    ops = list(_key_ops(call, kind))
    if len(ops) == 1:
        return builder.add(call.name, ops[0], value, name=name)
    front = name or call.name
    bits = [builder.add(call.name, op, value, name=f"{front}_{op.name}") for op in ops]
    return builder.add(call.name, Concatenate(), *bits, name=name)


def _key_ops(call: Call, kind: FixedPoint | None) -> list[Op]:
    thresholds, bits = (_columns(call.config.get(name) or ()) for name in ("thresholds", "bits"))
    found: list[Op] = []
    if thresholds[0].size:
        found.append(Threshold(thresholds[0], _moved(call, *thresholds, kind)))
    return [*found, Bit(*bits)] if bits[0].size else found


def _moved(call: Call, features: np.ndarray, start: np.ndarray, kind: FixedPoint | None) -> np.ndarray:
    """Thresholds after training, in single precision as the layer computes them."""
    single = start.astype(np.float32)
    begin = np.where(single < start, np.nextafter(single, np.float32(np.inf)), single)
    shift = call.weight("shift")
    if kind is None:
        spread = np.array([np.std(start[features == feature]) for feature in features])
        size = np.where(spread > 0, spread, np.abs(start))
        return (begin + np.where(size > 0, size, 1.0).astype(np.float32) * shift).astype(np.float64)
    n_values = max(int(features.max()) + 1, call.value.shape[-1])
    low, high, fraction = (
        np.broadcast_to(np.asarray(part, float), n_values)[features] for part in (kind.low, kind.high, kind.fraction)
    )
    step = np.exp2(-fraction)
    moved = begin + ((high - low) * _SHARE_OF_RANGE).astype(np.float32) * shift
    step, low, high = (one.astype(np.float32) for one in (step, low + step, high))
    return np.clip(np.ceil(moved * (1 / step)) * step, low, high).astype(np.float64)


def _columns(keys: Sequence[Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    features, numbers = ([key[place] for key in keys] for place in (0, 1))
    return np.array(features, np.int64), np.array(numbers, np.float64)


def _precision(given: object) -> FixedPoint | None:
    if isinstance(given, Mapping):
        return FixedPoint(**given)
    return FixedPoint.parse(given) if isinstance(given, str) else given


def _tables(builder: GraphBuilder, call: Call) -> Table:
    """The tables of a layer: of one that is called again the same op."""
    if ("tables", call.layer) not in builder.constants:
        tables = [[int(place) for place in keys] for keys in call.config["tables"]]
        sizes = [2 ** len(keys) for keys in tables]
        leaves = _rounded_leaves(call, np.asarray(call.weight("leaves")), sizes)
        entries = np.split(leaves.astype(np.float64), np.cumsum(sizes)[:-1])
        builder.constants["tables", call.layer] = Table(tables, entries)
    return builder.constants["tables", call.layer]


def _rounded_leaves(call: Call, leaves: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Multiples of each table's step, of which it has no more than its bits hold."""
    step, bits = (call.config.get(name) for name in ("step", "leaf_bits"))
    if step is None:
        return leaves
    step = np.broadcast_to(step, len(sizes)).astype(np.float32)
    codes = np.round(leaves * (1 / np.repeat(step, sizes)))
    if bits is not None:
        firsts = np.cumsum([0, *sizes[:-1]])
        middle = np.floor((np.maximum.reduceat(codes, firsts) + np.minimum.reduceat(codes, firsts)) / 2)
        span = np.exp2(np.broadcast_to(bits, len(sizes))).astype(np.float32) - 1
        low = middle - np.floor(span / 2)
        codes = np.clip(codes, np.repeat(low, sizes), np.repeat(low + span, sizes))
    return codes * np.repeat(step, sizes)


def _sums(call: Call, step: float | None) -> SegmentSum:
    n_sums = int(call.config["units"])
    offset = np.asarray(call.weight("offset")) if call.config.get("use_offset", True) else np.zeros(n_sums, np.float32)
    if step is not None:
        offset = np.round(offset * np.float32(1 / step)) * np.float32(step)
    return SegmentSum([int(one) for one in call.config["segments"]], offset.astype(np.float64))
