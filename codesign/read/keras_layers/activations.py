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
from codesign.read.qkeras_types import activation_of

_KERAS_2_SLOPE = 0.2
_SLOPES = {("keras", "hard_sigmoid"): 1 / 6, ("qkeras", "hard_sigmoid"): 0.5, ("qkeras", "smooth_sigmoid"): 0.1875}
_LEAKY_SLOPE = 0.2  # of the function leaky_relu in Keras 2 and 3, where nothing else is given
_KNOWN = "relu, relu6, leaky_relu, sigmoid, tanh, hard_sigmoid, hard_tanh, swish, softmax or a quantizer of QKeras"


def activate(builder: GraphBuilder, call: Call, activation: object, value: Value) -> Value:
    """Add what an activation does: a function or its name, or a quantizer of QKeras; None: nothing."""
    name = _name_of(activation)
    if name == "linear":
        return value
    if not isinstance(activation, str) and is_foreign(activation):
        raise refusal(call, "an activation of Keras or QKeras", f"a function '{name}'")
    if name in _FUNCTIONS:
        return _FUNCTIONS[name](builder, call.name, value)
    if name in ("hard_sigmoid", "smooth_sigmoid"):
        return builder.add(call.name, Activation("hard_sigmoid", slope=_slope(activation)), value)
    if str(getattr(activation, "__module__", "") or type(activation).__module__).startswith("qkeras"):
        return _quantise(builder, call, activation, value)
    raise refusal(call, _KNOWN, name, "retrain with one of these")


def read_activation(builder: GraphBuilder, call: Call) -> Value:
    """Activation and QActivation."""
    return activate(builder, call, getattr(call.layer, "quantizer", None) or call.layer.activation, call.value)


def read_relu(builder: GraphBuilder, call: Call) -> Value:
    """ReLU, which may be clipped or leaky."""
    layer = call.layer
    slope, highest = (float(getattr(layer, name) or 0) for name in ("negative_slope", "max_value"))
    if (
        np.any(layer.threshold)
        or (slope and layer.max_value is not None)
        or (layer.max_value is not None and not highest > 0)
    ):
        received = f"negative_slope={layer.negative_slope}, max_value={layer.max_value}, threshold={layer.threshold}"
        raise refusal(call, "a ReLU with a max_value above 0 or a negative_slope", received)
    op = Activation("leaky_relu", slope=slope) if slope else Activation("relu", max_value=highest or None)
    return builder.add(call.name, op, call.value)


def read_leaky_relu(builder: GraphBuilder, call: Call) -> Value:
    """LeakyReLU, whose slope has another name in Keras 3."""
    slope = call.layer.alpha if hasattr(call.layer, "alpha") else call.layer.negative_slope
    return builder.add(call.name, Activation("leaky_relu", slope=float(slope)), call.value)


def read_prelu(builder: GraphBuilder, call: Call) -> Value:
    """``max(x, alpha x)``, where no slope is above 1."""
    slope = np.asarray(call.layer.alpha, np.float64)
    if (slope == slope.flat[0]).all():
        return builder.add(call.name, Activation("leaky_relu", slope=float(slope.flat[0])), call.value)
    if (slope > 1).any():
        raise refusal(call, "slopes of at most 1", f"{slope.max():g}")
    line = builder.add(f"{call.name}_slope", Affine(slope, np.zeros(())), call.value)
    return builder.add(call.name, Maximum(), call.value, line)


def read_softmax(builder: GraphBuilder, call: Call) -> Value:
    """Softmax along the last axis."""
    axes = np.ravel(call.layer.axis).tolist()
    if axes not in ([-1], [len(call.value.shape)]):
        raise refusal(call, "a softmax along the last axis", f"axis={call.layer.axis}", "use axis=-1")
    return builder.add(call.name, Activation("softmax"), call.value)


def read_quantizer(builder: GraphBuilder, call: Call) -> Value:
    """FixedPointQuantizer."""
    layer = call.layer
    width, integer = (np.asarray(bits) if isinstance(bits, list) else bits for bits in (layer.width, layer.integer))
    modes = (layer.signed, layer.rounding, layer.overflow)
    return builder.add(call.name, Quantize(FixedPoint(width, integer, *modes)), call.value)


def read_words(builder: GraphBuilder, call: Call) -> Value:
    """DetectorWords: the bits of each word that are used; the offset behind it is for the biases of what comes next."""
    value = builder.add(call.name, Quantize(call.layer.precision), call.value)
    builder.offsets[value.name] = np.broadcast_to(-call.layer.shift, value.shape)
    return value


def _quantise(builder: GraphBuilder, call: Call, quantizer: object, value: Value) -> Value:
    if type(quantizer).__name__ in SIGNS:
        return add_sign(builder, call, quantizer, value)
    found = activation_of(quantizer, call.layer.name)
    if (found.factor, found.offset) != (1.0, 0.0):
        value = builder.add(call.name, Affine(np.array(found.factor), np.array(found.offset)), value)
    if found.activation != "linear":
        value = builder.add(call.name, Activation(found.activation), value)
    return builder.add(call.name, Quantize(found.quantizer), value)


def _slope(function: object) -> float:
    """Of a hard sigmoid, which is another one in Keras 2, Keras 3 and QKeras."""
    package = str(getattr(function, "__module__", "")).partition(".")[0]
    return _SLOPES.get((package, getattr(function, "__name__", "")), _KERAS_2_SLOPE)


def _name_of(activation: object) -> str:
    if activation is None:
        return "linear"
    return activation if isinstance(activation, str) else getattr(activation, "__name__", type(activation).__name__)


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
