"""Dense layers and batch normalisation."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from codesign.errors import DataError
from codesign.network import FixedPoint
from codesign.network.ops import Affine, ConstantTypes, Dense
from codesign.network.types import constant_type
from codesign.read.graph_builder import Value
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.types import PAIR, StatedType

_PRODUCTS = ("both_binary", "weight_binary", "data_binary", "weight_ternary", "weight_exponential", "mult")
_SIGN = FixedPoint(2, 2)
_TRANSPOSED = ("dense_resource", "dense_large")


def read_dense(layer: Layer) -> None:
    """A dense layer."""
    config = layer.config
    n_in, n_out = config.whole("n_in"), config.whole("n_out")
    kernel, weight = layer.constants(2, "weight_t")
    bias, bias_type = layer.constants(3, "bias_t")
    if weight.struct:
        kernel, weight = powers_of_two(layer, kernel, weight)
    kernel = kernel_of(layer, kernel, (n_in, n_out))
    check_size(layer, bias, n_out, "biases")
    value = layer.source(0, (n_in,))
    give_dense(layer, value, (kernel, weight), (bias, bias_type))


def give_dense(
    layer: Layer, value: Value, kernel: tuple[np.ndarray, StatedType], bias: tuple[np.ndarray, StatedType]
) -> None:
    """Add a dense op, of bits that stand for -1 and 1 as hls4ml multiplies them, as the layer's last."""
    (weights, weight), (offsets, offset) = kernel, bias
    kind = _product(layer, layer.source_type(value), weight)
    types = constant_types(layer, weight, offset)
    if kind in ("both_binary", "weight_binary"):
        weights, types = 2 * weight.fixed.quantize(weights) - 1, replace(types, weight=_SIGN)
    if kind in ("both_binary", "data_binary"):
        value = layer.add(Affine(np.array([2.0]), np.array([-1.0]), ConstantTypes(_SIGN, _SIGN)), value)
    if kind == "both_binary":  # counts of equal bits, doubled, less their number
        offsets = 2 * offset.fixed.quantize(offsets)
        wider = FixedPoint(offset.fixed.width + 1, offset.fixed.integer + 1, offset.fixed.signed)
        types = ConstantTypes(_SIGN, wider, None)
    layer.give(Dense(weights, offsets, types), value)
    factor = layer.config.value("reuse_factor") if layer.config.has("reuse_factor") else None
    if isinstance(factor, int) and factor > 0:
        layer.walk.reuse_factors[layer.name()] = factor


def _product(layer: Layer, data: StatedType, weight: StatedType) -> str:
    """hls4ml's name of how values and weights are multiplied; the first versions choose it by the types."""
    words = layer.config.words("product") or (
        layer.config.inner("mult_config").words("product") if layer.config.has("mult_config") else []
    )
    found = next((word for word in words if word in _PRODUCTS), None)
    if found is not None or words:
        return found or "mult"
    if layer.walk.project.is_intel or not weight.is_bit:
        return "mult"
    return "both_binary" if data.is_bit else "weight_binary"


def powers_of_two(layer: Layer, numbers: np.ndarray, stated: StatedType) -> tuple[np.ndarray, StatedType]:
    """Return weights that are kept as a sign and an exponent, as values.

    Raises:
        UnsupportedLayerError: for a structure of other members.
    """
    struct = layer.walk.project.struct(stated.struct)
    members = list(struct.members) if struct is not None else []
    if (members != ["sign", "weight"] and stated.struct != PAIR) or numbers.size % 2:
        raise layer.refuse(f"expected weights of a type, or of a sign and a weight. Received: {stated.struct}")
    signs, exponents = numbers.reshape(-1, 2).T
    values = np.where(signs == 1, 1.0, -1.0) * np.exp2(np.clip(exponents, -64, 64))
    return values, StatedType(constant_type(values))


def constant_types(layer: Layer, weight: StatedType, bias: StatedType) -> ConstantTypes:
    """Return the types of the constants and of the accumulator."""
    return ConstantTypes(weight.fixed, bias.fixed, layer.config.type("accum_t").fixed)


def kernel_of(layer: Layer, numbers: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return weights (n_in, n_out), which the resource strategy keeps transposed, and Quartus in rows of its reuse."""
    config, (n_in, n_out) = layer.config, shape
    pad = config.whole("rf_pad", 0)
    if pad:
        rows = numbers.reshape(-1, config.whole("reuse_factor") + pad)
        numbers = rows[:, : config.whole("reuse_factor")].ravel()[: n_in * n_out]
    check_size(layer, numbers, n_in * n_out, "weights")
    if is_transposed(layer):
        return numbers.reshape(n_out, n_in).T
    return numbers.reshape(n_in, n_out)


def is_transposed(layer: Layer) -> bool:
    """Whether the weights of each output lie side by side."""
    if layer.function.startswith(_TRANSPOSED) or layer.walk.project.is_intel:
        return True
    kernel = "".join(layer.config.words("kernel"))
    if "Resource" in kernel or "Latency" in kernel:
        return "Resource" in kernel
    return layer.config.value("strategy", "latency") in ("resource", "resource_unrolled")


def read_normalize(layer: Layer) -> None:
    """A factor and an offset for each value, or for each of the last axis."""
    config, n_in = layer.config, layer.config.whole("n_in")
    if len(layer.call.arguments) == 5:
        _read_first_normalize(layer)
        return
    n_filt = config.whole("n_filt", -1)
    factor, factor_type = layer.constants(2, "scale_t")
    if factor_type.struct:
        factor, factor_type = powers_of_two(layer, factor, factor_type)
    offset, offset_type = layer.constants(3, "bias_t")
    has_filters = 0 < n_filt < n_in
    n = n_filt if has_filters else n_in
    check_size(layer, factor, n, "factors")
    check_size(layer, offset, n, "offsets")
    value = layer.source()
    if value.shape[-1:] != (n,):
        value = layer.shaped(value, (n_in // n, n) if has_filters else (n_in,))
    types = ConstantTypes(factor_type.fixed, offset_type.fixed)
    if config.words("product").count(",") < 2:
        layer.give(Affine(factor, offset, types), value)
        return
    stated, one, zero = layer.result_type().fixed, np.ones(1), np.zeros(1)  # hls4ml 0.5 and 0.6 cast the product
    product = layer.add(Affine(factor, zero, replace(types, bias=_SIGN)), value, output=stated)
    layer.give(Affine(one, offset, replace(types, weight=_SIGN)), product)


def _read_first_normalize(layer: Layer) -> None:
    """The first versions': what is left of a mean, in the type of the result, times a scale, and an offset."""
    value, n = layer.source(0, (layer.config.whole("n_in"),)), layer.config.whole("n_in")
    (scale, scale_type), (beta, beta_type), (mean, mean_type) = (
        layer.constants(place, name) for place, name in ((2, "scale_t"), (3, "beta_t"), (4, "mean_t"))
    )
    for numbers, what in ((scale, "scales"), (beta, "offsets"), (mean, "means")):
        check_size(layer, numbers, n, what)
    one, less = np.ones(1), -mean_type.fixed.quantize(mean)
    stated = layer.result_type().fixed
    rest = layer.add(Affine(one, less, ConstantTypes(FixedPoint(2, 2), constant_type(less))), value, output=stated)
    layer.give(Affine(scale, beta, ConstantTypes(scale_type.fixed, beta_type.fixed)), rest)


def check_size(layer: Layer, numbers: np.ndarray, size: int, what: str) -> None:
    """Check a number of weights.

    Raises:
        DataError: for another.
    """
    if numbers.size != size:
        raise DataError(f"layer '{layer.call}': expected {size} {what}. Received: {numbers.size}")


DENSE: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        **dict.fromkeys(("dense", "dense_latency", "dense_resource", "dense_large", "compute_layer"), read_dense),
        "normalize": read_normalize,
    }
)
