"""Convolutions of Keras and QKeras: of one, two and three axes, depthwise, separable, transposed, with batch norm."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Dense
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.dense import bias_of, quantised
from codesign.read.keras_layers.refusals import refusal
from codesign.read.keras_layers.windows import along, channels_last, patches_of
from codesign.read.parts.windows import convolve, depthwise_kernel, flat_kernel, spread, window

_BATCH_EPSILON = 1e-3


@channels_last
def read_convolution(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """Conv1D, Conv2D, Conv3D and those of QKeras."""
    groups = int(call.config.get("groups") or 1)
    return _convolved(
        builder,
        call,
        value,
        lambda: quantised(call, call.weight("kernel"), bias_of(call), lambda kernel: flat_kernel(kernel, groups)),
    )


@channels_last
def read_depthwise(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """DepthwiseConv1D, DepthwiseConv2D and that of QKeras."""
    quantizers = ("depthwise_quantizer", "bias_quantizer")
    return _convolved(
        builder,
        call,
        value,
        lambda: quantised(call, _depthwise(call), bias_of(call), depthwise_kernel, quantizers=quantizers),
    )


@channels_last
def read_separable(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """SeparableConv1D, SeparableConv2D and those of QKeras: a depthwise convolution, and a dense op at each place."""
    spatial = value.shape[:-1]
    deep, point = builder.constants.setdefault(
        call.layer,
        (
            quantised(call, _depthwise(call), None, depthwise_kernel, quantizers=("depthwise_quantizer", "")),
            quantised(
                call,
                call.weight("pointwise_kernel"),
                bias_of(call),
                quantizers=("pointwise_quantizer", "bias_quantizer"),
            ),
        ),
    )
    patches = patches_of(call, spatial)
    value = builder.add(call.name, patches, value, name=f"{call.name}_patches")
    value = builder.add(call.name, deep, value, name=f"{call.name}_depthwise")
    return activate(builder, call, call.config.get("activation"), builder.add(call.name, point, value))


@channels_last
def read_convolution_batchnorm(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """QConv2DBatchnorm: the kernel and bias with the batch normalisation in them, then rounded."""

    def make() -> Dense:
        factor, bias = _batch_norm(call)
        return quantised(call, factor * call.weight("kernel"), bias, flat_kernel)

    return _convolved(builder, call, value, make)


@channels_last
def read_depthwise_batchnorm(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """QDepthwiseConv2DBatchnorm."""

    def make() -> Dense:
        factor, bias = _batch_norm(call)
        kernel = _depthwise(call)
        kernel = kernel * factor.reshape(kernel.shape[-2:])
        return quantised(call, kernel, bias, depthwise_kernel, quantizers=("depthwise_quantizer", "bias_quantizer"))

    return _convolved(builder, call, value, make)


@channels_last
def read_transposed(builder: GraphBuilder, call: Call, value: Value) -> Value:
    """Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: a convolution over values with zeros between them."""
    spatial, rank = value.shape[:-1], len(value.shape) - 1
    sizes, strides, dilation = (along(call, name, rank) for name in ("kernel_size", "strides", "dilation_rate"))
    extra = call.config.get("output_padding")
    extras = (None,) * rank if extra is None else tuple(int(n) for n in np.broadcast_to(np.ravel(extra), rank))
    is_same = str(call.config.get("padding", "valid")).lower() == "same"
    padding = []
    for axis in range(rank):
        reach = (sizes[axis] - 1) * dilation[axis]
        out, before = _transposed_size(spatial[axis], reach, strides[axis], extras[axis], is_same=is_same)
        front = reach - before
        padding.append((front, out + reach - front - ((spatial[axis] - 1) * strides[axis] + 1)))
    op = builder.constants.get(call.layer) or quantised(call, call.weight("kernel"), bias_of(call), _turned)
    builder.constants[call.layer] = op
    value = spread(builder, call.name, value, strides, padding)
    value = convolve(builder, call.name, value, window(value.shape[:-1], sizes, (), dilation), op)
    return activate(builder, call, call.config.get("activation"), value)


def _transposed_size(size: int, reach: int, stride: int, extra: int | None, *, is_same: bool) -> tuple[int, int]:
    """The length of the output, and how many places of the full one are cut before it, as TensorFlow does."""
    kernel = reach + 1
    if extra is None:
        out = size * stride if is_same else size * stride + max(kernel - stride, 0)
    else:
        out = (size - 1) * stride + kernel - 2 * (kernel // 2) * is_same + extra
    total = max((size - 1) * stride + kernel - out, 0) if is_same else 0
    return out, total // 2


def _turned(kernel: np.ndarray) -> np.ndarray:
    """(*kernel_size, filters, channels) turned round along each axis, as a dense kernel."""
    rank = kernel.ndim - 2
    return flat_kernel(np.flip(kernel, tuple(range(rank))).swapaxes(-1, -2))


def _convolved(builder: GraphBuilder, call: Call, value: Value, make: Callable[[], Dense]) -> Value:
    """The convolution, of the same op where the layer was called before, and its activation."""
    op = builder.constants.get(call.layer) or make()
    builder.constants[call.layer] = op
    patches = patches_of(call, value.shape[:-1])
    n_in = int(np.prod(patches.kernel_size)) * value.shape[-1]
    if op.kernel.shape[0] != n_in:
        raise refusal(
            call, f"a kernel of {n_in} values for each filter", str(op.kernel.shape[0]), "build the model again"
        )
    return activate(builder, call, call.config.get("activation"), convolve(builder, call.name, value, patches, op))


def _depthwise(call: Call) -> np.ndarray:
    """(*kernel_size, channels, multiplier); Keras 3 calls it a kernel."""
    return call.weight("depthwise_kernel" if call.layer.has_weight("depthwise_kernel") else "kernel")


def _batch_norm(call: Call) -> tuple[np.ndarray, np.ndarray]:
    """The factor of the kernel and the bias behind it, of each output, in single precision as QKeras has them."""
    mean, variance = (np.asarray(call.weight(f"moving_{name}"), np.float32) for name in ("mean", "variance"))
    factor = np.float32(1) / np.sqrt(variance + np.float32(call.config.get("epsilon", _BATCH_EPSILON)))
    if call.config.get("scale", True):
        factor = factor * call.weight("gamma")
    bias = bias_of(call)
    shifted = factor * ((0 if bias is None else bias) - mean)
    return factor, shifted + call.weight("beta") if call.config.get("center", True) else shifted
