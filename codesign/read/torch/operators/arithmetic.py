"""Arithmetic of tensors and numbers, comparisons, choices."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.read.onnx.flow import FLOAT, Flow
from codesign.read.torch.call import TorchCall, sizes_of

Read = Callable[[TorchCall], object]


def as_float(value: object) -> object:
    """Return a tensor as one of floating-point numbers: torch promotes where ONNX does not."""
    if isinstance(value, Flow):
        return replace(value, dtype=FLOAT) if value.dtype.kind in "iub" else value
    return value.astype(np.float64) if value.dtype.kind in "iub" else value


def pair(call: TorchCall, first: str = "self", second: str = "other") -> tuple[object, object]:
    """Return two operands, as floating-point numbers but where both are whole."""
    found = call.value(first), call.value(second)
    whole = [one.dtype.kind in "iub" for one in found]
    return found if all(whole) else tuple(as_float(one) for one in found)


def binary(operation: str) -> Read:
    """Return what reads an operation of two; the second times alpha."""

    def read(call: TorchCall) -> object:
        one, other = pair(call)
        alpha = call.get("alpha", 1)
        if alpha not in (None, 1):
            other = call.onnx("Mul", as_float(other), float(alpha))
        return call.onnx(operation, one, other)

    return read


def read_reversed(call: TorchCall) -> object:
    """``other - alpha self``."""
    one, other = pair(call)
    alpha = call.get("alpha", 1)
    return call.onnx("Sub", other, one if alpha in (None, 1) else call.onnx("Mul", one, float(alpha)))


def read_div(call: TorchCall) -> object:
    """A quotient; of another rounding only between constants."""
    if call.get("rounding_mode") is not None:
        raise call.refusal("rounding_mode=None", call.get("rounding_mode"))
    one, other = (as_float(value) for value in pair(call))
    return call.onnx("Div", one, other)


def of_constants(function: np.ufunc) -> Read:
    """Return what reads an operation that only constants have, such as the remainder of places."""

    def read(call: TorchCall) -> object:
        one, other = pair(call)
        if isinstance(one, Flow) or isinstance(other, Flow) or not np.all(other):
            raise call.refusal("constants, the second not 0", "values that depend on the events, or 0")
        return np.asarray(function(one, other))

    return read


def read_power(call: TorchCall) -> object:
    """A power."""
    return call.onnx("Pow", as_float(call.value()), as_float(call.value("exponent")))


def compared(operation: str, *, negated: bool = False) -> Read:
    """Return what reads a comparison; no finite number is infinite."""

    def read(call: TorchCall) -> object:
        one, other = pair(call)
        if operation == "Equal" and not isinstance(other, Flow) and isinstance(one, Flow) and np.isinf(other).all():
            return np.full((1,) * one.rank, negated)
        found = call.onnx(operation, one, other)
        return call.onnx("Not", found) if negated else found

    return read


def read_where(call: TorchCall) -> object:
    """A choice; one that constants make for all is that."""
    condition, one, other = call.value("condition"), call.value("self"), call.value("other")
    if not isinstance(condition, Flow) and condition.size and (condition == condition.flat[0]).all():
        chosen = one if condition.flat[0] else other
        if len(sizes_of(chosen)) >= len(sizes_of(other if condition.flat[0] else one)):
            return chosen
    return call.onnx("Where", condition, as_float(one), as_float(other))


def read_masked_fill(call: TorchCall) -> object:
    """A number at some places."""
    mask, value = call.value("mask"), np.asarray(call.value("value"), np.float64)
    value = np.clip(value, np.finfo(np.float32).min, np.finfo(np.float32).max)
    return call.onnx("Where", mask, value, as_float(call.value()))


def read_addcmul(call: TorchCall) -> object:
    """``self + value tensor1 tensor2``."""
    found = call.onnx("Mul", call.value("tensor1"), call.value("tensor2"))
    scale = call.number("value", 1)
    return call.onnx("Add", call.value(), found if scale == 1 else call.onnx("Mul", found, float(scale)))


def read_clamp(call: TorchCall) -> object:
    """Limits below and above, numbers or tensors."""
    found = as_float(call.value())
    low, high = call.get("min", call.get("min_val")), call.get("max", call.get("max_val"))
    for operation, limit in (("Max", low), ("Min", high)):
        if isinstance(limit, Flow) or np.ndim(limit):
            found = call.onnx(operation, found, as_float(limit))
    low, high = (None if isinstance(one, Flow) or np.ndim(one) else one for one in (low, high))
    return found if low is None and high is None else call.onnx("Clip", found, _limit(low), _limit(high))


def _limit(value: object) -> np.ndarray | None:
    return None if value is None or not np.isfinite(value) else np.asarray(value, np.float64)


def read_mix(call: TorchCall) -> object:
    """``self + weight (end - self)``."""
    one, other, weight = (as_float(call.value(name)) for name in ("self", "end", "weight"))
    return call.onnx("Add", one, call.onnx("Mul", weight, call.onnx("Sub", other, one)))


def flags(operation: str) -> Read:
    """Return what reads an operation of flags."""
    return lambda call: call.onnx(operation, _flag(call.value()), _flag(call.value("other")))


def _flag(value: object) -> object:
    return value if isinstance(value, Flow) else value.astype(bool)


def read_not(call: TorchCall) -> object:
    """The other flag."""
    return call.onnx("Not", _flag(call.value()))


ARITHMETIC: dict[str, Read] = {
    "aten.add": binary("Add"),
    "aten.sub": binary("Sub"),
    "aten.subtract": binary("Sub"),
    "aten.rsub": read_reversed,
    "aten.mul": binary("Mul"),
    "aten.multiply": binary("Mul"),
    "aten.div": read_div,
    "aten.divide": read_div,
    "aten.true_divide": read_div,
    "aten.fmod": of_constants(np.fmod),
    "aten.remainder": of_constants(np.remainder),
    "aten.floor_divide": of_constants(np.floor_divide),
    "aten.pow": read_power,
    "aten.maximum": binary("Max"),
    "aten.minimum": binary("Min"),
    "aten.clamp": read_clamp,
    "aten.clip": read_clamp,
    "aten.clamp_min": read_clamp,
    "aten.clamp_max": read_clamp,
    "aten.gt": compared("Greater"),
    "aten.ge": compared("GreaterOrEqual"),
    "aten.lt": compared("Less"),
    "aten.le": compared("LessOrEqual"),
    "aten.eq": compared("Equal"),
    "aten.ne": compared("Equal", negated=True),
    "aten.where": read_where,
    "aten.masked_fill": read_masked_fill,
    "aten.addcmul": read_addcmul,
    "aten.lerp": read_mix,
    "aten.logical_and": flags("And"),
    "aten.logical_or": flags("Or"),
    "aten.logical_xor": flags("Xor"),
    "aten.logical_not": read_not,
    "aten.bitwise_and": flags("And"),
    "aten.bitwise_or": flags("Or"),
    "aten.bitwise_not": read_not,
}
