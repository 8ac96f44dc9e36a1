"""Dense layers and batch normalisation."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.errors import DataError
from codesign.network.ops import Affine, ConstantTypes, Dense
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.types import StatedType

_TRANSPOSED = ("dense_resource", "dense_large")


def read_dense(layer: Layer) -> None:
    """A dense layer."""
    config = layer.config
    n_in, n_out = config.whole("n_in"), config.whole("n_out")
    kernel, weight = layer.constants(2, "weight_t")
    bias, bias_type = layer.constants(3, "bias_t")
    kernel = kernel_of(layer, kernel, (n_in, n_out))
    check_size(layer, bias, n_out, "biases")
    types = constant_types(layer, weight, bias_type)
    value = layer.source(0, (n_in,))
    layer.give(Dense(kernel, bias, types), value)


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
    n_filt = config.whole("n_filt", -1)
    factor, factor_type = layer.constants(2, "scale_t")
    offset, offset_type = layer.constants(3, "bias_t")
    has_filters = 0 < n_filt < n_in
    n = n_filt if has_filters else n_in
    check_size(layer, factor, n, "factors")
    check_size(layer, offset, n, "offsets")
    value = layer.source()
    if value.shape[-1:] != (n,):
        value = layer.shaped(value, (n_in // n, n) if has_filters else (n_in,))
    layer.give(Affine(factor, offset, ConstantTypes(factor_type.fixed, offset_type.fixed)), value)


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
