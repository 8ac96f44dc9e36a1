"""Windows: paddings of the frameworks, convolutions as patches and a dense op, pooling as patches and a reduction."""

from collections.abc import Sequence

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network.ops import Affine, Dense, Max, Mean, Min, Op, Patches, Reshape, Shape, Slice, Sum
from codesign.network.ops.places import Padding
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.parts.axes import gathered, reshaped

PADDINGS = ("valid", "same", "same_lower", "causal")


def window(
    spatial: Shape,
    kernel_size: Sequence[int],
    strides: Sequence[int] = (),
    dilation: Sequence[int] = (),
    padding: str | Padding = "valid",
) -> Patches:
    """Return the patches under a window.

    Args:
        spatial: sizes of the axes that it moves along.
        strides, dilation: 1 along each axis where they are empty.
        padding: before and behind each axis; or ``valid``, none; ``same``, as TensorFlow pads, more behind;
            ``same_lower``, more before, as ONNX has it too; ``causal``, all before.

    Raises:
        UnsupportedLayerError: for another word.
    """
    rank = len(kernel_size)
    strides, dilation = tuple(strides) or (1,) * rank, tuple(dilation) or (1,) * rank
    if isinstance(padding, str):
        if padding not in PADDINGS:
            raise UnsupportedLayerError(f"padding: expected {', '.join(PADDINGS)}. Received: {padding}")
        sizes = zip(spatial, kernel_size, strides, dilation)
        padding = tuple(_padding(padding, *(int(n) for n in each)) for each in sizes)
    return Patches(tuple(kernel_size), strides, dilation, padding)


def _padding(word: str, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    reach = (kernel - 1) * dilation
    if word in ("valid", "causal"):
        return (reach * (word == "causal"), 0)
    total = max((-(-size // stride) - 1) * stride + reach + 1 - size, 0)
    less = total // 2
    return (total - less, less) if word == "same_lower" else (less, total - less)


def convolve(builder: GraphBuilder, origin: str, value: Value, patches: Patches, op: Dense) -> Value:
    """Return a convolution: patches, and a dense op that is called as the layer.

    Args:
        value: (*spatial, channels).
        patches: from :func:`window`.
        op: whose kernel is one of :func:`flat_kernel` or :func:`depthwise_kernel`.
    """
    is_pointwise = {*patches.kernel_size, *patches.strides} == {1} and not np.any(patches.padding)
    if not is_pointwise:
        value = builder.add(origin, patches, value, name=f"{origin}_patches")
    return builder.add(origin, op, value)


def flat_kernel(kernel: np.ndarray, groups: int = 1) -> np.ndarray:
    """Return the kernel of a dense op behind patches, (prod(kernel_size) * channels, filters).

    Args:
        kernel: (*kernel_size, channels / groups, filters), filters of the first group first.
        groups: of channels that do not mix; the kernel is 0 between them.
    """
    *sizes, depth, filters = kernel.shape
    taps = kernel.reshape(-1, depth, filters)
    if groups == 1:
        return taps.reshape(-1, filters)
    found = np.zeros((len(taps), groups, depth, groups, filters // groups))
    for group in range(groups):
        found[:, group, :, group] = taps.reshape(len(taps), depth, groups, -1)[:, :, group]
    return found.reshape(-1, filters)


def depthwise_kernel(kernel: np.ndarray) -> np.ndarray:
    """Return the kernel of a dense op behind patches for one of (*kernel_size, channels, multiplier)."""
    *sizes, channels, multiplier = kernel.shape
    return flat_kernel(kernel.reshape(*sizes, 1, channels * multiplier), channels)


def spread(
    builder: GraphBuilder, origin: str, value: Value, strides: Sequence[int], padding: Sequence[tuple[int, int]]
) -> Value:
    """Return values with ``stride - 1`` zeros between them along each axis, and padding, negative where some are cut.

    A transposed convolution is this, and a convolution of stride 1 with the kernel turned round along each axis.
    """
    places = {}
    for axis, (stride, (before, behind)) in enumerate(zip(strides, padding)):
        size = value.shape[axis]
        at = np.arange(-before, (size - 1) * stride + 1 + behind)
        inside = (at % stride == 0) & (at >= 0) & (at <= (size - 1) * stride)
        places[axis] = np.where(inside, at // stride, -1)
    return gathered(builder, origin, value, places, name=f"{origin}_spread")


def pool(
    builder: GraphBuilder, origin: str, value: Value, patches: Patches, op: type[Op], *, counts_padding: bool = False
) -> Value:
    """Return the largest, smallest, mean or sum under a window, of each channel.

    Args:
        value: (*spatial, channels).
        patches: from :func:`window`.
        op: Max, Min, Mean or Sum.
        counts_padding: whether a mean divides by the places of the padding too.
    """
    if _are_side_by_side(patches):
        return _pool_side_by_side(builder, origin, value, patches.kernel_size[0], op)
    pad = "edge" if op in (Max, Min) else "zero"
    patches = Patches(*(getattr(patches, name) for name in ("kernel_size", "strides", "dilation", "padding")), pad)
    channels = value.shape[-1]
    places = patches.places(value.shape)
    behind = builder.add(origin, patches, value, name=f"{origin}_patches")
    rows = (*behind.shape[:-1], places.shape[1], channels)
    behind = builder.add(origin, Reshape(rows), behind, name=f"{origin}_windows")
    is_partial = (places < 0).any()
    if op is not Mean or counts_padding or not is_partial:
        return builder.add(origin, op(len(rows) - 1), behind)
    total = builder.add(origin, Sum(len(rows) - 1), behind, name=f"{origin}_sum")
    there = (places >= 0).sum(1).reshape(*total.shape[:-1], 1)
    return builder.add(origin, Affine(1 / np.maximum(there, 1), np.zeros(())), total)


def _are_side_by_side(patches: Patches) -> bool:
    """Whether windows of one axis follow each other."""
    is_plain = len(patches.kernel_size) == 1 and patches.dilation == (1,) and not np.any(patches.padding)
    return is_plain and patches.kernel_size == patches.strides


def _pool_side_by_side(builder: GraphBuilder, origin: str, value: Value, size: int, op: type[Op]) -> Value:
    """An axis of its own for each window's places; no patches are needed."""
    n_windows, channels = value.shape[0] // size, value.shape[-1]
    if n_windows < 1:
        raise UnsupportedLayerError(f"layer '{origin}': expected at least {size} places. Received: {value.shape[0]}")
    if n_windows * size < value.shape[0]:
        value = builder.add(origin, Slice(0, n_windows * size, 1), value, name=f"{origin}_whole")
    windows = builder.add(origin, Reshape((n_windows, size, channels)), value, name=f"{origin}_windows")
    return builder.add(origin, op(2), windows)


def pool_all(builder: GraphBuilder, origin: str, value: Value, op: type[Op], *, keepdims: bool = False) -> Value:
    """Return the largest, mean ... of each channel over all places, channels last."""
    size = int(np.prod(value.shape[:-1]))
    shape = (*(1,) * (len(value.shape) - 1), value.shape[-1]) if keepdims else value.shape[-1:]
    flat = reshaped(builder, origin, value, (size, value.shape[-1]), name=f"{origin}_places")
    found = builder.add(origin, op(1, keepdims), flat)
    return reshaped(builder, origin, found, shape, name=f"{origin}_axes")
