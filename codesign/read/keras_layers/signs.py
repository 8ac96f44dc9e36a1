"""Activations of two or three values, as one-bit roundings between factors and offsets."""

import numpy as np

from codesign.network import FixedPoint, constant_type, exact_type
from codesign.network.ops import Affine, ConstantTypes, Quantize, Subtract
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.keras_records import Named

SIGNS = ("binary", "ternary")
_IS_NEGATIVE = FixedPoint(1, 1, overflow="SAT")  # -1 below 0, and 0 from 0 on
_NEAREST = FixedPoint(2, 2, rounding="RND", overflow="SAT_SYM")  # of -1, 0 and 1; the upper of two
_WIDEST_SCALE = 10  # QKeras adds a float32 input and takes it away again, which rounds other scales
_EXPECTED = "binary or ternary of one scale, such as alpha=1 or 0.5, and a fixed threshold from 0 on"
_CURE = "retrain with alpha=1 and without use_stochastic_rounding"
_THRESHOLD = 0.33  # of QKeras's ternary, where none is given


def add_sign(builder: GraphBuilder, call: Call, quantizer: Named, value: Value) -> Value:
    """Add QKeras's ``binary``, 1 at 0, or ``ternary``, 1 at its threshold.

    Raises:
        UnsupportedLayerError: for a scale that depends on the events, or a random one.
    """
    config = quantizer.config
    alpha, threshold = (1.0 if config.get("alpha") is None else config["alpha"]), config.get("threshold")
    numbers = [alpha, _THRESHOLD if threshold is None else threshold]
    if config.get("use_stochastic_rounding") or any(isinstance(n, str) or np.size(n) != 1 for n in numbers):
        said = f"{quantizer.kind} with {', '.join(f'{key}={value}' for key, value in config.items())}"
        raise refusal(call, _EXPECTED, said, _CURE)
    alpha, threshold = (float(np.float32(np.ravel(number)[0])) for number in numbers)
    if alpha <= 0 or threshold < 0 or exact_type(np.array([alpha]), widest=_WIDEST_SCALE) is None:
        raise refusal(call, _EXPECTED, f"alpha={alpha:g}, threshold={threshold:g}", _CURE)
    if quantizer.kind == "ternary":
        return _ternary(builder, call.name, value, threshold, alpha)
    factor = alpha * (1 if config.get("use_01") else 2)
    return _line(builder, call.name, _is_negative(builder, call.name, value), factor, alpha)


def binary_tanh(builder: GraphBuilder, name: str, value: Value) -> Value:
    """1 above 0, else -1."""
    is_positive = _is_negative(builder, name, _line(builder, name, value, -1.0, 0.0))
    return _line(builder, name, is_positive, -2.0, -1.0)


def ternary_tanh(builder: GraphBuilder, name: str, value: Value) -> Value:
    """The nearest of -1, 0 and 1; the lower of two."""
    nearest = builder.add(name, Quantize(_NEAREST), _line(builder, name, value, -1.0, 0.0))
    return _line(builder, name, nearest, -1.0, 0.0)


def _ternary(builder: GraphBuilder, name: str, value: Value, threshold: float, alpha: float) -> Value:
    """``alpha`` from the threshold on, ``-alpha`` up to the negative one."""
    sides = [_is_negative(builder, name, _line(builder, name, value, sign, -threshold)) for sign in (1.0, -1.0)]
    return _line(builder, name, builder.add(name, Subtract(), *sides), alpha, 0.0)


def _is_negative(builder: GraphBuilder, name: str, value: Value) -> Value:
    return builder.add(name, Quantize(_IS_NEGATIVE), value)


def _line(builder: GraphBuilder, name: str, value: Value, factor: float, offset: float) -> Value:
    if (factor, offset) == (1.0, 0.0):
        return value
    types = ConstantTypes(*(constant_type(np.array([number])) for number in (factor, offset)))
    return builder.add(name, Affine(np.array(factor), np.array(offset), types), value)
