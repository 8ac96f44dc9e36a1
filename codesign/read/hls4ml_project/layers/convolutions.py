"""Convolutions, channels last: patches, and a dense op at each place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from codesign.errors import DataError
from codesign.network.ops import ConstantTypes, Dense, Patches
from codesign.network.ops.places import Padding
from codesign.read.graph_builder import Value
from codesign.read.hls4ml_project.configuration import Configuration
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.layers.dense import check_size, give_dense, is_transposed, powers_of_two
from codesign.read.hls4ml_project.types import StatedType
from codesign.read.parts.windows import depthwise_kernel

_AXES = {1: (("width", "left", "right"),), 2: (("height", "top", "bottom"), ("width", "left", "right"))}
_WINOGRAD = 4 / 3  # of weights, along each axis


@dataclass(frozen=True)
class Window:
    """The sizes of a convolution or a pooling, along its axes.

    Args:
        spatial, out: places that it takes and gives.
        kernel_size, strides, dilation, padding: of the window.
    """

    spatial: tuple[int, ...]
    out: tuple[int, ...]
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: Padding

    @property
    def patches(self) -> Patches:
        """The patches under it."""
        return Patches(self.kernel_size, self.strides, self.dilation, self.padding)


def window_of(config: Configuration, rank: int, size: str) -> Window:
    """Return a window.

    Args:
        config: that states it.
        rank: number of axes.
        size: how the window's size is called: ``filt`` or ``pool``.

    Raises:
        DataError: for a piece that is missing, or that contradicts the others.
    """
    axes = _AXES[rank]
    single = {"in": "n_in", "out": "n_out"} if size == "pool" and rank == 1 else {}
    spatial, out = (
        tuple(config.whole(single.get(side, f"{side}_{axis}")) for axis, _, _ in axes) for side in ("in", "out")
    )
    kernel = tuple(config.whole(f"{size}_{axis}") for axis, _, _ in axes)
    strides = tuple(config.whole(f"stride_{axis}", 1) for axis, _, _ in axes)
    dilation = tuple(_dilation(config, axis, rank) for axis, _, _ in axes)
    found = []
    for (_, before, _), n, m, k, stride, step in zip(axes, spatial, out, kernel, strides, dilation):
        first = config.whole(f"pad_{before}", 0)
        last = (m - 1) * stride + (k - 1) * step + 1 - n - first  # what the places of the result need
        found.append((first, max(0, last)))
    return Window(spatial, out, kernel, strides, dilation, tuple(found))


def _dilation(config: Configuration, axis: str, rank: int) -> int:
    return config.whole("dilation", 1) if rank == 1 else config.whole(f"dilation_{axis}", 1)


def read_convolution(layer: Layer) -> None:
    """A convolution, or one of a single place."""
    config, window = layer.config, window_of(layer.config, _rank(layer), "filt")
    n_in, n_out = config.whole("n_chan"), config.whole("n_filt")
    kernel, weight = layer.constants(2, "weight_t")
    if weight.struct:
        kernel, weight = powers_of_two(layer, kernel, weight)
    shape = (int(np.prod(window.kernel_size)) * n_in, n_out)
    _check_plain(layer, kernel, shape, window.kernel_size)
    kernel = kernel.reshape(shape[::-1]).T if is_transposed(layer) else kernel.reshape(shape)
    bias, bias_type = layer.constants(3, "bias_t")
    check_size(layer, bias, n_out, "biases")
    value = _patched(layer, layer.source(0, (*window.spatial, n_in)), window)
    give_dense(layer, value, (kernel, weight), (bias, bias_type))


def _check_plain(layer: Layer, kernel: np.ndarray, shape: tuple[int, int], window: tuple[int, ...]) -> None:
    if set(window) == {3} and kernel.size == round(shape[0] * shape[1] * _WINOGRAD ** len(window)):
        raise layer.refuse(
            "expected the weights of a plain convolution. Received: those of Winograd's; set its Implementation to "
            "im2col, and convert it again"
        )
    check_size(layer, kernel, shape[0] * shape[1], "weights")


def _dense(layer: Layer, config: Configuration, kernel: tuple[np.ndarray, StatedType], place: int) -> Dense:
    """The dense op of a kernel, its type, and the bias in an argument."""
    bias, bias_type = layer.constants(place, "bias_t")
    check_size(layer, bias, kernel[0].shape[1], "biases")
    return Dense(kernel[0], bias, ConstantTypes(kernel[1].fixed, bias_type.fixed, config.type("accum_t").fixed))


def _patched(layer: Layer, value: Value, window: Window) -> Value:
    is_pointwise = {*window.kernel_size, *window.strides} == {1} and not np.any(window.padding)
    return value if is_pointwise else layer.add(window.patches, value)


def read_depthwise(layer: Layer) -> None:
    """A convolution of each channel by itself."""
    config, window = layer.config, window_of(layer.config, _rank(layer), "filt")
    value = layer.source(0, (*window.spatial, config.whole("n_chan")))
    layer.give(_depthwise(layer, config, window, 3), _patched(layer, value, window))


def _depthwise(layer: Layer, config: Configuration, window: Window, place: int) -> Dense:
    kernel, weight = layer.constants(2, "weight_t")
    n_in, n_out = config.whole("n_chan"), config.whole("n_filt")
    if n_out % n_in:
        raise DataError(f"layer '{layer.call}': expected filters that are a multiple of {n_in}. Received: {n_out}")
    size = int(np.prod(window.kernel_size)) * n_out
    check_size(layer, kernel[:size], size, "weights")  # some versions write more than the function takes
    kernel = kernel[:size]
    flat = depthwise_kernel(kernel.reshape(*window.kernel_size, n_in, n_out // n_in))
    return _dense(layer, config, (flat, weight), place)


def read_separable(layer: Layer) -> None:
    """A depthwise convolution, and one of a single place."""
    first, second = layer.config.inner("depthwise_config"), layer.config.inner("pointwise_config")
    window = window_of(first, _rank(layer), "filt")
    value = layer.source(0, (*window.spatial, first.whole("n_chan")))
    between = layer.walk.project.types.resolve(list(layer.call.types[1])).fixed
    op = _depthwise(layer, first, window, 4)
    value = layer.add(window.patches, value)
    value = layer.add(op, value, output=between)
    kernel, weight = layer.constants(3, "weight_t")
    n_in, n_out = second.whole("n_chan"), second.whole("n_filt")
    check_size(layer, kernel, n_in * n_out, "weights")
    is_flipped = second.value("strategy", "latency") in ("resource", "resource_unrolled")
    kernel = kernel.reshape(n_out, n_in).T if is_flipped else kernel.reshape(n_in, n_out)
    layer.give(_dense(layer, second, (kernel, weight), 5), value)


def _rank(layer: Layer) -> int:
    return 2 if "2d" in layer.function else 1


CONVOLUTIONS: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        f"{prefix}conv_{rank}d{large}_cl": read
        for prefix, read in (
            ("", read_convolution),
            ("pointwise_", read_convolution),
            ("depthwise_", read_depthwise),
            ("separable_", read_separable),
        )
        for rank in (1, 2)
        for large in ("", "_large")
    }
)
