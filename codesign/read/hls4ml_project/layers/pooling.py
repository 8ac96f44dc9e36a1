"""Pooling."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

from codesign.network.ops import Activation, Max, Mean
from codesign.read.hls4ml_project.layer import Layer


def read_global_pooling(layer: Layer) -> None:
    """The largest or the mean over all places."""
    config = layer.config
    axes = ("in_height", "in_width") if "2d" in layer.function else ("n_in",)
    value = layer.source(0, (prod(config.whole(axis) for axis in axes), config.whole("n_filt")))
    accum = config.type("accum_t").fixed
    if config.value("pool_op") == "Average":
        layer.give(Mean(1, accum=accum), value)
    else:
        layer.give(Activation("linear"), layer.add(Max(1), value, output=accum))


POOLING: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    dict.fromkeys(("global_pooling1d_cl", "global_pooling2d_cl"), read_global_pooling)
)
