"""QConv1D, QConv2D, QConv3D: patches, and a dense op at each place; and pooling behind the quantizer of its inputs."""

from dataclasses import replace

import numpy as np

from codesign.network.ops import Patches, Transpose
from codesign.read.graph_builder import Value
from codesign.read.hgq.layer import HgqLayer
from codesign.read.keras_layers.refusals import refusal
from codesign.read.typed_array import dense_of


def read_convolution(layer: HgqLayer) -> Value:
    """``activation(conv(iq(x), kq(kernel)) + bq(bias))``."""
    (value,) = layer.inputs()
    kernel = layer.constants("kq", layer.variable("kernel"))
    bias = layer.constants("bq", layer.variable("bias")) if layer.given("use_bias", True) else None
    rank, is_first = len(value.shape) - 1, layer.given("data_format") == "channels_first"
    if is_first:
        value = layer.add(Transpose([*range(2, rank + 2), 1]), value, word="channels_last")
    op = _patches(layer, value.shape[:-1], kernel.values.shape[:rank])
    value = layer.add(op, value, word="patches")
    groups = int(layer.given("groups", 1))
    flat = kernel.moved(lambda array: _ungrouped(array, groups))
    value = layer.add(dense_of(flat, bias), value)
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
    padding = str(layer.given("padding", "valid"))
    if padding not in ("valid", "same", "causal"):
        raise refusal(layer.call, "padding valid, same or causal", padding, "use one of these")
    pads = []
    for size, window, step, spread in zip(spatial, kernel, strides, dilation):
        reach = (window - 1) * spread
        if padding == "same":
            missing = max(0, (-(-size // step) - 1) * step + reach + 1 - size)
            pads.append((missing // 2, missing - missing // 2))
        else:
            pads.append((reach if padding == "causal" else 0, 0))
    return Patches(kernel, strides, dilation, tuple(pads))


def _ungrouped(kernel: np.ndarray, groups: int) -> np.ndarray:
    """(n_places * n_channels, n_filters), zeros between channels and filters of different groups."""
    *window, n_in, n_out = kernel.shape
    whole = np.zeros((*window, groups, n_in, groups, n_out // groups), kernel.dtype)
    parts = kernel.reshape(*window, n_in, groups, n_out // groups)
    for group in range(groups):
        whole[..., group, :, group, :] = parts[..., group, :]
    return whole.reshape(-1, n_out)


