"""Dense layers, at each position alike: Dense, QDense, QDenseBatchnorm, Conv1D of kernel size 1, PosteriorDense."""

from collections.abc import Callable

import numpy as np

from codesign.network import constant_type, exact_type
from codesign.network.ops import ConstantTypes, Dense, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.refusals import refusal
from codesign.read.qkeras_types import kernel_and_type

_WIDEST_COLLAPSED = 48  # single precision holds each value, and they differ by a dozen powers of two at most


def read_dense(builder: GraphBuilder, call: Call) -> Value:
    """``activation(x @ kernel + bias)`` along the last axis."""
    layer = call.layer
    bias = layer.bias if layer.use_bias else np.zeros(np.shape(layer.kernel)[-1], np.float32)
    return _add(builder, call, lambda: _quantised(layer, layer.kernel, bias, has_bias=layer.use_bias))


def read_dense_batchnorm(builder: GraphBuilder, call: Call) -> Value:
    """The folded kernel and bias of a QDenseBatchnorm."""
    layer = call.layer
    return _add(builder, call, lambda: _quantised(layer, *layer.get_folded_weights(), has_bias=True))


def read_pointwise_convolution(builder: GraphBuilder, call: Call) -> Value:
    """A Conv1D of kernel size 1 is a dense layer at each position."""
    layer = call.layer
    is_last = layer.data_format == "channels_last"
    settings = {"kernel_size": layer.kernel_size, "strides": layer.strides, "groups": layer.groups}
    if any(tuple(np.ravel(value)) != (1,) for value in settings.values()) or not is_last:
        said = ", ".join(f"{name}={int(np.ravel(value)[0])}" for name, value in settings.items())
        raise refusal(call, "kernel_size=1, strides=1, groups=1 over channels that come last", said)
    bias = layer.bias if layer.use_bias else np.zeros(layer.filters, np.float32)
    return _add(builder, call, lambda: _quantised(layer, layer.kernel, bias, has_bias=layer.use_bias))


def read_collapsed(builder: GraphBuilder, call: Call) -> Value:
    """A PosteriorDense after its collapse rounds its inputs, and has fixed-point weights."""
    layer, value = call.layer, call.value
    if layer.input_format is not None:
        value = builder.add(call.name, Quantize(layer.input_format), value, name=f"{call.name}_input")
    return _add(builder, call, lambda: _collapsed(layer), value)


def read_binarized(builder: GraphBuilder, call: Call) -> Value:
    """A BinaryDense or TernaryDense of nn_playground: a kernel of -H, H and maybe 0."""
    layer = call.layer
    bias = np.asarray(layer.bias if layer.use_bias else np.zeros(layer.units), np.float64)
    return _add(builder, call, lambda: _exact(layer.inference_kernel.astype(np.float64), bias))


def _add(builder: GraphBuilder, call: Call, make: Callable[[], Dense], value: Value | None = None) -> Value:
    """Add a dense node, of the same op where the layer was called before, and the activation."""
    op = builder.constants.get(id(call.layer)) or make()
    builder.constants[id(call.layer)] = op
    value = builder.add(call.name, op, value or call.value)
    return activate(builder, call, call.layer.activation, value)


def _quantised(layer: object, kernel: np.ndarray, bias: np.ndarray, *, has_bias: bool) -> Dense:
    kernel_quantizer = getattr(layer, "kernel_quantizer_internal", None)
    bias_quantizer = getattr(layer, "bias_quantizer_internal", None) if has_bias else None
    kernel, weight_type = kernel_and_type(kernel, kernel_quantizer, layer.name)
    bias, bias_type = kernel_and_type(bias, bias_quantizer, layer.name)
    kernel = kernel.reshape(kernel.shape[-2:])
    types = None if weight_type is None else ConstantTypes(weight_type, bias_type or constant_type(bias))
    return Dense(kernel, bias, types)


def _exact(kernel: np.ndarray, bias: np.ndarray) -> Dense:
    weight_type = exact_type(kernel)
    return Dense(kernel, bias, None if weight_type is None else ConstantTypes(weight_type, constant_type(bias)))


def _collapsed(layer: object) -> Dense:
    kernel, bias = layer.inference_kernel.astype(np.float64), layer.fixed_bias.numpy().astype(np.float64)
    types = [exact_type(values, widest=_WIDEST_COLLAPSED) for values in (kernel, bias)]
    return Dense(kernel, bias, ConstantTypes(*types))
