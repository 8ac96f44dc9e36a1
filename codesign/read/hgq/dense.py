"""Layers with a kernel: QDense, QBatchNormDense, QEinsumDense, QEinsumDenseBatchnorm, QBatchNormalization."""

import numpy as np

from codesign.read.graph_builder import Value
from codesign.read.hgq.layer import HgqLayer
from codesign.read.parts.einsum import add_einsum_dense
from codesign.read.typed_array import TypedArray, affine_of, dense_of

_EPSILON = 1e-3
_KERAS_EPSILON = np.float32(1e-7)


def read_dense(layer: HgqLayer) -> Value:
    """``activation(iq(x) @ kq(kernel) + bq(bias))``."""
    (value,) = layer.inputs()
    bias = layer.constants("bq", layer.variable("bias")) if layer.given("use_bias", True) else None
    op = dense_of(layer.constants("kq", layer.variable("kernel")), bias)
    return layer.activated(layer.add(layer.builder.constants.setdefault(layer.call.layer, op), value))


def read_batchnorm_dense(layer: HgqLayer) -> Value:
    """The normalisation is of the inputs, and in the kernel and the bias before these are quantised."""
    (value,) = layer.inputs()
    mean, variance = (np.asarray(layer.variable(f"moving_{name}"), np.float32) for name in ("mean", "variance"))
    kernel = np.asarray(layer.variable("kernel"), np.float32)
    gamma = layer.variable("bn_gamma") if layer.given("scale", True) else np.float32(1)
    scale = gamma / np.sqrt(variance + np.float32(layer.given("epsilon", _EPSILON)))
    bias = layer.constants("bq", np.asarray(layer.variable("bias"), np.float32) - mean @ kernel)
    op = dense_of(layer.constants("kq", scale[:, np.newaxis] * kernel), bias)
    return layer.activated(layer.add(op, value))


def read_einsum_dense(layer: HgqLayer) -> Value:
    """``activation(einsum(equation, iq(x), kq(kernel)) + bq(bias))``."""
    (value,) = layer.inputs()
    has_bias = layer.given("bias_axes") is not None
    bias = layer.constants("bq", layer.variable("bias")) if has_bias else None
    return layer.activated(_einsum(layer, value, layer.constants("kq", layer.variable("kernel")), bias))


def read_einsum_dense_batchnorm(layer: HgqLayer) -> Value:
    """The normalisation is in the kernel and the bias before these are quantised."""
    (value,) = layer.inputs()
    mean, variance = (np.asarray(layer.variable(f"moving_{name}"), np.float32) for name in ("mean", "variance"))
    gamma = layer.variable("gamma") if layer.given("scale", True) else np.float32(1)
    scale = gamma / np.sqrt(variance + _KERAS_EPSILON)  # HGQ2 takes Keras's, not its own argument
    kernel, bias = (np.asarray(layer.variable(name), np.float32) for name in ("kernel", "bias"))
    axes = str(layer.given("equation")).replace("...", "0").split(",")[1].split("->")[0].strip()
    normalised = layer.given("normalize_axes") or layer.given("bias_axes")
    of_kernel = [n if axis in normalised else 1 for axis, n in zip(axes, kernel.shape)]
    fused = kernel * scale.reshape(of_kernel)
    offset = (-mean * scale).reshape(bias.shape)
    return layer.activated(_einsum(layer, value, layer.constants("kq", fused), layer.constants("bq", bias + offset)))


def read_batch_normalization(layer: HgqLayer) -> Value:
    """``iq(x) * kq(factor) + bq(offset)``."""
    (value,) = layer.inputs()
    mean, variance = (np.asarray(layer.variable(f"moving_{name}"), np.float32) for name in ("mean", "variance"))
    gamma = layer.variable("bn_gamma") if layer.given("scale", True) else np.float32(1)
    beta = layer.variable("bn_beta") if layer.given("center", True) else np.float32(1)  # as HGQ2 has it
    factor = gamma / np.sqrt(variance + np.float32(layer.given("epsilon", _EPSILON)))
    (axis,) = np.ravel(layer.given("axis", -1)).tolist()
    behind = (1,) * (-1 - axis if axis < 0 else len(value.shape) - axis)
    parts = [
        layer.constants(name, values).moved(lambda array: array.reshape(array.shape + behind))
        for name, values in (("kq", factor), ("bq", beta - mean * factor))
    ]
    return layer.output(layer.add(affine_of(*parts), value))


def _einsum(layer: HgqLayer, value: Value, kernel: TypedArray, bias: TypedArray | None) -> Value:
    return add_einsum_dense(layer.builder, layer.call.name, str(layer.given("equation")), value, (kernel, bias))
