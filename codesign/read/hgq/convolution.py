"""QConv1D, QConv2D, QConv3D: patches, and a dense op at each place; and pooling behind the quantizer of its inputs."""

from dataclasses import replace

import numpy as np

from codesign.network.ops import Patches, Transpose
from codesign.read.graph_builder import Value
from codesign.read.hgq.layer import HgqLayer
from codesign.read.parts.windows import convolve, flat_kernel, window
from codesign.read.typed_array import dense_of


def read_convolution(layer: HgqLayer) -> Value:
    """``activation(conv(iq(x), kq(kernel)) + bq(bias))``."""
    (value,) = layer.inputs()
    kernel = layer.constants("kq", layer.variable("kernel"))
    bias = layer.constants("bq", layer.variable("bias")) if layer.given("use_bias", True) else None
    rank, is_first = len(value.shape) - 1, layer.given("data_format") == "channels_first"
    if is_first:
        value = layer.add(Transpose([*range(2, rank + 2), 1]), value, word="channels_last")
    op, groups = _patches(layer, value.shape[:-1], kernel.values.shape[:rank]), int(layer.given("groups", 1))
    flat = kernel.moved(lambda array: flat_kernel(array, groups).astype(array.dtype))
    value = convolve(layer.builder, layer.call.name, value, op, dense_of(flat, bias))
    if is_first:
        value = layer.add(Transpose([rank + 1, *range(1, rank + 1)]), value, word="channels_first")
    return layer.activated(value)


def read_pooling(layer: HgqLayer, read: object) -> Value:
    """Keras's own pooling behind the quantizer.

    Args:
        layer: the call.
        read: reads a call of a layer of Keras.
    """
    (value,) = layer.inputs()
    record = replace(layer.call.layer, kind=layer.call.kind.removeprefix("Q"), module="keras.layers")
    return layer.output(read(replace(layer.call, layer=record, args=(value,), kwargs={})))


def _patches(layer: HgqLayer, spatial: tuple[int, ...], kernel: tuple[int, ...]) -> Patches:
    strides, dilation = (
        tuple(np.broadcast_to(layer.given(name, 1), len(kernel)).tolist()) for name in ("strides", "dilation_rate")
    )
    return window(spatial, kernel, strides, dilation, str(layer.given("padding", "valid")))
