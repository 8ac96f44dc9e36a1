"""Patches: hls4ml has none, but its convolutions and its pooling are patches and what takes them."""

from dataclasses import replace
from math import prod

from codesign.errors import UnsupportedLayerError
from codesign.fpga.hls4ml.layer_list import LayerList, Patched, Value, WrittenNode
from codesign.network import FixedPoint
from codesign.network.ops import Max, Mean, Patches
from codesign.network.ops.moves import event_axis

_SIZES = ("height", "width")
_ENDS = (("top", "bottom"), ("left", "right"))


def write_patches(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Remember the window; the layer is written with what takes it.

    Raises:
        UnsupportedLayerError: for windows of three axes, or with steps inside.
    """
    op: Patches = node.op
    if len(op.kernel_size) > 2 or set(op.dilation) != {1}:
        raise UnsupportedLayerError(
            f"hls4ml has windows of one or two axes without dilation. Received: {op.kernel_size}, dilation "
            f"{op.dilation}; build it unrolled"
        )
    return replace(value, shape=node.shape, patched=Patched(value, op))


def is_pooling(node: WrittenNode, value: Value) -> bool:
    """Whether an op takes the largest or the mean under a window, each channel for itself."""
    *places, taps, channels = value.shape
    op, source = value.patched.op, value.patched.source
    is_split = channels == source.shape[-1] and taps == prod(op.kernel_size) and len(places) == len(op.kernel_size)
    is_along = isinstance(node.op, Max | Mean) and event_axis(node.op.axis, value.shape) == len(places)
    is_padded_so = op.pad == ("edge" if isinstance(node.op, Max) else "zero") or not any(map(any, op.padding))
    return is_split and is_along and is_padded_so


def write_convolution(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a Conv1D or Conv2D."""
    op, fixed, source = node.op, node.fixed, value.patched.source
    n_filt, kernel = op.kernel.shape[1], value.patched.op.kernel_size
    shape = (*kernel, source.shape[-1], n_filt)
    if value.patched.op.pad != "zero" and any(map(any, value.patched.op.padding)):
        raise UnsupportedLayerError("hls4ml pads convolutions with zeros. Received: edge; build it unrolled")
    return layers.add(
        f"Conv{len(kernel)}D",
        [source],
        (node.shape, fixed.output.envelope),
        types={"weight": op.types.weight, "bias": op.types.bias, "accum": fixed.accum},
        settings={"ParallelizationFactor": prod(node.shape[:-1])},
        data_format="channels_last",
        n_chan=source.shape[-1],
        n_filt=n_filt,
        weight_data=op.types.weight.quantize(op.kernel).reshape(shape),
        bias_data=op.types.bias.quantize(op.bias),
        **_sizes(value.patched, "filt", node.shape[:-1], ("in_height", "in_width"), ("out_height", "out_width")),
    )


def write_window_pooling(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a pooling under a window."""
    source, rank = value.patched.source, len(value.patched.op.kernel_size)
    is_mean, kind = isinstance(node.op, Mean), source.type
    if not is_mean and not kind.signed and any(map(any, value.patched.op.padding)):
        source = layers.cast(source, FixedPoint(kind.width + 1, kind.integer + 1))  # it pads with the sign's bit alone
    names = (("in_height", "in_width"), ("out_height", "out_width")) if rank == 2 else (("n_in",), ("n_out",))
    out = tuple(size for axis, size in enumerate(node.shape) if axis < rank)
    found = layers.add(
        f"{'Average' if is_mean else 'Max'}Pooling{rank}D",
        [source],
        ((*out, source.shape[-1]), node.fixed.output.envelope),
        types={"accum": node.fixed.accum if is_mean else source.type},
        data_format="channels_last",
        n_filt=source.shape[-1],
        count_pad=True,
        **_sizes(value.patched, "pool", out, *names),
    )
    return layers.reshape(found, node.shape)


def _sizes(
    patched: Patched, word: str, out: tuple[int, ...], taken: tuple[str, ...], given: tuple[str, ...]
) -> dict[str, int]:
    """hls4ml's numbers of a window along each axis."""
    op, rank = patched.op, len(patched.op.kernel_size)
    found = {}
    for axis, (size, (before, behind)) in enumerate(zip(_SIZES[-rank:], _ENDS[-rank:])):
        found[f"{word}_{size}"], found[f"stride_{size}"] = op.kernel_size[axis], op.strides[axis]
        found[f"pad_{before}"], found[f"pad_{behind}"] = op.padding[axis]
        found[taken[-rank:][axis]], found[given[-rank:][axis]] = patched.source.shape[axis], out[axis]
    return found
