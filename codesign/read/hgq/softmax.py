"""QSoftmax: tables of exponentials and of inverses, and a product."""

from collections.abc import Sequence

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import constant_type
from codesign.network.ops import Activation, Max, Multiply, Subtract, Sum
from codesign.read.graph_builder import Value
from codesign.read.hgq.layer import HgqLayer, axes_of
from codesign.read.hgq.lut import Function, Tabled, add_table, exponential, inverse, type_of
from codesign.read.parts.axes import reduced
from codesign.read.typed_array import TypedArray, affine_of


def read_softmax(layer: HgqLayer) -> Value:
    """``exp_table(max(x) - x) * inv_table(sum)``; without ``stable``, of x itself."""
    (value,) = layer.call.values
    if layer.given("enable_iq", False):
        value = layer.quantised(value, "iq")
    axes = axes_of(layer.given("axes"), len(value.shape))
    options = {"stable": bool(layer.given("stable", True)), "scaler": float(layer.given("input_scaler", 1.0))}
    value = add_softmax(layer, value, axes, place=(), **options)
    return layer.output(value)


def add_softmax(
    layer: HgqLayer, value: Value, axes: Sequence[int], *, place: Sequence[str], stable: bool, scaler: float
) -> Value:
    """Add a softmax behind its own quantizer of inputs.

    Args:
        layer: of which it is a part.
        value: what it takes.
        axes: of an event.
        place: where its quantizers are in the layer.
        stable: subtract from the maximum first.
        scaler: of what the exponential is taken.
    """
    word = "_".join(place)
    front = f"{word}_" if word else ""
    of = layer.builder, layer.call.name
    if stable:
        largest = reduced(*of, value, Max, axes, keepdims=True, name=f"{layer.call.name}_{front}max")
        value = layer.add(Subtract(), largest, value, word=f"{front}below_max")
        value = layer.quantised(value, *place, "exp_table", "iq")
    if not stable and type_of(layer.builder, value) is None:  # HGQ2 asks for no quantizer in front
        line = affine_of(*(TypedArray(part, constant_type(part)) for part in (np.array([scaler]), np.zeros(1))))
        value = layer.add(line, value, word=f"{front}scaled")
        value = layer.add(Activation("exponential"), value, word=f"{front}exponential")
        exponentials = layer.quantised(value, *place, "exp_table", "oq")
    else:
        exponentials = _table(layer, value, (*place, "exp_table"), exponential(scaler, stable=stable))
    total = reduced(*of, exponentials, Sum, axes, keepdims=True, name=f"{layer.call.name}_{front}sum")
    total = layer.quantised(total, *place, "inv_table", "iq")
    inverses = _table(layer, total, (*place, "inv_table"), inverse)
    return layer.add(Multiply(), exponentials, inverses, word=f"{front}product")


def _table(layer: HgqLayer, value: Value, place: tuple[str, ...], function: Function) -> Value:
    kind = type_of(layer.builder, value)
    if kind is None:
        raise UnsupportedLayerError(
            f"layer '{layer.call.name}': expected a softmax whose tables take fixed-point numbers of at most 18 bits. "
            "Received: others; set enable_iq=True, or narrow its quantizers"
        )
    return add_table(layer, value, kind, Tabled(function, layer.quantizer(*place, "oq")), word="_".join(place))
