"""Activations of single values in C++: a struct for each, of vectors where these have the function, else of lanes."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.export.cpp.layer_code import number
from codesign.network.ops import Activation

_STRUCTS = {"relu": "Relu", "sigmoid": "Logistic", "tanh": "HyperbolicTangent", "swish": "Swish", "linear": "Linear"}
_SELU = "1.05070099f * (v > 0.0f ? v : 1.67326324f * std::expm1(v))"
_GELU_TANH = "0.5f * v * (1.0f + std::tanh(0.797884561f * (v + 0.044715f * v * v * v)))"


def _slope(op: Activation) -> str:
    return number(np.float32(op.slope))


def _limits(op: Activation, value: str) -> str:
    """A value between the limits that the op has; NaN stays."""
    if op.min_value is not None:
        value = f"at_least({number(np.float32(op.min_value))}, {value})"
    return value if op.max_value is None else f"at_most({number(np.float32(op.max_value))}, {value})"


_OF_VECTORS: Mapping[str, Callable[[Activation], str]] = MappingProxyType(
    {
        "relu": lambda op: f"clipped(x, 0.0f, {number(np.float32(op.max_value))})",
        "leaky_relu": lambda op: f"x > 0.0f ? x : x * {_slope(op)}",
        "hard_sigmoid": lambda op: f"clipped(x * {_slope(op)} + 0.5f, 0.0f, 1.0f)",
        "hard_tanh": lambda op: "clipped(x, -1.0f, 1.0f)",
        "square": lambda op: "x * x",
        "reciprocal": lambda op: "1.0f / x",
        "exponential": lambda op: "exponential_of(x)",
        "sin": lambda op: "sine_of(x, 0u)",
        "cos": lambda op: "sine_of(x, 1u)",
        "sqrt": lambda op: "square_root(x)",
        "rsqrt": lambda op: "1.0f / square_root(x)",
        "abs": lambda op: "magnitude(x)",
        "sign": lambda op: "x > 0.0f ? F{} + 1.0f : (x < 0.0f ? F{} - 1.0f : x)",
    }
)
_OF_LANES: Mapping[str, Callable[[Activation], str]] = MappingProxyType(
    {
        "thresholded_relu": lambda op: _limits(op, f"(v > {number(np.float32(op.threshold))} ? v : 0.0f)"),
        "clip": lambda op: _limits(op, "v"),
        "elu": lambda op: f"v > 0.0f ? v : {_slope(op)} * std::expm1(v)",
        "celu": lambda op: f"v > 0.0f ? v : {_slope(op)} * std::expm1(v / {_slope(op)})",
        "selu": lambda op: _SELU,
        "gelu": lambda op: "0.5f * v * (1.0f + std::erf(v * 0.707106781f))",
        "gelu_tanh": lambda op: _GELU_TANH,
        "softplus": lambda op: "softplus_of(v)",
        "softsign": lambda op: "v / (1.0f + std::fabs(v))",
        "mish": lambda op: "v * std::tanh(softplus_of(v))",
        "log_sigmoid": lambda op: "-softplus_of(-v)",
        "power": lambda op: f"std::pow(v, {_slope(op)})",
        "round": lambda op: "std::nearbyint(v)",
        **{
            name: lambda op, name=name: f"std::{name}(v)"
            for name in ("expm1", "log", "log1p", "erf", "atan", "floor", "ceil")
        },
    }
)
OF_LANES = tuple(_OF_LANES)
OF_CURVES = ("exponential", "sin", "cos", "sqrt", "rsqrt", "abs")  # whose vectors stand in a part of their own


def activation_struct(op: Activation, index: int) -> tuple[str, str]:
    """Return the name of the struct of an activation of single values, and its definition where it has one."""
    if op.function in _STRUCTS and op.max_value is None:
        return _STRUCTS[op.function], ""
    if op.function in _OF_VECTORS:
        value = _OF_VECTORS[op.function](op)
    else:
        value = f"lane_by_lane(x, [](float v) noexcept {{ return {_OF_LANES[op.function](op)}; }})"
    name = f"Activation_{index}"
    head = f"struct {name} {{\n  template <class F>\n  static CODESIGN_INLINE F apply(F x) noexcept {{\n"
    return name, f"{head}    return {value};\n  }}\n}};\n\n"
