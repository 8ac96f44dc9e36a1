"""Layers of HGQ, before HGQ2 (C. Sun et al., arXiv:2405.00645), on Keras 2: HDense and its like, and proxy models.

A layer rounds to trained numbers of binary digits behind the point, of each value; a proxy model has the whole types,
as ``FixedPointQuantizer``, and functions as ``UnaryLUT``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint, exact_type
from codesign.network.ops import Add, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.hgq.first_variables import named_weights
from codesign.read.hgq.proxy import read_quantizer, read_table
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.refusals import refusal
from codesign.read.parts.windows import convolve, flat_kernel, window
from codesign.read.typed_array import TypedArray, affine_of, dense_of

_INTEGER = 24  # bits left of the point: HGQ rounds, and never saturates
_WIDEST = 48
_FLOOR = ("floor", 3)
_EPSILON = 1e-3


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """A call of a layer of HGQ.

    Args:
        builder: takes the nodes.
        call: what is called.
    """

    builder: GraphBuilder
    call: Call

    def given(self, name: str, default: object = None) -> object:
        """Return an argument of the layer."""
        return self.call.config.get(name, default)

    def array(self, name: str, default: float | None = None) -> np.ndarray:
        """Return one of the weights, in float32."""
        if default is not None and not self.call.layer.has_weight(name):
            return np.float32(default)
        return np.asarray(self.call.weight(name), np.float32)

    @property
    def digits(self) -> np.ndarray:
        """Binary digits behind the point of what it gives, without the axis of the events."""
        return np.rint(self.array("activation_bw"))[0]

    def kernel(self, values: np.ndarray) -> TypedArray:
        """Return a kernel as it is rounded."""
        return _rounded(values, np.rint(self.array("kernel_bw")))

    def bias(self, values: np.ndarray) -> TypedArray:
        """Return a bias as it is rounded: to the finest digits of its unit."""
        axes = tuple(range(self.digits.ndim - 1))
        return _rounded(values, self.digits.max(axes), floors=self._floors(values.shape, has_bias=True))

    def result(self, value: Value, *, has_bias: bool) -> Value:
        """Add the rounding of what it gives."""
        rounding = "TRN" if self._floors(value.shape, has_bias=has_bias) else "RND"
        width = np.broadcast_to(self.digits, value.shape).astype(np.int64) + _INTEGER
        kind = FixedPoint(width.copy(), np.full(value.shape, _INTEGER), True, rounding, "SAT")
        return self.builder.add(self.call.name, Quantize(kind), value)

    def _floors(self, shape: tuple[int, ...], *, has_bias: bool) -> bool:
        strategy = dict(self.given("paq_conf") or {}).get("rnd_strategy", "standard_round")
        if strategy != "auto":
            return strategy in _FLOOR
        same = np.prod(self.digits.shape[:-1]) == 1 and self.digits.shape[-1:] in ((1,), shape[-1:])
        return not (has_bias and (self.digits.size == 1 or same))


def read_dense(layer: FirstLayer) -> Value:
    """``activation(round(x @ round(kernel) + round(bias)))``, a batch normalisation in both."""
    kernel, bias = _fused(layer)
    op = dense_of(layer.kernel(kernel), None if bias is None else layer.bias(bias))
    value = layer.builder.add(layer.call.name, op, layer.call.value)
    value = layer.result(value, has_bias=bias is not None)
    return activate(layer.builder, layer.call, layer.given("activation"), value)


def read_convolution(layer: FirstLayer) -> Value:
    """As a dense layer at each place."""
    if layer.given("data_format", "channels_last") != "channels_last":
        raise refusal(layer.call, "channels that come last", "channels_first", "use data_format='channels_last'")
    kernel, bias = _fused(layer)
    value, rank = layer.call.value, kernel.ndim - 2
    sizes = (tuple(np.broadcast_to(layer.given(name, 1), rank).tolist()) for name in ("strides", "dilation_rate"))
    patches = window(value.shape[:-1], kernel.shape[:rank], *sizes, str(layer.given("padding", "valid")))
    groups = int(layer.given("groups", 1))
    flat = layer.kernel(kernel).moved(lambda array: flat_kernel(array, groups).astype(array.dtype))
    op = dense_of(flat, None if bias is None else layer.bias(bias))
    value = convolve(layer.builder, layer.call.name, value, patches, op)
    value = layer.result(value, has_bias=bias is not None)
    return activate(layer.builder, layer.call, layer.given("activation"), value)


def read_batch_normalization(layer: FirstLayer) -> Value:
    """``round(x round(factor) + round(offset))``."""
    factor = layer.array("bn_gamma", 1.0) / np.sqrt(layer.array("moving_variance", 1.0) + _epsilon(layer))
    offset = layer.array("bn_beta", 0.0) - layer.array("moving_mean", 0.0) / factor  # as HGQ has it
    shape = layer.call.value.shape
    parts = [np.broadcast_to(part, shape[-1:]) for part in (factor, offset)]
    op = affine_of(layer.kernel(parts[0].reshape(layer.array("kernel_bw").shape)[0]), layer.bias(parts[1]))
    return layer.result(layer.builder.add(layer.call.name, op, layer.call.value), has_bias=True)


def read_add(layer: FirstLayer) -> Value:
    """A rounded sum."""
    return layer.result(layer.builder.add(layer.call.name, Add(), *layer.call.values), has_bias=False)


def read_activation(layer: FirstLayer) -> Value:
    """``round(activation(x))``."""
    value = activate(layer.builder, layer.call, layer.given("activation"), layer.call.value)
    return layer.result(value, has_bias=True)


def _fused(layer: FirstLayer) -> tuple[np.ndarray, np.ndarray | None]:
    """Kernel and bias with the batch normalisation in them, if there is one."""
    kernel = layer.array("kernel")
    bias = layer.array("bias") if layer.given("use_bias", True) else None
    if not layer.call.kind.endswith("BatchNorm"):
        return kernel, bias
    scale = layer.array("bn_gamma", 1.0) / np.sqrt(layer.array("moving_variance", 1.0) + _epsilon(layer))
    fused = kernel * scale if layer.given("scale", True) else kernel
    if bias is not None and layer.given("center", True):
        bias = bias - layer.array("moving_mean", 0.0) * scale + layer.array("bn_beta", 0.0)
    return fused, bias


def _epsilon(layer: FirstLayer) -> np.float32:
    return np.float32(layer.given("epsilon", _EPSILON))


def _rounded(values: np.ndarray, digits: np.ndarray, *, floors: bool = False) -> TypedArray:
    scale = np.exp2(digits.astype(np.float32))
    found = (np.floor(values * scale + np.float32(0 if floors else 0.5)) / scale).astype(np.float64)
    return TypedArray(found, exact_type(found, widest=_WIDEST))


_PASSIVE = ("PReshape", "PFlatten", "PConcatenate", "PMaxPooling1D", "PMaxPooling2D", "PAveragePooling1D",
            "PAveragePooling2D", "PDropout", "PPermute")  # fmt: skip
_READ: Mapping[str, Callable[[FirstLayer], Value]] = MappingProxyType(
    {
        "HQuantize": lambda layer: layer.result(layer.call.value, has_bias=False),
        **dict.fromkeys(("HDense", "HDenseBatchNorm"), read_dense),
        **dict.fromkeys(("HConv1D", "HConv2D", "HConv1DBatchNorm", "HConv2DBatchNorm"), read_convolution),
        "HBatchNormalization": read_batch_normalization,
        "HActivation": read_activation,
        "HAdd": read_add,
        "Signature": lambda layer: layer.call.value,
        "FixedPointQuantizer": lambda layer: read_quantizer(layer.builder, layer.call),
        "UnaryLUT": lambda layer: read_table(layer.builder, layer.call),
    }
)


def read_first_call(builder: GraphBuilder, call: Call, read: Callable[[Call], Value]) -> Value:
    """Add the nodes of a call of a layer of HGQ.

    Args:
        builder: takes the nodes.
        call: of the layer.
        read: reads a call of a layer of Keras.

    Raises:
        UnsupportedLayerError: for a layer or a setting that has no place in a Network; it names the layer.
    """
    call = replace(call, layer=named_weights(call.layer))
    if call.kind in _PASSIVE:
        return read(replace(call, layer=replace(call.layer, kind=call.kind[1:], module="keras.layers")))
    if call.kind not in _READ:
        known = ", ".join(sorted((*_READ, *_PASSIVE)))
        raise refusal(call, "a layer of HGQ that a Network holds", call.kind, f"use {known}")
    return _READ[call.kind](FirstLayer(builder, call))
