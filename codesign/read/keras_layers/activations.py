"""Activations, as layers, as arguments of layers, and the quantizers of QKeras that stand in their place."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Activation, Affine, Maximum, Multiply, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import is_foreign, refusal
from codesign.read.keras_layers.signs import SIGNS, add_sign, binary_tanh, ternary_tanh
from codesign.read.keras_records import Named
from codesign.read.qkeras import activation_of, quantizer_named

_KERAS_2_SLOPE = 0.2
_KERAS_3_SLOPE = 1 / 6
_SLOPES = {("qkeras", "hard_sigmoid"): 0.5, ("qkeras", "smooth_sigmoid"): 0.1875}
_LEAKY_LAYER_SLOPE = 0.3
_LEAKY_SLOPE = 0.2  # of the function leaky_relu in Keras 2 and 3, where nothing else is given
_KNOWN = "relu, relu6, leaky_relu, sigmoid, tanh, hard_sigmoid, hard_tanh, swish, softmax or a quantizer of QKeras"


def activate(builder: GraphBuilder, call: Call, activation: object, value: Value) -> Value:
    """Add what an activation does.

    Args:
        activation: as a record's configuration has it: a text, a function or an object as Named; None: nothing.
    """
    named = activation_named(call, activation)
    if named.kind == "linear":
        return value
    if is_foreign(named):
        raise refusal(call, "an activation of Keras or QKeras", f"a function '{named.kind}'")
    if named.kind in _FUNCTIONS:
        return _FUNCTIONS[named.kind](builder, call.name, value)
    if named.kind in ("hard_sigmoid", "smooth_sigmoid"):
        return builder.add(call.name, Activation("hard_sigmoid", slope=_slope(call, named)), value)
    if named.package == "qkeras":
        return _quantise(builder, call, named, value)
    raise refusal(call, _KNOWN, named.kind, "retrain with one of these")


def read_activation(builder: GraphBuilder, call: Call) -> Value:
    """Activation and QActivation."""
    return activate(builder, call, call.config.get("activation"), call.value)


def read_relu(builder: GraphBuilder, call: Call) -> Value:
    """ReLU, which may be clipped or leaky."""
    given = {name: call.config.get(name) for name in ("negative_slope", "max_value", "threshold")}
    slope, highest = (float(given[name] or 0) for name in ("negative_slope", "max_value"))
    is_clipped = given["max_value"] is not None
    if np.any(given["threshold"]) or (slope and is_clipped) or (is_clipped and not highest > 0):
        received = ", ".join(f"{name}={value}" for name, value in given.items())
        raise refusal(call, "a ReLU with a max_value above 0 or a negative_slope", received)
    op = Activation("leaky_relu", slope=slope) if slope else Activation("relu", max_value=highest or None)
    return builder.add(call.name, op, call.value)


def read_leaky_relu(builder: GraphBuilder, call: Call) -> Value:
    """LeakyReLU, whose slope has another name in Keras 3."""
    slope = call.config.get("alpha", call.config.get("negative_slope", _LEAKY_LAYER_SLOPE))
    return builder.add(call.name, Activation("leaky_relu", slope=float(slope)), call.value)


def read_prelu(builder: GraphBuilder, call: Call) -> Value:
    """``max(x, alpha x)``, where no slope is above 1."""
    slope = np.asarray(call.weight("alpha"), np.float64)
    if (slope == slope.flat[0]).all():
        return builder.add(call.name, Activation("leaky_relu", slope=float(slope.flat[0])), call.value)
    if (slope > 1).any():
        raise refusal(call, "slopes of at most 1", f"{slope.max():g}")
    line = builder.add(f"{call.name}_slope", Affine(slope, np.zeros(())), call.value)
    return builder.add(call.name, Maximum(), call.value, line)


def read_softmax(builder: GraphBuilder, call: Call) -> Value:
    """Softmax along the last axis."""
    axis = call.config.get("axis", -1)
    if np.ravel(axis).tolist() not in ([-1], [len(call.value.shape)]):
        raise refusal(call, "a softmax along the last axis", f"axis={axis}", "use axis=-1")
    return builder.add(call.name, Activation("softmax"), call.value)


def read_quantizer(builder: GraphBuilder, call: Call) -> Value:
    """FixedPointQuantizer."""
    layer = call.layer.live
    width, integer = (np.asarray(bits) if isinstance(bits, list) else bits for bits in (layer.width, layer.integer))
    modes = (layer.signed, layer.rounding, layer.overflow)
    return builder.add(call.name, Quantize(FixedPoint(width, integer, *modes)), call.value)


def read_words(builder: GraphBuilder, call: Call) -> Value:
    """DetectorWords: the bits of each word that are used; the offset behind it is for the biases of what comes next."""
    value = builder.add(call.name, Quantize(call.layer.live.precision), call.value)
    builder.offsets[value.name] = np.broadcast_to(-call.layer.live.shift, value.shape)
    return value


def _quantise(builder: GraphBuilder, call: Call, quantizer: Named, value: Value) -> Value:
    if quantizer.kind in SIGNS:
        return add_sign(builder, call, quantizer, value)
    found = activation_of(quantizer, call.layer.name)
    if (found.factor, found.offset) != (1.0, 0.0):
        value = builder.add(call.name, Affine(np.array(found.factor), np.array(found.offset)), value)
    if found.activation != "linear":
        value = builder.add(call.name, Activation(found.activation), value)
    return builder.add(call.name, Quantize(found.quantizer), value)


def activation_named(call: Call, activation: object) -> Named:
    """An activation in a configuration as Named: a text is Keras's own function, or in QKeras's layers a quantizer."""
    if isinstance(activation, Named):
        return activation
    if isinstance(activation, str) and call.layer.package == "qkeras":
        return quantizer_named(activation, call.layer.name)
    return Named(activation if isinstance(activation, str) else "linear", is_function=True)


def _slope(call: Call, function: Named) -> float:
    """Of a hard sigmoid, which is another one in Keras 2, Keras 3 and QKeras."""
    is_third = function.package == "keras" and call.layer.generation == 3
    return _KERAS_3_SLOPE if is_third else _SLOPES.get((function.package, function.kind), _KERAS_2_SLOPE)


def _hard_silu(builder: GraphBuilder, name: str, value: Value) -> Value:
    gate = builder.add(f"{name}_gate", Activation("hard_sigmoid", slope=1 / 6), value)
    return builder.add(name, Multiply(), value, gate)


def _plain(function: str, **options: float) -> Callable[[GraphBuilder, str, Value], Value]:
    return lambda builder, name, value: builder.add(name, Activation(function, **options), value)


_FUNCTIONS: Mapping[str, Callable[[GraphBuilder, str, Value], Value]] = MappingProxyType(
    {
        **{name: _plain(name) for name in ("relu", "sigmoid", "tanh", "hard_tanh", "swish", "softmax")},
        "relu6": _plain("relu", max_value=6.0),
        "leaky_relu": _plain("leaky_relu", slope=_LEAKY_SLOPE),
        "silu": _plain("swish"),
        **dict.fromkeys(("hard_silu", "hard_swish"), _hard_silu),
        "binary_tanh": binary_tanh,
        "ternary_tanh": ternary_tanh,
    }
)
