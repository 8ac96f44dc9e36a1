"""Activations, as layers, as arguments of layers, and the quantizers of QKeras that stand in their place."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Activation, Affine, Quantize
from codesign.network.word_bits import mean_left_out
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.leaky import add_leaky, is_leaky
from codesign.read.keras_layers.refusals import is_foreign, refusal
from codesign.read.keras_layers.signs import SIGNS, add_sign, binary_tanh, ternary_tanh
from codesign.read.keras_records import Named
from codesign.read.parts.axes import along_last, reshaped
from codesign.read.parts.functions import (
    add_relu,
    gated,
    hard_shrink,
    hard_swish,
    prelu,
    soft_shrink,
    sparse_plus,
    square_plus,
    tanh_shrink,
)
from codesign.read.qkeras import activation_of, quantizer_named

_KERAS_2_SLOPE = 0.2
_KERAS_3_SLOPE = 1 / 6
_SLOPES = {("qkeras", "hard_sigmoid"): 0.5, ("qkeras", "smooth_sigmoid"): 0.1875}
_LEAKY_LAYER_SLOPE = 0.3
_LEAKY_SLOPE = 0.2  # of the function leaky_relu in Keras 2 and 3, where nothing else is given
_PLAIN = (
    *("relu", "sigmoid", "tanh", "hard_tanh", "swish", "softmax", "log_softmax", "selu", "softplus", "softsign"),
    *("exponential", "mish", "log_sigmoid"),
)
_KNOWN = "an activation of Keras, such as relu, leaky_relu, sigmoid, tanh, swish, softmax, or a quantizer of QKeras"


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
    if named.kind in _LAYERS and not named.is_function:
        return _LAYERS[named.kind](builder, call.name, value, named.config)
    if named.kind == "gelu":
        return builder.add(call.name, Activation("gelu_tanh" if named.config.get("approximate") else "gelu"), value)
    if named.kind in ("hard_sigmoid", "smooth_sigmoid"):
        return builder.add(call.name, Activation("hard_sigmoid", slope=_slope(call, named)), value)
    if named.package == "qkeras":
        return _quantise(builder, call, named, value)
    raise refusal(call, _KNOWN, named.kind, "retrain with one of these")


def read_activation(builder: GraphBuilder, call: Call) -> Value:
    """Activation and QActivation."""
    return activate(builder, call, call.config.get("activation"), call.value)


def read_layer(builder: GraphBuilder, call: Call) -> Value:
    """A layer that is an activation: ReLU, LeakyReLU, ELU, ThresholdedReLU."""
    return _LAYERS[call.kind](builder, call.name, call.value, call.config)


def read_prelu(builder: GraphBuilder, call: Call) -> Value:
    """A slope of its own for each value, or for each along some axes."""
    return prelu(builder, call.name, call.value, call.weight("alpha"))


def read_softmax(builder: GraphBuilder, call: Call) -> Value:
    """Softmax along one axis, or over several side by side at the end."""
    rank = len(call.value.shape)
    axes = sorted(int(axis) % (rank + 1) - 1 for axis in np.ravel(call.config.get("axis", -1)))
    if len(axes) == 1 and axes[0] >= 0:
        return along_last(builder, call.name, call.value, axes[0], Activation("softmax"))
    if axes != list(range(rank - len(axes), rank)) or not axes:
        raise refusal(call, "a softmax along axes of an event", f"axis={call.config.get('axis')}", "use axis=-1")
    shape = call.value.shape
    flat = reshaped(builder, call.name, call.value, (*shape[: axes[0]], -1), name=f"{call.name}_flat")
    return reshaped(builder, call.name, builder.add(call.name, Activation("softmax"), flat), shape)


def read_quantizer(builder: GraphBuilder, call: Call) -> Value:
    """FixedPointQuantizer."""
    width, integer, signed = (call.config.get(name, True) for name in ("width", "integer", "signed"))
    width, integer = (np.asarray(bits) if isinstance(bits, list) else bits for bits in (width, integer))
    modes = (call.config.get("rounding", "TRN"), call.config.get("overflow", "WRAP"))
    return builder.add(call.name, Quantize(FixedPoint(width, integer, signed, *modes)), call.value)


def read_words(builder: GraphBuilder, call: Call) -> Value:
    """DetectorWords: the bits of each word that are used; the offset behind it is for the biases of what comes next."""
    from codesign.data import Words  # which takes longer than all other readers of layers

    words = Words.from_dict(call.config["words"])
    bits = call.config.get("bits")
    kind = words.top(None if bits is None else int(bits))
    value = builder.add(call.name, Quantize(kind), call.value)
    shift = mean_left_out(words.precision, kind) - words.offset
    builder.offsets[value.name] = np.broadcast_to(-shift, value.shape)
    return value


def _quantise(builder: GraphBuilder, call: Call, quantizer: Named, value: Value) -> Value:
    if quantizer.kind in SIGNS:
        return add_sign(builder, call, quantizer, value)
    if is_leaky(quantizer):
        return add_leaky(builder, call, quantizer, value)
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


def _relu(builder: GraphBuilder, origin: str, value: Value, config: Mapping[str, object]) -> Value:
    """ReLU, which may be clipped, leaky or begin elsewhere."""
    slope, threshold = (float(np.ravel(config.get(name) or 0)[0]) for name in ("negative_slope", "threshold"))
    highest = config.get("max_value")
    highest = None if highest is None else float(np.ravel(highest)[0])
    return add_relu(builder, origin, value, slope=slope, max_value=highest, threshold=threshold)


def _leaky_relu(builder: GraphBuilder, origin: str, value: Value, config: Mapping[str, object]) -> Value:
    """LeakyReLU, whose slope has another name in Keras 3."""
    slope = config.get("alpha", config.get("negative_slope", _LEAKY_LAYER_SLOPE))
    return builder.add(origin, Activation("leaky_relu", slope=float(np.ravel(slope)[0])), value)


def _elu(builder: GraphBuilder, origin: str, value: Value, config: Mapping[str, object]) -> Value:
    slope = float(np.ravel(config.get("alpha", 1.0))[0])
    return builder.add(origin, Activation("elu", slope=slope), value)


def _thresholded(builder: GraphBuilder, origin: str, value: Value, config: Mapping[str, object]) -> Value:
    threshold = float(np.ravel(config.get("theta", 1.0))[0])
    return builder.add(origin, Activation("thresholded_relu", threshold=threshold), value)


_LAYERS: Mapping[str, Callable[[GraphBuilder, str, Value, Mapping[str, object]], Value]] = MappingProxyType(
    {"ReLU": _relu, "LeakyReLU": _leaky_relu, "ELU": _elu, "ThresholdedReLU": _thresholded}
)
LAYERS = tuple(_LAYERS)


def _plain(function: str, **options: float) -> Callable[[GraphBuilder, str, Value], Value]:
    return lambda builder, name, value: builder.add(name, Activation(function, **options), value)


_FUNCTIONS: Mapping[str, Callable[[GraphBuilder, str, Value], Value]] = MappingProxyType(
    {
        **{name: _plain(name) for name in _PLAIN},
        "relu6": _plain("relu", max_value=6.0),
        "leaky_relu": _plain("leaky_relu", slope=_LEAKY_SLOPE),
        "elu": _plain("elu", slope=1.0),
        "celu": _plain("celu", slope=1.0),
        "silu": _plain("swish"),
        "exp": _plain("exponential"),
        **dict.fromkeys(("hard_silu", "hard_swish"), hard_swish),
        "soft_shrink": soft_shrink,
        "hard_shrink": hard_shrink,
        "tanh_shrink": tanh_shrink,
        "squareplus": square_plus,
        "sparse_plus": sparse_plus,
        "sparse_sigmoid": _plain("hard_sigmoid", slope=0.5),
        "glu": gated,
        "binary_tanh": binary_tanh,
        "ternary_tanh": ternary_tanh,
    }
)
