"""Layers of several values."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    Concatenate,
    ConstantTypes,
    Dot,
    Gather,
    Maximum,
    Mean,
    Minimum,
    Multiply,
    Op,
    Subtract,
    Sum,
)
from codesign.network.types.ranges import CodeRange, product_range
from codesign.read.graph_builder import Value
from codesign.read.hls4ml_project.layer import Layer

_MERGES: Mapping[str, type[Op]] = MappingProxyType(
    {"add": Add, "subtract": Subtract, "multiply": Multiply, "maximum": Maximum, "minimum": Minimum}
)


def read_merge(layer: Layer) -> None:
    """Two values, element by element; the smaller is repeated along the first axes."""
    first, second = layer.source(0), layer.source(1)
    if prod(first.shape) == prod(second.shape):
        second = layer.shaped(second, first.shape)
    layer.give(_MERGES[layer.function](), first, second, place=2)


def read_average(layer: Layer) -> None:
    """Half the sum of two values: exact, or divided by 2 in as many digits as the sum has, as versions do."""
    text = "".join((layer.walk.project.library_text("nnet_merge.h") or "").split())
    first, second = layer.source(0), layer.source(1)
    if prod(first.shape) == prod(second.shape):
        second = layer.shaped(second, first.shape)
    if "data1[ii]*data2[ii]/(res_T)2" in text:  # up to hls4ml 0.5
        _give_half(layer, layer.add(Multiply(), first, second))
        return
    if "/(res_T)2" in text or "/2)" in text:
        _give_half(layer, layer.add(Add(), first, second))
        return
    half = ConstantTypes(FixedPoint(2, 1), FixedPoint(1, 1))
    layer.give(Affine(np.array([0.5]), np.zeros(1), half), layer.add(Add(), first, second), place=2)


def _give_half(layer: Layer, value: Value) -> None:
    """The mean of a value and 0, towards 0 in as many digits as the value has."""
    n, kind = prod(value.shape), layer.exact_type(value)
    rows = layer.add(Gather(np.stack([np.arange(n), np.full(n, -1)])), value)
    layer.give(Mean(1, accum=kind), rows, place=2)


def read_concatenate(layer: Layer) -> None:
    """Two values side by side."""
    config, rank = layer.config, int(layer.function[-2])
    shapes = [tuple(config.whole(f"n_elem{i}_{axis}") for axis in range(rank)) for i in (1, 2)]
    values = [layer.source(place, shape) for place, shape in enumerate(shapes)]
    axis = config.whole("axis", -1)
    layer.give(Concatenate(axis - 2**32 if axis >= 2**31 else axis if rank > 1 else -1), *values, place=2)


def read_dot(layer: Layer) -> None:
    """The dot product of two vectors; products and sums in the accumulator's type."""
    config, values = layer.config, (layer.source(0), layer.source(1))
    values = [layer.shaped(value, (config.whole("n_in"),)) for value in values]
    accum = config.type("accum_t").fixed
    if holds(accum, [layer.source_type(value).fixed for value in values], config.whole("n_in")):
        layer.give(Dot(), *values, place=2)
        return
    if accum.overflow != "WRAP":
        raise layer.refuse(f"expected an accumulator that wraps, or that holds every sum. Received: {accum}")
    products = layer.add(Multiply(), *values, output=accum)
    layer.give(Activation("linear"), layer.add(Sum(1, True), products, output=accum), place=2)


def holds(accum: FixedPoint, types: Sequence[FixedPoint], terms: int) -> bool:
    """Whether an accumulator holds every sum of products exactly."""
    found = reduce(product_range, (CodeRange.of(kind) for kind in types))
    step = 2.0**-found.fraction
    low, high = min(0, terms * found.low) * step, max(0, terms * found.high) * step
    return accum.fraction >= found.fraction and accum.low <= low and high <= accum.high


MERGES: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        **dict.fromkeys(_MERGES, read_merge),
        "average": read_average,
        "dot1d": read_dot,
        **dict.fromkeys(("concatenate1d", "concatenate2d", "concatenate3d"), read_concatenate),
    }
)
