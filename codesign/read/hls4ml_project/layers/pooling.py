"""Pooling: of windows, and of all places."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Activation, Affine, Concatenate, ConstantTypes, Gather, Max, Mean, Patches, Reshape
from codesign.network.types import constant_type
from codesign.read.graph_builder import Value
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.layers.convolutions import Window, window_of


def read_global_pooling(layer: Layer) -> None:
    """The largest or the mean over all places."""
    config = layer.config
    axes = ("in_height", "in_width") if "2d" in layer.function else ("n_in",)
    value = layer.source(0, (prod(config.whole(axis) for axis in axes), config.whole("n_filt")))
    accum = _accum(layer, value, value.shape[0])
    if config.value("pool_op", "Max") == "Average":
        layer.give(Mean(1, accum=accum), value)
    else:
        layer.give(Activation("linear"), layer.add(Max(1), value, output=accum))


def _accum(layer: Layer, value: Value, n: int) -> FixedPoint:
    """The accumulator's type; Quartus sums in the type of the values, or, of plain ones, in as many bits more."""
    kind = layer.source_type(value).fixed
    if not _is_quartus(layer):
        return layer.config.type("accum_t").fixed if layer.config.has("accum_t") else kind
    if layer.config.value("pool_op", "Max") != "Average" or not kind.signed:
        return kind
    is_plain = (kind.rounding, kind.overflow) == ("TRN", "WRAP")
    finer = max(1, (n - 1).bit_length()) * is_plain
    return FixedPoint(kind.width + finer, kind.integer + finer, True, kind.rounding, kind.overflow)


def _is_quartus(layer: Layer) -> bool:
    return layer.walk.project.is_intel and "sycl" not in layer.walk.project.tree.read(layer.walk.project.main)


def read_pooling(layer: Layer) -> None:
    """The largest or the mean under a window."""
    config, window = layer.config, window_of(layer.config, 2 if "2d" in layer.function else 1, "pool")
    n_filt = config.whole("n_filt")
    value = layer.source(0, (*window.spatial, n_filt))
    kind = layer.source_type(value).fixed
    accum = _accum(layer, value, prod(window.kernel_size))
    rows = (*window.out, prod(window.kernel_size), n_filt)
    if config.value("pool_op", "Max") == "Average":
        _give_means(layer, value, window, accum)
        return
    if np.any(window.padding) and not kind.signed:
        raise layer.refuse("expected no padding of values without a sign, where hls4ml pads with half their range")
    patches = Patches(window.kernel_size, window.strides, window.dilation, window.padding, "edge")
    value = layer.add(Reshape(rows), layer.add(patches, value))
    layer.give(Activation("linear"), layer.add(Max(len(rows) - 1), value, output=accum))


def _give_means(layer: Layer, value: Value, window: Window, accum: FixedPoint) -> None:
    """Means of the places within the image: windows that hold as many stand side by side, and are sorted behind."""
    if _is_quartus(layer):
        return _give_scaled_means(layer, value, window, accum)
    places = window.patches.places(value.shape)
    counts, n_filt = (places >= 0).sum(1), value.shape[-1]
    rows = (*window.out, places.shape[1], n_filt)
    if layer.config.value("count_pad", 0) or counts.min() == places.shape[1]:
        value = layer.add(Reshape(rows), layer.add(window.patches, value))
        layer.give(Mean(len(rows) - 1, accum=accum), value)
        return
    parts, order = [], []
    for count in sorted(set(counts[counts > 0].tolist())):
        at = np.flatnonzero(counts == count)
        kept = np.stack([places[one][places[one] >= 0] for one in at])
        index = kept[..., np.newaxis] * n_filt + np.arange(n_filt)
        parts.append(layer.add(Mean(2, accum=accum), layer.add(Gather(index), value), output=accum))
        order.append(at)
    joined = layer.add(Concatenate(1), *parts, output=accum) if len(parts) > 1 else parts[0]
    back = np.argsort(np.concatenate(order))[:, np.newaxis] * n_filt + np.arange(n_filt)
    layer.give(Gather(back.reshape(*window.out, n_filt)), joined)


def _give_scaled_means(layer: Layer, value: Value, window: Window, accum: FixedPoint) -> None:
    """Means of all places under a window, zeros too, scaled by the share of the image, as Quartus has it."""
    places, kind = window.patches.places(value.shape), layer.source_type(value).fixed
    n, step = places.shape[1], 2.0 ** int(kind.fraction)
    counts = (places >= 0).sum(1) if not layer.config.value("count_pad", 0) else np.full(len(places), n)
    if counts.min() < 1:
        raise layer.refuse("expected windows that hold a value of the image")
    factor = np.trunc(kind.quantize(float(n)) * step / counts) / step
    rows, stated = (*window.out, n, value.shape[-1]), layer.result_type().fixed
    value = layer.add(Reshape(rows), layer.add(window.patches, value))
    means = layer.add(Mean(len(rows) - 1, accum=accum), value, output=kind)
    means = layer.add(Activation("linear"), means, output=stated)
    types = ConstantTypes(constant_type(factor), FixedPoint(1, 1))
    layer.give(Affine(factor.reshape(*window.out, 1), np.zeros(1), types), means)


POOLING: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        **dict.fromkeys(("global_pooling1d_cl", "global_pooling2d_cl"), read_global_pooling),
        **dict.fromkeys(("pooling1d_cl", "pooling2d_cl"), read_pooling),
    }
)
