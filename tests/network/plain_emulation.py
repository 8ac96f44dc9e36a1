"""The emulation of a graph by plain loops over exact fractions, the twin of what is fast."""

import math
import operator
from fractions import Fraction

import numpy as np

from codesign.network.ops import (
    MOVES,
    Activation,
    Affine,
    ArgMax,
    Bit,
    Compare,
    Dense,
    Dot,
    Embedding,
    Gather,
    MatMul,
    Max,
    Mean,
    Min,
    Patches,
    Quantize,
    SegmentSum,
    Select,
    Sum,
    Table,
    Threshold,
)
from codesign.network.types.exact_type import limit_type
from tests.random_graphs import CURVE_FUNCTIONS

OPERATORS = dict(less="lt", less_equal="le", greater="gt", greater_equal="ge", equal="eq", not_equal="ne")


def exact(values):
    """Fractions of an array of float64."""
    return np.vectorize(Fraction, otypes=[object])(values)


def cast(precision, values):
    """ap_fixed's cast of exact values, one by one."""
    fraction, width = (np.broadcast_to(bits, values.shape) for bits in (precision.fraction, precision.width))
    low, high = (np.broadcast_to(bits, values.shape) for bits in (precision.code_low, precision.code_high))
    out = np.empty(values.shape, object)
    for at in np.ndindex(values.shape):
        scaled = values[at] * Fraction(2) ** int(fraction[at])
        floor = scaled.numerator // scaled.denominator
        rest = scaled - floor
        up = {
            "TRN": False,
            "RND": rest >= Fraction(1, 2),
            "RND_CONV": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and floor % 2 == 1),
        }
        code = floor + bool(up[precision.rounding])
        if precision.overflow == "WRAP":
            code = (code - int(low[at])) % 2 ** int(width[at]) + int(low[at]) if width[at] else 0
        else:
            code = min(max(code, int(low[at])), int(high[at]))
        out[at] = code / Fraction(2) ** int(fraction[at])
    return out


def limit(value):
    """What a design compares with."""
    return Fraction(float(limit_type(value).quantize(np.array(value))))


def plain_activation(op, value, table):
    if op.function in ("sigmoid", "tanh", "swish"):
        reach = 4 if op.function == "tanh" else 8
        index = value * op.table_size / (2 * reach)
        index = int(index) + op.table_size // 2  # towards 0
        entry = table[min(max(index, 0), op.table_size - 1)]
        return value * entry if op.function == "swish" else entry
    steps = {
        "thresholded_relu": lambda: min(value if value > limit(op.threshold) else 0, limit(op.max_value)),
        "clip": lambda: max(value, limit(op.min_value)),
        "abs": lambda: abs(value),
        "sign": lambda: Fraction((value > 0) - (value < 0)),
        "floor": lambda: Fraction(math.floor(value)),
        "ceil": lambda: Fraction(math.ceil(value)),
        "round": lambda: Fraction(round(value)),
    }
    if op.function in steps:
        return steps[op.function]()
    if op.function in CURVE_FUNCTIONS:
        return Fraction(float(op.evaluate(np.array([float(value)]))[0]))
    slope = Fraction(float(op.slope_type.quantize(np.array(op.slope)))) if op.slope else Fraction(0)
    if op.function == "relu":
        top = value if op.max_value is None else min(value, Fraction(op.max_value))
        return max(top, Fraction(0))
    return {
        "linear": lambda: value,
        "leaky_relu": lambda: value if value > 0 else slope * value,
        "hard_sigmoid": lambda: min(max(slope * value + Fraction(1, 2), Fraction(0)), Fraction(1)),
        "hard_tanh": lambda: min(max(value, Fraction(-1)), Fraction(1)),
    }[op.function]()


def plain_table(op):
    """hls4ml's table, entry by entry, in single precision."""
    reach = np.float32(4 if op.function == "tanh" else 8)
    entries = []
    for index in range(op.table_size):
        x = np.float32(2 * reach * (index - np.float32(op.table_size) / 2) / np.float32(op.table_size))
        y = (
            np.tanh(np.float64(x))
            if op.function == "tanh"
            else np.float32(1 / (1 + np.exp(-np.float64(x)).astype(np.float32)))
        )
        entries.append(Fraction(float(op.table.quantize(np.array(y, float)))))
    return entries


def plain_patches(op, value):
    """What lies under a window, tap by tap."""
    *spatial, channels = value.shape
    out = op.shape(value.shape)
    found = np.empty(out, object)
    for at in np.ndindex(out[:-1]):
        row = []
        for tap in np.ndindex(op.kernel_size):
            place = []
            for axis, size in enumerate(spatial):
                taps = [
                    at[axis] * op.strides[axis] - op.padding[axis][0] + i * op.dilation[axis]
                    for i in range(op.kernel_size[axis])
                ]
                inside = [one for one in taps if 0 <= one < size]
                here = taps[tap[axis]]
                place.append(min(max(here, min(inside)), max(inside)) if op.pad == "edge" else here)
            is_there = all(0 <= one < size for one, size in zip(place, spatial))
            row += list(value[tuple(place)]) if is_there else [Fraction(0)] * channels
        found[at] = row
    return found


def plain_op(op, inputs, network, name):
    """What one op makes of one event's exact values, by plain loops."""
    first = inputs[0]
    if isinstance(op, Dense):
        kernel, bias = exact(op.types.weight.quantize(op.kernel)), exact(op.types.bias.quantize(op.bias))
        out = np.empty((*first.shape[:-1], kernel.shape[1]), object)
        for at in np.ndindex(first.shape[:-1]):
            for j in range(kernel.shape[1]):
                out[(*at, j)] = bias[j] + sum(
                    (first[(*at, i)] * kernel[i, j] for i in range(kernel.shape[0])), Fraction(0)
                )
        return out
    if isinstance(op, Affine):
        return first * exact(op.types.weight.quantize(op.factor)) + exact(op.types.bias.quantize(op.offset))
    if isinstance(op, Activation):
        table = plain_table(op) if op.function in ("sigmoid", "tanh", "swish") else None
        return np.vectorize(lambda value: plain_activation(op, value, table), otypes=[object])(first)
    if isinstance(op, Embedding):
        table = exact(op.type.quantize(op.table))
        return np.array([table[int(index)] for index in first.ravel()], object).reshape(*first.shape, -1)
    if isinstance(op, Mean):
        axis = op.axis - 1 if op.axis > 0 else op.axis
        n, fraction = first.shape[axis], int(network.fixed_ops[name].accum.fraction)
        total = first.sum(axis=axis, keepdims=op.keepdims)
        to_zero = lambda value: int(value / n * Fraction(2) ** fraction) / Fraction(2) ** fraction  # noqa: E731
        return np.vectorize(to_zero, otypes=[object])(total)
    if isinstance(op, (Sum, Max, Min)):
        axis = op.axis - 1 if op.axis > 0 else op.axis
        join = {Sum: np.sum, Max: np.max, Min: np.min}[type(op)]
        return join(first, axis=axis, keepdims=op.keepdims)
    if isinstance(op, ArgMax):
        axis = op.axis - 1 if op.axis > 0 else op.axis
        place = lambda row: Fraction(max(range(len(row)), key=lambda i: (row[i], -i)))  # noqa: E731
        found = np.apply_along_axis(place, axis, first)
        return np.expand_dims(found, axis) if op.keepdims else found
    if isinstance(op, Patches):
        return plain_patches(op, first)
    if isinstance(op, Gather):
        flat = [*first.ravel(), Fraction(0)]
        return np.array([flat[i] for i in op.index.ravel()], object).reshape(op.index.shape)
    if isinstance(op, MatMul):
        return first @ inputs[1]
    if isinstance(op, Compare):
        relation = getattr(operator, OPERATORS[op.relation])
        return np.vectorize(lambda a, b: Fraction(int(relation(a, b))), otypes=[object])(*inputs)
    if isinstance(op, Select):
        return np.vectorize(lambda c, a, b: a if c else b, otypes=[object])(*inputs)
    if isinstance(op, Threshold):
        values = [Fraction(float(value)) for value in op.value]
        return np.array([Fraction(int(first[i] >= value)) for i, value in zip(op.index, values)], object)
    if isinstance(op, Bit):
        weights = [Fraction(float(weight)) for weight in op.weight]
        return np.array([Fraction(first[i] // weight % 2) for i, weight in zip(op.index, weights)], object)
    if isinstance(op, Table):
        places = [sum(int(first[key]) << place for place, key in enumerate(keys)) for keys in op.keys]
        entries = [Fraction(float(one[place])) for one, place in zip(op.entries, places)]
        return cast(network.fixed_ops[name].type, np.array(entries, object))
    if isinstance(op, SegmentSum):
        sums = exact(op.offset if op.type is None else op.type.quantize(op.offset))
        for segment, term in zip(op.segments, first):
            sums[segment] += term
        return sums
    if isinstance(op, (*MOVES, Quantize)):
        return op.evaluate(*(one[np.newaxis] for one in inputs))[0] if isinstance(op, MOVES) else first
    if isinstance(op, Dot):
        return np.array([sum((a * b for a, b in zip(*inputs)), Fraction(0))], object)
    pairs = {
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "maximum": max,
        "minimum": min,
    }
    out = first
    for other in inputs[1:]:
        out = np.vectorize(pairs[op.name], otypes=[object])(out, other)
    return out


def plain_emulate(network, x):
    """Network.emulate with fractions and loops, an oracle that shares only the types with it."""
    outputs = []
    for event in x:
        values = {name: exact(value[0]) for name, value in network.input_layout.split(event[np.newaxis]).items()}
        values = {one.name: cast(one.precision, values[one.name]) for one in network.inputs}
        for node in network.nodes:
            found = plain_op(node.op, [values[name] for name in node.inputs], network, node.name)
            values[node.name] = cast(network.types[node.name], found)
        outputs.append(np.concatenate([values[name].ravel() for name in network.outputs]))
    return np.array(outputs, float)
