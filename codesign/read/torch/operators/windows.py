"""Convolutions, pooling, padding and resizing; torch has the channels behind the events."""

from collections.abc import Callable

import numpy as np

from codesign.read.torch.call import TorchCall, sizes_of
from codesign.read.torch.operators.arithmetic import as_float


def read_convolution(call: TorchCall) -> object:
    """A convolution, or a transposed one."""
    value, weight, bias = as_float(call.value("input")), call.array("weight"), call.array("bias")
    rank = weight.ndim - 2
    given = {"group": call.whole("groups", 1), "kernel_shape": weight.shape[2:]}
    given |= {"strides": call.wholes("stride", rank, [1]), "dilations": call.wholes("dilation", rank, [1])}
    given["pads"] = _pads(call, rank, weight.shape[2:], given)
    is_single = len(sizes_of(value)) == rank + 1
    value = call.onnx("Unsqueeze", value, axes=(0,)) if is_single else value
    if call.get("transposed") or "transpose" in call.node.operation:
        given["output_padding"] = call.wholes("output_padding", rank, [0])
        found = call.onnx("ConvTranspose", value, weight, bias, **given)
    else:
        found = call.onnx("Conv", value, weight, bias, **given)
    return call.onnx("Squeeze", found, axes=(0,)) if is_single else found


def _pads(call: TorchCall, rank: int, kernel: tuple, given: dict) -> list[int]:
    """Places before all axes, then behind them."""
    said = call.get("padding")
    if said == "valid":
        return [0] * (2 * rank)
    if said == "same":
        total = [dilation * (size - 1) for size, dilation in zip(kernel, given["dilations"])]
        return [*(one // 2 for one in total), *(one - one // 2 for one in total)]
    return call.wholes("padding", rank, [0]) * 2


def pool(operation: str, rank: int) -> Callable[[TorchCall], object]:
    """Return what reads a maximum or mean under a window."""

    def read(call: TorchCall) -> object:
        value, size = as_float(call.value()), call.wholes("kernel_size", rank)
        given = {"kernel_shape": size, "strides": call.wholes("stride", rank, size)}
        given |= {"pads": call.wholes("padding", rank, [0]) * 2, "ceil_mode": int(bool(call.get("ceil_mode")))}
        if operation == "MaxPool":
            found = call.onnx("MaxPool", value, dilations=call.wholes("dilation", rank, [1]), **given)
            return (found, None) if len(call.node.outputs) > 1 else found
        if call.get("divisor_override") is not None:
            raise call.refusal("divisor_override=None", call.get("divisor_override"))
        counts = int(bool(call.get("count_include_pad", True)))
        return call.onnx("AveragePool", value, count_include_pad=counts, **given)

    return read


def adaptive(operation: str, rank: int) -> Callable[[TorchCall], object]:
    """Return what reads pooling to a size that is said."""

    def read(call: TorchCall) -> object:
        value, wanted = as_float(call.value()), call.wholes("output_size", rank)
        spatial = sizes_of(value)[-rank:]
        if any(out < 1 or size % out for size, out in zip(spatial, wanted)):
            raise call.refusal(f"sizes that divide {spatial}", wanted)
        window = [size // out for size, out in zip(spatial, wanted)]
        found = call.onnx(operation, value, kernel_shape=window, strides=window)
        return (found, None) if len(call.node.outputs) > 1 else found

    return read


def read_pad(call: TorchCall) -> object:
    """Places around: torch names the last axis first."""
    value = as_float(call.value())
    said, rank = call.wholes("pad"), len(sizes_of(value))
    if len(said) % 2 or len(said) > 2 * rank:
        raise call.refusal("two numbers for each axis", said)
    axes = range(rank - 1, rank - 1 - len(said) // 2, -1)
    before, behind = [0] * rank, [0] * rank
    for axis, first, last in zip(axes, said[::2], said[1::2]):
        before[axis], behind[axis] = first, last
    mode = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    found = mode.get(str(call.get("mode", "constant")))
    if found is None:
        raise call.refusal(f"mode {', '.join(mode)}", call.get("mode"))
    filling = np.float32(call.number("value", 0) or 0)
    return call.onnx("Pad", value, np.array(before + behind, np.int64), filling, mode=found)


def resized(mode: str, rank: int) -> Callable[[TorchCall], object]:
    """Return what reads an enlargement: of the nearest value, or along straight lines."""

    def read(call: TorchCall) -> object:
        value = as_float(call.value())
        given, spatial = call.get("output_size"), sizes_of(value)[-rank:]
        factors = call.get("scale_factors")
        if given is None and factors is None:
            raise call.refusal("output_size or scale_factors", "none")
        sizes = [int(size * factor) for size, factor in zip(spatial, factors)] if given is None else list(given)
        how = {"mode": mode, "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        if mode == "linear":
            aligned = "align_corners" if call.get("align_corners") else "pytorch_half_pixel"
            how = {"mode": "linear", "coordinate_transformation_mode": aligned}
        target = np.array([*sizes_of(value)[:-rank], *sizes], np.int64)
        return call.onnx("Resize", value, None, None, target, **how)

    return read


_RANKS = {"1d": 1, "2d": 2, "3d": 3}
WINDOWS: dict[str, Callable[[TorchCall], object]] = {
    "aten.convolution": read_convolution,
    "aten._convolution": read_convolution,
    **{f"aten.conv{word}": read_convolution for word in _RANKS},
    **{f"aten.conv_transpose{word}": read_convolution for word in _RANKS},
    **{f"aten.max_pool{word}": pool("MaxPool", rank) for word, rank in _RANKS.items()},
    **{f"aten.max_pool{word}_with_indices": pool("MaxPool", rank) for word, rank in _RANKS.items()},
    **{f"aten.avg_pool{word}": pool("AveragePool", rank) for word, rank in _RANKS.items()},
    **{f"aten.adaptive_avg_pool{word}": adaptive("AveragePool", rank) for word, rank in _RANKS.items()},
    **{f"aten._adaptive_avg_pool{word}": adaptive("AveragePool", rank) for word, rank in _RANKS.items()},
    **{f"aten.adaptive_max_pool{word}": adaptive("MaxPool", rank) for word, rank in _RANKS.items()},
    **{f"aten.upsample_nearest{word}": resized("nearest", rank) for word, rank in _RANKS.items()},
    "aten.upsample_linear1d": resized("linear", 1),
    "aten.upsample_bilinear2d": resized("linear", 2),
    "aten.upsample_trilinear3d": resized("linear", 3),
    "aten.pad": read_pad,
    "aten.constant_pad_nd": read_pad,
    "aten.pixel_shuffle": lambda call: call.onnx(
        "DepthToSpace", call.value(), blocksize=call.whole("upscale_factor"), mode="CRD"
    ),
    "aten.pixel_unshuffle": lambda call: call.onnx(
        "SpaceToDepth", call.value(), blocksize=call.whole("downscale_factor")
    ),
}
