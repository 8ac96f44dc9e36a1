"""Activations that lose nothing before their cast, and those of two or three values."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Activation, Add, Affine, ConstantTypes, Sum, Threshold
from codesign.network.types import exact_type
from codesign.read.graph_builder import Value
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.tokens import Expression

_WHOLE = FixedPoint(3, 3)


def read_plain(layer: Layer) -> None:
    """An activation without constants."""
    layer.give(Activation(layer.function), layer.source())


def read_cut_relu(layer: Layer) -> None:
    """A relu that is cut at 1 or 6."""
    layer.give(Activation("relu", max_value=float(layer.function.removeprefix("relu"))), layer.source())


def parameter(layer: Layer) -> float:
    """Return the number that an activation takes, as its type holds it.

    Raises:
        UnsupportedLayerError: for one that is not stated.
    """
    if len(layer.call.arguments) < 3:
        return 1.0  # of an elu
    number = Expression([*_signed(layer.call.arguments[1])], layer.walk.project.constant).value()
    if isinstance(number, str):
        raise layer.refuse(f"expected a number. Received: {number}")
    types = [words for words in layer.call.types[1:2] if len(layer.call.types) == 4]
    if layer.config.has("param_t"):
        kind = layer.config.type("param_t").fixed
    elif types:
        kind = layer.walk.project.types.resolve(types[0]).fixed
    elif layer.function == "elu":
        kind = layer.result_type(2).fixed
    else:
        kind = layer.source_type(layer.source()).fixed
    return float(kind.quantize(number))


def _signed(text: str) -> list[str]:
    return ["-", text[1:]] if text.startswith("-") else [text]


def read_leaky_relu(layer: Layer) -> None:
    """A relu with a slope below 0."""
    layer.give(Activation("leaky_relu", slope=parameter(layer)), layer.source(), place=2)


def read_thresholded_relu(layer: Layer) -> None:
    """0 up to a threshold, and the value above."""
    layer.give(Activation("thresholded_relu", threshold=parameter(layer)), layer.source(), place=2)


def read_prelu(layer: Layer) -> None:
    """A relu with a slope below 0 for each value."""
    slopes, stated = layer.constants(1, "param_t")
    value = layer.source()
    value = layer.shaped(value, (slopes.size,))
    below = layer.add(Activation("clip", max_value=0.0, min_value=None), value)
    kind = ConstantTypes(stated.fixed, FixedPoint(1, 1))
    below = layer.add(Affine(stated.fixed.quantize(slopes), np.zeros(1), kind), below)
    above = layer.add(Activation("relu"), value)
    layer.give(Add(), above, below, place=2)


def read_hard(layer: Layer) -> None:
    """``clip(slope x + shift, 0, 1)``, of a hard tanh twice that, less 1.

    Raises:
        UnsupportedLayerError: for another shift than 1/2.
    """
    if not layer.config.has("slope"):
        _read_first_hard_sigmoid(layer)
        return
    slope, shift = (_constant(layer, name) for name in ("slope", "shift"))
    if shift != 0.5:
        raise layer.refuse(f"expected a shift of 0.5. Received: {shift}")
    if layer.function == "hard_sigmoid":
        layer.give(Activation("hard_sigmoid", slope=slope), layer.source())
    elif slope == 0.5:
        layer.give(Activation("hard_tanh"), layer.source())
    else:
        value = layer.source()
        exact = exact_type(np.array([slope])) or FixedPoint(16, 1)
        step = int(exact.fraction) + int(np.max(layer.source_type(value).fixed.fraction))
        value = layer.add(Activation("hard_sigmoid", slope=slope), value, output=FixedPoint(max(2, 2 + step), 2))
        layer.give(Affine(np.array([2.0]), np.array([-1.0]), ConstantTypes(_WHOLE, _WHOLE)), value)


def _constant(layer: Layer, name: str) -> float:
    """A slope or a shift, as its type holds it."""
    return float(layer.config.type(f"{name}_t").fixed.quantize(float(layer.config.value(name))))


def _read_first_hard_sigmoid(layer: Layer) -> None:
    """Up to hls4ml 0.6: 0.2 x + 0.5 in the type of x, and cut."""
    if layer.function != "hard_sigmoid":
        raise layer.refuse("expected a slope in its structure. Received: none; copy the project again")
    value = layer.source()
    kind = layer.source_type(value).fixed
    line = Affine(np.array([0.2]), np.array([0.5]), ConstantTypes(kind, kind))
    layer.give(Activation("clip", max_value=1.0, min_value=0.0), layer.add(line, value, output=kind))


def read_binary_tanh(layer: Layer) -> None:
    """1 from 0, or above it where the first versions compare so, and -1 below; as a bit 1 and 0."""
    value = layer.source()
    value = layer.shaped(value, (value.shape[0] if len(value.shape) == 1 else int(np.prod(value.shape)),))
    step = _step(layer, value) if _is_quartus(layer) else 0.0
    read_thresholds(layer, value, [np.full(value.shape, step)])


def read_ternary_tanh(layer: Layer) -> None:
    """1 above 1/2, -1 up to -1/2, and 0 between; twice the value is kept in its own type."""
    value = layer.shaped(layer.source(), (int(np.prod(layer.source().shape)),))
    types = ConstantTypes(_WHOLE, _WHOLE)
    twice = layer.add(Affine(np.array([2.0]), np.zeros(1), types), value, output=layer.source_type(value).fixed)
    step = _step(layer, value)
    read_thresholds(layer, twice, [np.full(value.shape, 1.0 + step), np.full(value.shape, -1.0 + step)])


def read_normalized_tanh(layer: Layer) -> None:
    """A binary or ternary tanh whose thresholds hold a batch normalisation."""
    value = layer.shaped(layer.source(), (layer.config.whole("n_in"),))
    kind, step = layer.source_type(value).fixed, _step(layer, value)
    is_ternary = "ternary" in layer.function
    limits = [kind.quantize(layer.walk.project.array(name)[1]) + step * is_ternary for name in layer.call.arguments[2:]]
    limits = [np.tile(one, len(value.shape) and value.shape[0] // one.size) for one in limits]
    read_thresholds(layer, value, limits)


def read_thresholds(layer: Layer, value: Value, limits: list[np.ndarray]) -> None:
    """Add the number of limits that each value reaches, scaled to -1 ... 1, or a bit as it is."""
    n, stated = value.shape[0], layer.result_type()
    places = np.tile(np.arange(n), (len(limits), 1)).T
    bits = layer.add(Threshold(places.ravel(), np.stack(limits, 1).ravel()), value)
    if stated.is_bit and len(limits) == 1:
        layer.give(Activation("linear"), bits)
        return
    if len(limits) == 2:
        bits = layer.add(Sum(2), layer.shaped(bits, (n, 2)))
    factor = 2.0 if len(limits) == 1 else 1.0
    layer.give(Affine(np.array([factor]), np.array([-1.0]), ConstantTypes(_WHOLE, _WHOLE)), bits)


def _step(layer: Layer, value: Value) -> float:
    return 2.0 ** -int(np.max(layer.source_type(value).fixed.fraction))


def _is_quartus(layer: Layer) -> bool:
    text = layer.walk.project.library_text("nnet_activation.h") or ""
    return layer.walk.project.is_intel and "binary_cast" not in text


ACTIVATIONS: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        **dict.fromkeys(("linear", "relu"), read_plain),
        **dict.fromkeys(("relu1", "relu6"), read_cut_relu),
        **dict.fromkeys(("hard_sigmoid", "hard_tanh"), read_hard),
        "leaky_relu": read_leaky_relu,
        "thresholded_relu": read_thresholded_relu,
        "prelu": read_prelu,
        "binary_tanh": read_binary_tanh,
        "ternary_tanh": read_ternary_tanh,
        **dict.fromkeys(("normalize_binary_tanh", "normalize_ternary_tanh"), read_normalized_tanh),
    }
)
