"""Convolutions and pooling: windows over axes that ONNX has behind the channels, and a network in front of them."""

from dataclasses import dataclass
from math import prod

import numpy as np

from codesign.network.ops import Affine, Dense, Max, Mean, Patches, Sum
from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.walk import LARGEST_VALUE, Call
from codesign.read.parts.windows import convolve, flat_kernel, pool, spread


def channels_last(call: Call, flow: Flow) -> Flow:
    """Return a flow of (events, channels, *spatial) whose value is (*spatial, channels)."""
    if flow.rank < 3 or flow.dims[0] != (EVENTS,):
        raise call.refusal("(events, channels, *spatial)", f"{flow.rank} axes, or the events elsewhere")
    if any(len(dim) != 1 for dim in flow.dims):
        flow = call.plain(flow)
    order = [dim[0] for dim in (*flow.dims[2:], flow.dims[1])]
    return call.ordered(flow, order)


def channels_first(value: object, flow: Flow) -> Flow:
    """Return the flow of a value, (*spatial, channels), with ONNX's axes."""
    rank = len(value.shape)
    return Flow(value, ((EVENTS,), (rank - 1,), *((axis,) for axis in range(rank - 1))), flow.dtype)


@dataclass(frozen=True)
class Window:
    """A window's sizes along each spatial axis; `behind` are the places added by ceil_mode alone."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    behind: tuple[int, ...]

    @classmethod
    def of(cls, call: Call, spatial: tuple[int, ...], size: tuple[int, ...]) -> "Window":
        """Return the window of a node.

        Args:
            spatial: sizes of what it moves over.
            size: its own.
        """
        n = len(spatial)
        strides, dilation = (tuple(call.wholes(name) or [1] * n) for name in ("strides", "dilations"))
        if not len(size) == len(strides) == len(dilation) == n or min(*size, *strides, *dilation) < 1:
            raise call.refusal(f"sizes, strides and dilations along {n} axes", f"{size}, {strides}, {dilation}")
        padding = _padding(call, spatial, (size, strides, dilation))
        behind = [0] * n
        if call.whole("ceil_mode"):
            for axis, (length, window, step, between, (before, after)) in enumerate(
                zip(spatial, size, strides, dilation, padding)
            ):
                reach = length + before + after - between * (window - 1) - 1
                n_out = -(-reach // step) + 1
                n_out -= (n_out - 1) * step >= length + before
                behind[axis] = max(0, (n_out - 1) * step - reach)
        found = cls(size, strides, dilation, padding, tuple(behind))
        if found.n_places(spatial) > LARGEST_VALUE:
            raise call.refusal(f"windows of at most {LARGEST_VALUE:,} places together", f"size {size}")
        return found

    def n_places(self, spatial: tuple[int, ...]) -> int:
        """Return how many places all windows have together."""
        lengths = (length + sum(pair) + more for length, pair, more in zip(spatial, self.padding, self.behind))
        reach = (between * (window - 1) for window, between in zip(self.size, self.dilation))
        n_out = (max(0, length - far - 1) // step + 1 for length, far, step in zip(lengths, reach, self.strides))
        return prod(self.size) * prod(n_out)

    def patches(self) -> Patches:
        """Return the op."""
        padding = tuple((before, after + more) for (before, after), more in zip(self.padding, self.behind))
        return Patches(self.size, self.strides, self.dilation, padding)


def _padding(call: Call, spatial: tuple[int, ...], window: tuple) -> tuple[tuple[int, int], ...]:
    mode, n = call.text("auto_pad", "NOTSET"), len(spatial)
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        found = []
        for length, size, step, between in zip(spatial, *window):
            needed = max(0, (-(-length // step) - 1) * step + between * (size - 1) + 1 - length)
            less, more = needed // 2, needed - needed // 2
            found.append((less, more) if mode == "SAME_UPPER" else (more, less))
        return tuple(found)
    if mode == "VALID":
        return ((0, 0),) * n
    pads = call.wholes("pads") or [0] * (2 * n)
    if len(pads) != 2 * n or min(pads) < 0 or mode != "NOTSET":
        raise call.refusal(f"{2 * n} pads of 0 or more", f"{pads}, auto_pad={mode}")
    return tuple(zip(pads[:n], pads[n:]))


def read_convolution(call: Call) -> Flow:
    """A convolution with constant weights: patches, and a dense layer behind them."""
    weights, bias = call.constant(1, what="kernel"), call.constant(2, what="bias")
    return convolution(call, call.flow, np.asarray(weights, np.float64), bias)


def convolution(call: Call, flow: Flow, weights: np.ndarray, bias: np.ndarray | None) -> Flow:
    """Return a convolution with (filters, channels / groups, *size)."""
    flow, groups = channels_last(call, flow), call.whole("group", 1)
    *spatial, channels = flow.value.shape
    if weights.ndim != len(spatial) + 2 or weights.shape[1] * groups != channels:
        raise call.refusal(f"a kernel for {channels} channels and {len(spatial)} axes", weights.shape)
    window = Window.of(call, tuple(spatial), weights.shape[2:])
    return convolved(call, flow, window.patches(), weights, bias)


def convolved(call: Call, flow: Flow, patches: Patches, weights: np.ndarray, bias: np.ndarray | None) -> Flow:
    """Return a convolution of a value with the channels last."""
    groups, filters = call.whole("group", 1), len(weights)
    if groups < 1 or filters % groups:
        raise call.refusal(f"groups that divide {filters} filters", groups)
    call.walk.count(weights.size * groups)
    kernel = flat_kernel(np.moveaxis(weights, (0, 1), (-1, -2)), groups)
    bias = np.zeros(filters) if bias is None else np.asarray(bias, np.float64).ravel()
    return channels_first(convolve(call.walk.builder, call.name, flow.value, patches, Dense(kernel, bias)), flow)


def read_transposed_convolution(call: Call) -> Flow:
    """A transposed convolution: zeros between and around the values, and a convolution with the kernel mirrored."""
    flow, groups = channels_last(call, call.flow), call.whole("group", 1)
    weights = np.asarray(call.constant(1, what="kernel"), np.float64)
    *spatial, channels = flow.value.shape
    n, (own, filters), size = len(spatial), weights.shape[:2], weights.shape[2:]
    if len(size) != n or own != channels:
        raise call.refusal(f"a kernel for {channels} channels and {n} axes", weights.shape)
    strides, dilation, more = (
        call.wholes(name) or [default] * n
        for name, default in (("strides", 1), ("dilations", 1), ("output_padding", 0))
    )
    reach = [between * (window - 1) for between, window in zip(dilation, size)]
    padding = _transposed_padding(call, (spatial, strides, reach, more))
    around = [(edge - before, edge - after + extra) for edge, (before, after), extra in zip(reach, padding, more)]
    if min(*strides, *dilation) < 1 or max(max(pair) for pair in around) > 2**12:
        raise call.refusal("strides and dilations of 1 or more", f"{strides}, {dilation}")
    shape = [(size - 1) * step + 1 + sum(pair) for size, step, pair in zip(spatial, strides, around)]
    if min(shape) < 1 or prod(shape) * channels > LARGEST_VALUE:
        raise call.refusal("strides and pads of fewer values", f"{strides}, {around}")
    value = spread(call.walk.builder, call.name, flow.value, strides, around)
    mirrored = np.flip(weights, tuple(range(2, weights.ndim))).reshape(groups, own // groups, filters, *size)
    kernel = mirrored.swapaxes(1, 2).reshape(groups * filters, own // groups, *size)
    patches = Patches(size, (1,) * n, tuple(dilation), ((0, 0),) * n)
    return convolved(call, flow.with_value(value), patches, kernel, call.constant(2, what="bias"))


def _transposed_padding(call: Call, sizes: tuple) -> list[tuple[int, int]]:
    spatial, strides, reach, more = sizes
    n, mode, wanted = len(spatial), call.text("auto_pad", "NOTSET"), call.wholes("output_shape")
    if wanted is None and mode in ("SAME_UPPER", "SAME_LOWER"):
        wanted = [length * step for length, step in zip(spatial, strides)]
    if wanted is None:
        pads = [0] * (2 * n) if mode == "VALID" else call.wholes("pads") or [0] * (2 * n)
        return list(zip(pads[:n], pads[n:]))
    found = []
    for length, step, edge, extra, out in zip(spatial, strides, reach, more, wanted[-n:]):
        total = step * (length - 1) + extra + edge + 1 - out
        half = total // 2
        found.append((half, total - half) if mode == "SAME_UPPER" else (total - half, half))
    return found


def read_max_pool(call: Call) -> Flow:
    """The largest under a window."""
    if len(call.node.outputs) > 1 and call.node.outputs[1]:
        raise call.refusal("one output", "places of the maxima too")
    flow, window = _pooled(call)
    return channels_first(pool(call.walk.builder, call.name, flow.value, window.patches(), Max), flow)


def read_average_pool(call: Call) -> Flow:
    """The mean under a window; padding counts where the node says so, but not what ceil_mode adds."""
    flow, window = _pooled(call)
    if not call.whole("count_include_pad"):
        return channels_first(pool(call.walk.builder, call.name, flow.value, window.patches(), Mean), flow)
    inside = np.pad(np.ones((1, *flow.value.shape[:-1], 1)), [(0, 0), *window.padding, (0, 0)], constant_values=1)
    behind = Patches(window.size, window.strides, window.dilation, tuple((0, more) for more in window.behind))
    counts = behind.evaluate(inside)[0].sum(-1)
    if (counts == prod(window.size)).all():
        found = pool(call.walk.builder, call.name, flow.value, window.patches(), Mean, counts_padding=True)
        return channels_first(found, flow)
    total = pool(call.walk.builder, call.name, flow.value, window.patches(), Sum)
    return channels_first(call.add(Affine(1 / counts[..., np.newaxis], np.zeros(1)), total), flow)


def _pooled(call: Call) -> tuple[Flow, Window]:
    flow = channels_last(call, call.flow)
    return flow, Window.of(call, flow.value.shape[:-1], tuple(call.wholes("kernel_shape") or ()))


WINDOWS = {
    "Conv": read_convolution,
    "ConvTranspose": read_transposed_convolution,
    "MaxPool": read_max_pool,
    "AveragePool": read_average_pool,
}
