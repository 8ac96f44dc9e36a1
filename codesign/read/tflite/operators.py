"""How each operator of TensorFlow Lite is read, by ONNX's: a table from its name to function."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.read.onnx.flow import BATCH, Flow
from codesign.read.onnx.tensors import DTYPES
from codesign.read.tflite.call import LiteCall
from codesign.read.tflite.layers import LAYERS

Read = Callable[[LiteCall], object]


def same(operation: str, n_inputs: int = 1, **attributes: object) -> Read:
    """Return what reads an operator that ONNX has too."""
    return lambda call: call.onnx(operation, *call.values[:n_inputs], **attributes)


def merged(operation: str) -> Read:
    """Return what reads an operation of two values, and the activation behind it."""
    return lambda call: call.activated(call.onnx(operation, *call.values[:2]), 0)


def reduced(operation: str) -> Read:
    """Return what reads a reduction along axes."""

    def read(call: LiteCall) -> object:
        axes = call.wholes(1, "axis")
        return call.onnx(operation, call.value(0), axes=axes, keepdims=int(call.option(0, "?")))

    return read


def read_softmax(call: LiteCall) -> object:
    """A softmax of ``beta x``."""
    beta, value = float(call.option(0, "f", 1.0)), call.value(0)
    value = value if beta == 1 else call.onnx("Mul", value, np.float32(beta))
    return call.onnx("Softmax", value, axis=-1)


def read_reshape(call: LiteCall) -> object:
    """Sizes of an input, or of an option."""
    sizes = call.value(1)
    if sizes is None and call.operator.options is not None:
        sizes = call.operator.options.numbers(0, "<i4").astype(np.int64)
    return call.onnx("Reshape", call.value(0), np.asarray(sizes, np.int64).ravel())


def read_concatenation(call: LiteCall) -> object:
    """Values side by side."""
    return call.activated(call.onnx("Concat", *call.values, axis=int(call.option(0, "i"))), 1)


def read_strided_slice(call: LiteCall) -> object:
    """Some of the values along axes; some axes disappear."""
    given, (first, last, steps) = call.value(0), (call.wholes(index, "place") for index in (1, 2, 3))
    begin, end, ellipsis, new, shrink = (int(call.option(field, "i")) for field in range(5))
    if ellipsis or new:
        raise UnsupportedLayerError("expected no ellipsis and no new axes in a slice. Received: some")
    rank = given.rank if isinstance(given, Flow) else np.ndim(given)
    if not len(first) == len(last) == len(steps) <= rank:
        raise UnsupportedLayerError(f"expected places along at most {rank} axes. Received: {len(first)}")
    for axis, step in enumerate(steps):
        bit = 1 << axis
        if begin & bit and end & bit and step == 1:
            continue
        far = 2**31 - 1
        start = (0 if step > 0 else far) if begin & bit else first[axis]
        stop = (far if step > 0 else -far) if end & bit else last[axis]
        if shrink & bit:
            stop = far if start == -1 else start + 1
        bounds = (np.array([one], np.int64) for one in (start, stop, axis, step))
        given = call.onnx("Slice", given, *bounds)
    gone = [axis for axis in range(len(steps)) if shrink & (1 << axis)]
    return call.onnx("Squeeze", given, np.array(gone)) if gone else given


def read_slice(call: LiteCall) -> object:
    """Places from a first one on, and their number along each axis; -1 is all that follow."""
    given, starts, sizes = call.value(0), call.wholes(1, "place"), call.wholes(2, "size")
    for axis, (start, size) in enumerate(zip(starts, sizes)):
        if start or size != -1:
            stop = 2**31 - 1 if size == -1 else start + size
            given = call.onnx("Slice", given, *(np.array([one], np.int64) for one in (start, stop, axis, 1)))
    return given


def read_pack(call: LiteCall) -> object:
    """Values side by side along a new axis."""
    axis = int(call.option(1, "i"))
    if not any(isinstance(value, Flow) for value in call.values):
        return np.stack(call.values, axis)
    return call.onnx("Concat", *(call.onnx("Unsqueeze", value, np.array([axis])) for value in call.values), axis=axis)


def read_unpack(call: LiteCall) -> tuple:
    """Each place along an axis."""
    axis, n = int(call.option(1, "i")), len(call.results)
    return tuple(call.onnx("Gather", call.value(0), np.array(place), axis=axis) for place in range(n))


def read_split(call: LiteCall) -> object:
    """Equal parts along an axis, which comes first."""
    axis, n = call.wholes(0, "axis")[0], len(call.results)
    return call.onnx("Split", call.value(1), axis=axis, n_outputs=n, num_outputs=n)


def read_split_by_sizes(call: LiteCall) -> object:
    """Parts of given sizes."""
    sizes, axis = call.wholes(1, "size"), call.wholes(2, "axis")[0]
    return call.onnx("Split", call.value(0), np.array(sizes), axis=axis, n_outputs=len(call.results))


def read_pad(call: LiteCall) -> object:
    """Places before and behind each axis, 0 or a constant."""
    pads = call.constant(1, "padding").astype(np.int64)
    value = np.float32(0 if call.value(2) is None else np.ravel(call.constant(2, "value"))[0])
    return call.onnx("Pad", call.value(0), pads.T.ravel(), value)


def read_mirror_pad(call: LiteCall) -> object:
    """Values mirrored, the outermost once."""
    if call.option(0, "b"):
        raise UnsupportedLayerError("expected padding that reflects. Received: symmetric padding")
    pads = call.constant(1, "padding").astype(np.int64)
    return call.onnx("Pad", call.value(0), pads.T.ravel(), mode="reflect")


def read_product(call: LiteCall) -> object:
    """BATCH_MATMUL: the product of two values, or of one and a constant."""
    pair = [
        call.onnx("Transpose", value, perm=[*range(rank - 2), rank - 1, rank - 2]) if call.option(field, "?") else value
        for field, value in enumerate(call.values[:2])
        for rank in (value.rank if isinstance(value, Flow) else np.ndim(value),)
    ]
    return call.onnx("MatMul", *pair)


def read_cast(call: LiteCall) -> object:
    """To another type."""
    dtype = call.results[0].dtype
    return call.onnx("Cast", call.value(0), to=next(kind for kind, one in DTYPES.items() if one == dtype))


def read_squeeze(call: LiteCall) -> object:
    """Without axes of size 1."""
    axes = np.zeros(0) if call.operator.options is None else call.operator.options.numbers(0, "<i4")
    return call.onnx("Squeeze", call.value(0), *((axes.astype(np.int64),) if axes.size else ()))


def read_fill(call: LiteCall) -> object:
    """A constant of given sizes."""
    return call.onnx(
        "Expand", call.constant(1, "value"), np.where(call.constant(0, "size") % BATCH, call.constant(0, "size"), 1)
    )


def read_square_of_difference(call: LiteCall) -> object:
    """``(x - y)**2``."""
    found = call.onnx("Sub", *call.values[:2])
    return call.onnx("Mul", found, found)


def place_of(operation: str) -> Read:
    """Return what reads ARG_MAX or ARG_MIN."""
    return lambda call: call.onnx(operation, call.value(0), axis=call.wholes(1, "axis")[0], keepdims=0)


_PLAIN = {
    "LOGISTIC": "Sigmoid",
    "LOGICAL_NOT": "Not",
    **{name: name.capitalize() for name in ("RELU", "TANH", "FLOOR", "CEIL", "ROUND", "EXP", "LOG", "SQRT", "SIN")},
    **{name: name.capitalize() for name in ("COS", "ABS", "NEG", "ELU", "SIGN", "SHAPE")},
}
_PAIRS = {
    "POW": "Pow",
    "MAXIMUM": "Max",
    "MINIMUM": "Min",
    "LESS": "Less",
    "LESS_EQUAL": "LessOrEqual",
    "GREATER": "Greater",
    "GREATER_EQUAL": "GreaterOrEqual",
    "EQUAL": "Equal",
    "LOGICAL_AND": "And",
    "LOGICAL_OR": "Or",
    "PRELU": "PRelu",
    "TILE": "Tile",
    "BROADCAST_TO": "Expand",
    "EXPAND_DIMS": "Unsqueeze",
    "GATHER_ND": "GatherND",
}
_REDUCTIONS = {
    "MEAN": "ReduceMean",
    "SUM": "ReduceSum",
    "REDUCE_MAX": "ReduceMax",
    "REDUCE_MIN": "ReduceMin",
    "REDUCE_PROD": "ReduceProd",
}
OPERATORS: Mapping[str, Read] = MappingProxyType(
    {
        **LAYERS,
        **{name: same(operation) for name, operation in _PLAIN.items()},
        **{name: same(operation, 2) for name, operation in _PAIRS.items()},
        **{name: reduced(operation) for name, operation in _REDUCTIONS.items()},
        **{name: merged(name.capitalize()) for name in ("ADD", "SUB", "MUL", "DIV")},
        **dict.fromkeys(("QUANTIZE", "DEQUANTIZE"), same("Identity")),
        **dict.fromkeys(("SELECT", "SELECT_V2"), same("Where", 3)),
        "RELU6": lambda call: call.limited(call.value(0), "relu6"),
        "RELU_N1_TO_1": lambda call: call.limited(call.value(0), "relu_n1_to_1"),
        "RELU_0_TO_1": lambda call: call.limited(call.value(0), "relu_0_to_1"),
        "LEAKY_RELU": lambda call: call.onnx("LeakyRelu", call.value(0), alpha=float(call.option(0, "f"))),
        "GELU": lambda call: call.onnx("Gelu", call.value(0), approximate="tanh" if call.option(0, "?") else "none"),
        "HARD_SWISH": same("HardSwish"),
        "SOFTMAX": read_softmax,
        "LOG_SOFTMAX": same("LogSoftmax", axis=-1),
        "L2_NORMALIZATION": same("LpNormalization", axis=-1, p=2),
        "RSQRT": lambda call: call.onnx("Pow", call.value(0), np.float32(-0.5)),
        "SQUARE": lambda call: call.onnx("Mul", call.value(0), call.value(0)),
        "SQUARED_DIFFERENCE": read_square_of_difference,
        "ADD_N": lambda call: call.onnx("Sum", *call.values),
        "NOT_EQUAL": lambda call: call.onnx("Not", call.onnx("Equal", *call.values[:2])),
        "ARG_MAX": place_of("ArgMax"),
        "ARG_MIN": place_of("ArgMin"),
        "RESHAPE": read_reshape,
        "SQUEEZE": read_squeeze,
        "TRANSPOSE": lambda call: call.onnx("Transpose", call.value(0), perm=call.wholes(1, "order")),
        "CONCATENATION": read_concatenation,
        "STRIDED_SLICE": read_strided_slice,
        "SLICE": read_slice,
        "PACK": read_pack,
        "UNPACK": read_unpack,
        "SPLIT": read_split,
        "SPLIT_V": read_split_by_sizes,
        "PAD": read_pad,
        "PADV2": read_pad,
        "MIRROR_PAD": read_mirror_pad,
        "GATHER": lambda call: call.onnx("Gather", *call.values[:2], axis=int(call.option(0, "i"))),
        "EMBEDDING_LOOKUP": lambda call: call.onnx("Gather", call.value(1), call.value(0), axis=0),
        "BATCH_MATMUL": read_product,
        "CAST": read_cast,
        "FILL": read_fill,
    }
)
