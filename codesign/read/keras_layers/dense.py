"""Dense layers, at each position alike: Dense, QDense, QDenseBatchnorm, PosteriorDense."""

from collections.abc import Callable

import numpy as np

from codesign.network import constant_type, exact_type
from codesign.network.ops import ConstantTypes, Dense, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.qkeras import kernel_and_type

_WIDEST_COLLAPSED = 48  # single precision holds each value, and they differ by a dozen powers of two at most


def read_dense(builder: GraphBuilder, call: Call) -> Value:
    """``activation(x @ kernel + bias)`` along the last axis."""
    return _add(builder, call, lambda: quantised(call, call.weight("kernel"), bias_of(call)))


def read_dense_batchnorm(builder: GraphBuilder, call: Call) -> Value:
    """The folded kernel and bias of a QDenseBatchnorm."""
    folded = call.layer.live.get_folded_weights()
    return _add(builder, call, lambda: quantised(call, *folded))


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


def _exact(kernel: np.ndarray, bias: np.ndarray) -> Dense:
    weight_type = exact_type(kernel)
    return Dense(kernel, bias, None if weight_type is None else ConstantTypes(weight_type, constant_type(bias)))


def _collapsed(layer: object) -> Dense:
    kernel, bias = layer.inference_kernel.astype(np.float64), layer.fixed_bias.numpy().astype(np.float64)
    types = [exact_type(values, widest=_WIDEST_COLLAPSED) for values in (kernel, bias)]
    return Dense(kernel, bias, ConstantTypes(*types))
