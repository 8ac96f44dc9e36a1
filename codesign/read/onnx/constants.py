"""What is worked out at once: nodes that take constants alone, in the types that ONNX gives them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network.activations import softmax
from codesign.read.onnx.constant_moves import MOVES_OF_CONSTANTS, Fold, sized
from codesign.read.onnx.tensors import DTYPES
from codesign.read.onnx.walk import Call


def _broadcast(function: Callable[..., np.ndarray]) -> Fold:
    def fold(call: Call, *arrays: np.ndarray) -> np.ndarray:
        sized(call, np.broadcast_shapes(*(np.shape(array) for array in arrays)))
        found = arrays[0]
        if len(arrays) == 1:
            return function(found)
        for array in arrays[1:]:
            found = function(found, array)
        return np.asarray(found, arrays[0].dtype if function not in _COMPARE else None)

    return fold


def _divide(call: Call, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    sized(call, np.broadcast_shapes(one.shape, other.shape))
    if one.dtype.kind in "iu":
        if not other.all():
            raise UnsupportedLayerError("expected divisors other than 0. Received: 0")
        return (np.sign(one) * np.sign(other) * (np.abs(one) // np.abs(other))).astype(one.dtype)
    return one / other


def _cast(call: Call, array: np.ndarray, *rest: np.ndarray) -> np.ndarray:
    kind = call.whole("to")
    if kind not in DTYPES or DTYPES[kind].kind == "O":
        raise call.refusal("a type of numbers", f"ONNX's type {kind}")
    if DTYPES[kind].kind in "iu" and array.dtype.kind == "f":
        return np.trunc(array).astype(np.int64).astype(DTYPES[kind])
    return array.astype(DTYPES[kind])


def _matmul(call: Call, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    call.walk.count(one.size * (other.shape[-1] if other.ndim > 1 else 1) * max(1, other.size // 2**16))
    return np.matmul(one, other)


def _clip(call: Call, array: np.ndarray, *limits: np.ndarray) -> np.ndarray:
    low, high = call.attribute("min", call.value(1)), call.attribute("max", call.value(2))
    return array if low is None and high is None else np.clip(array, low, high).astype(array.dtype)


def _reduced(function: Callable[..., np.ndarray]) -> Fold:
    def fold(call: Call, array: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        axes = call.wholes("axes", 1)
        if not axes and call.whole("noop_with_empty_axes"):
            return array
        axes = tuple(axes) if axes and array.ndim else None
        return np.asarray(function(array, axis=axes, keepdims=bool(call.whole("keepdims", 1))), array.dtype)

    return fold


def _where(call: Call, flag: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    sized(call, np.broadcast_shapes(flag.shape, one.shape, other.shape))
    return np.where(flag, one, other)


def _softmax(call: Call, array: np.ndarray) -> np.ndarray:
    axis = call.whole("axis", -1)
    return np.moveaxis(softmax(np.moveaxis(array, axis, -1)), -1, axis).astype(array.dtype)


def _gemm(call: Call, one: np.ndarray, other: np.ndarray, added: np.ndarray | None = None) -> np.ndarray:
    one = one.T if call.whole("transA") else one
    other = other.T if call.whole("transB") else other
    found = call.number("alpha", 1.0) * _matmul(call, one, other)
    return (found if added is None else found + call.number("beta", 1.0) * added).astype(one.dtype)


def _erf(values: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return erf(values).astype(values.dtype)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (0.5 * (1 + np.tanh(0.5 * values.astype(np.float64)))).astype(values.dtype)


_COMPARE = (np.equal, np.less, np.less_equal, np.greater, np.greater_equal, np.logical_and, np.logical_or)
_ELEMENTWISE = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Pow": np.power,
    "Mod": np.mod,
    "Max": np.maximum,
    "Min": np.minimum,
    "Sum": np.add,
    "Equal": np.equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "And": np.logical_and,
    "Or": np.logical_or,
    "Not": np.logical_not,
    "Neg": np.negative,
    "Abs": np.abs,
    "Sqrt": np.sqrt,
    "Exp": np.exp,
    "Log": np.log,
    "Reciprocal": np.reciprocal,
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Round": np.rint,
    "Sign": np.sign,
    "Tanh": np.tanh,
    "Sigmoid": _sigmoid,
    "Erf": _erf,
    "Relu": lambda values: np.maximum(values, 0).astype(values.dtype),
}
FOLDS: Mapping[str, Fold] = MappingProxyType(
    {
        **MOVES_OF_CONSTANTS,
        **{name: _broadcast(function) for name, function in _ELEMENTWISE.items()},
        "Div": _divide,
        "Cast": _cast,
        "CastLike": lambda call, array, like: array.astype(like.dtype),
        "MatMul": _matmul,
        "Gemm": _gemm,
        "Clip": _clip,
        "Where": _where,
        "Softmax": _softmax,
        "ReduceSum": _reduced(np.sum),
        "ReduceProd": _reduced(np.prod),
        "ReduceMean": _reduced(np.mean),
        "ReduceMax": _reduced(np.max),
        "ReduceMin": _reduced(np.min),
    }
)
