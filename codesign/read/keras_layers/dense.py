"""Dense layers, at each position alike: Dense, QDense, QDenseBatchnorm, PosteriorDense."""

from collections.abc import Callable

import numpy as np

from codesign.network import constant_type, exact_type
from codesign.network.ops import ConstantTypes, Dense, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.own_kernels import inference_kernel, input_format
from codesign.read.keras_records import FOLDED_BIAS, FOLDED_KERNEL
from codesign.read.qkeras import kernel_and_type

_EPSILON = 1e-3  # of batch normalisation, where a file does not state it
_WIDEST_COLLAPSED = 48  # single precision holds each value, and they differ by a dozen powers of two at most


def read_dense(builder: GraphBuilder, call: Call) -> Value:
    """``activation(x @ kernel + bias)`` along the last axis."""
    return _add(builder, call, lambda: quantised(call, call.weight("kernel"), bias_of(call)))


def read_dense_batchnorm(builder: GraphBuilder, call: Call) -> Value:
    """The folded kernel and bias of a QDenseBatchnorm."""
    return _add(builder, call, lambda: quantised(call, *_folded(call)))


def read_collapsed(builder: GraphBuilder, call: Call) -> Value:
    """A PosteriorDense after its collapse rounds its inputs, and has fixed-point weights."""
    value, kind = call.value, input_format(call.layer)
    if kind is not None:
        value = builder.add(call.name, Quantize(kind), value, name=f"{call.name}_input")
    return _add(builder, call, lambda: _collapsed(call), value)


def read_binarized(builder: GraphBuilder, call: Call) -> Value:
    """A BinaryDense or TernaryDense of nn_playground: a kernel of -H, H and maybe 0."""
    return _add(builder, call, lambda: _exact(inference_kernel(call.layer).astype(np.float64), bias_of(call)))


def read_plain(builder: GraphBuilder, call: Call, kernel: Callable[[], np.ndarray]) -> Value:
    """A dense layer of another kernel than its own.

    Args:
        kernel: gives it, before its quantizer.
    """
    return _add(builder, call, lambda: quantised(call, kernel(), bias_of(call)))


def _add(builder: GraphBuilder, call: Call, make: Callable[[], Dense], value: Value | None = None) -> Value:
    """Add a dense node, of the same op where the layer was called before, and the activation."""
    op = builder.constants.get(call.layer) or make()
    builder.constants[call.layer] = op
    value = builder.add(call.name, op, value or call.value)
    return activate(builder, call, call.config.get("activation"), value)


def bias_of(call: Call) -> np.ndarray | None:
    """The bias of a layer, or None where it has none."""
    return call.weight("bias") if call.config.get("use_bias", True) else None


def quantised(
    call: Call,
    kernel: np.ndarray,
    bias: np.ndarray | None,
    flat: Callable[[np.ndarray], np.ndarray] = lambda kernel: kernel.reshape(kernel.shape[-2:]),
    *,
    quantizers: tuple[str, str] = ("kernel_quantizer", "bias_quantizer"),
) -> Dense:
    """Return the dense op of a layer's constants as its quantizers round them, with their types.

    Args:
        kernel: of the layer's own shape, which a quantizer's scale depends on.
        bias: None for none.
        flat: gives (n_in, n_out) of it.
        quantizers: their names in the configuration.
    """
    kernel, weight_type = kernel_and_type(kernel, call.config.get(quantizers[0]), call.layer.name)
    kernel = flat(kernel)
    if bias is None:
        bias, bias_type = np.zeros(kernel.shape[1]), None
    else:
        bias, bias_type = kernel_and_type(bias, call.config.get(quantizers[1]), call.layer.name)
    types = None if weight_type is None else ConstantTypes(weight_type, bias_type or constant_type(bias))
    return Dense(kernel, bias, types)


def _exact(kernel: np.ndarray, bias: np.ndarray | None) -> Dense:
    bias = np.zeros(kernel.shape[1]) if bias is None else np.asarray(bias, np.float64)
    weight_type = exact_type(kernel)
    return Dense(kernel, bias, None if weight_type is None else ConstantTypes(weight_type, constant_type(bias)))


def _folded(call: Call) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias with the batch normalisation behind them."""
    if call.layer.has_weight(FOLDED_KERNEL):
        return call.weight(FOLDED_KERNEL), call.weight(FOLDED_BIAS)
    config, kernel = call.config, call.weight("kernel")
    mean, variance = call.weight("moving_mean"), call.weight("moving_variance")
    inverse = np.float32(1) / np.sqrt(variance + np.float32(config.get("epsilon", _EPSILON)))
    if config.get("scale", True):
        inverse = inverse * call.weight("gamma")
    bias = inverse * ((call.weight("bias") if config.get("use_bias", True) else np.float32(0)) - mean)
    return inverse * kernel, bias + (call.weight("beta") if config.get("center", True) else np.float32(0))


def _collapsed(call: Call) -> Dense:
    kernel, bias = inference_kernel(call.layer).astype(np.float64), call.weight("fixed_bias").astype(np.float64)
    types = [exact_type(values, widest=_WIDEST_COLLAPSED) for values in (kernel, bias)]
    return Dense(kernel, bias, ConstantTypes(*types))
