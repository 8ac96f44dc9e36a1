"""Layers of several values, and sums: QAdd, QSubtract, QMultiply, QMaximum, QMinimum, QAveragePow2, QDot, QSum, ..."""

from collections.abc import Callable
from math import log2, prod

import numpy as np

from codesign.network import exact_type
from codesign.network.ops import Add, Op, Sum
from codesign.read.graph_builder import Value
from codesign.read.hgq.layer import HgqLayer, axes_of
from codesign.read.keras_layers.refusals import refusal
from codesign.read.parts.axes import reduced
from codesign.read.parts.einsum import add_einsum
from codesign.read.typed_array import TypedArray, affine_of


def merging(op: type[Op]) -> Callable[[HgqLayer], Value]:
    """Return what reads a layer of one op of all that it takes."""
    return lambda layer: layer.output(layer.add(op(), *layer.inputs()))


def read_average(layer: HgqLayer) -> Value:
    """The sum, times the power of two that is nearest to 1 / n."""
    values = layer.inputs()
    total = layer.add(Add(), *values, word="sum")
    return layer.output(_scaled(layer, total, 2.0 ** round(log2(1.0 / len(values)))))


def read_sum(layer: HgqLayer) -> Value:
    """The sum over axes, times a power of two."""
    (value,) = layer.inputs()
    axes = axes_of(layer.given("axes"), len(value.shape))
    scale = float(layer.given("scale", 1.0))
    if layer.call.kind == "QMeanPow2":
        scale = 2.0 ** round(log2(1.0 / prod(value.shape[axis] for axis in axes)))
    keeps = bool(layer.given("keepdims", False))
    value = reduced(layer.builder, layer.call.name, value, Sum, axes, keepdims=keeps)
    return layer.output(_scaled(layer, value, scale))


def read_einsum(layer: HgqLayer) -> Value:
    """An einsum of two values."""
    values = layer.inputs()
    if len(values) != 2:
        raise refusal(layer.call, "an einsum of two values", f"{len(values)}", "use two layers of two each")
    return layer.output(add_einsum(layer.builder, layer.call.name, str(layer.given("equation")), *values))


def read_dot(layer: HgqLayer) -> Value:
    """The product of two values summed over an axis of each."""
    first, second = layer.inputs()
    axes = layer.given("axes", -1)
    pair = list(axes) if isinstance(axes, (list, tuple)) else [axes, axes]
    left, right = (axes_of(axis, len(value.shape))[0] for axis, value in zip(pair, (first, second)))
    letters = iter("bcdefghijklmnopqrstuvwxy")
    names = [[next(letters) for _ in value.shape] for value in (first, second)]
    names[1][right] = names[0][left]
    result = [letter for letter in names[0] + names[1] if letter != names[0][left]]
    equation = f"a{''.join(names[0])},a{''.join(names[1])}->a{''.join(result)}"
    if not result:
        raise refusal(layer.call, "two values of which one has several axes", "two vectors", "use QMultiply and QSum")
    return layer.output(add_einsum(layer.builder, layer.call.name, equation, first, second))


def _scaled(layer: HgqLayer, value: Value, scale: float) -> Value:
    if scale == 1:
        return value
    parts = [TypedArray(array, exact_type(array)) for array in (np.array([scale]), np.zeros(1))]
    return layer.add(affine_of(*parts), value)
