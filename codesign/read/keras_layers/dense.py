"""Dense layers, at each position alike: Dense, QDense, QDenseBatchnorm, Conv1D of kernel size 1, PosteriorDense."""

from collections.abc import Callable

import numpy as np

from codesign.network import constant_type, exact_type
from codesign.network.ops import ConstantTypes, Dense, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.refusals import refusal
from codesign.read.qkeras import kernel_and_type

_WIDEST_COLLAPSED = 48  # single precision holds each value, and they differ by a dozen powers of two at most


def read_dense(builder: GraphBuilder, call: Call) -> Value:
    """``activation(x @ kernel + bias)`` along the last axis."""
    return _add(builder, call, lambda: _quantised(call, call.weight("kernel"), _bias(call), has_bias=_has_bias(call)))


def read_dense_batchnorm(builder: GraphBuilder, call: Call) -> Value:
    """The folded kernel and bias of a QDenseBatchnorm."""
    folded = call.layer.live.get_folded_weights()
    return _add(builder, call, lambda: _quantised(call, *folded, has_bias=True))


def read_pointwise_convolution(builder: GraphBuilder, call: Call) -> Value:
    """A Conv1D of kernel size 1 is a dense layer at each position."""
    is_last = call.config.get("data_format", "channels_last") == "channels_last"
    settings = {name: call.config.get(name, 1) for name in ("kernel_size", "strides", "groups")}
    if any(tuple(np.ravel(value)) != (1,) for value in settings.values()) or not is_last:
        said = ", ".join(f"{name}={int(np.ravel(value)[0])}" for name, value in settings.items())
        raise refusal(call, "kernel_size=1, strides=1, groups=1 over channels that come last", said)
    return read_dense(builder, call)


def read_collapsed(builder: GraphBuilder, call: Call) -> Value:
    """A PosteriorDense after its collapse rounds its inputs, and has fixed-point weights."""
    layer, value = call.layer.live, call.value
    if layer.input_format is not None:
        value = builder.add(call.name, Quantize(layer.input_format), value, name=f"{call.name}_input")
    return _add(builder, call, lambda: _collapsed(layer), value)


def read_binarized(builder: GraphBuilder, call: Call) -> Value:
    """A BinaryDense or TernaryDense of nn_playground: a kernel of -H, H and maybe 0."""
    layer = call.layer.live
    bias = np.asarray(layer.bias if layer.use_bias else np.zeros(layer.units), np.float64)
    return _add(builder, call, lambda: _exact(layer.inference_kernel.astype(np.float64), bias))


def _add(builder: GraphBuilder, call: Call, make: Callable[[], Dense], value: Value | None = None) -> Value:
    """Add a dense node, of the same op where the layer was called before, and the activation."""
    op = builder.constants.get(call.layer) or make()
    builder.constants[call.layer] = op
    value = builder.add(call.name, op, value or call.value)
    return activate(builder, call, call.config.get("activation"), value)


def _has_bias(call: Call) -> bool:
    return bool(call.config.get("use_bias", True))


def _bias(call: Call) -> np.ndarray:
    return call.weight("bias") if _has_bias(call) else np.zeros(call.weight("kernel").shape[-1], np.float32)


def _quantised(call: Call, kernel: np.ndarray, bias: np.ndarray, *, has_bias: bool) -> Dense:
    bias_quantizer = call.config.get("bias_quantizer") if has_bias else None
    kernel, weight_type = kernel_and_type(kernel, call.config.get("kernel_quantizer"), call.layer.name)
    bias, bias_type = kernel_and_type(bias, bias_quantizer, call.layer.name)
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
