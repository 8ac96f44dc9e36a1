"""Layers of TensorFlow Lite: dense, convolutions, pooling, resizing, recurrent ones."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.read.onnx.flow import Flow
from codesign.read.tflite.call import Blocks, LiteCall, channels_last, channels_second

Read = Callable[[LiteCall], object]
_PADDINGS = ("SAME_UPPER", "VALID")


def _padding(call: LiteCall, field: int = 0) -> str:
    code = int(call.option(field, "b"))
    if code not in (0, 1):
        raise UnsupportedLayerError(f"expected padding SAME or VALID. Received: number {code}")
    return _PADDINGS[code]


def _bias(call: LiteCall, index: int) -> np.ndarray | None:
    return None if call.value(index) is None else call.constant(index, "bias")


def read_dense(call: LiteCall) -> object:
    """FULLY_CONNECTED: (n_out, n_in) weights."""
    weights, flow = call.constant(1, "kernel"), call.value(0)
    if call.option(1, "b"):
        raise UnsupportedLayerError("expected weights in rows. Received: shuffled ones")
    if isinstance(flow, Flow) and flow.rank != 2 and not call.option(2, "?"):
        flow = call.onnx("Reshape", flow, np.array([-1, weights.shape[1]]))
    bias = _bias(call, 2)
    if isinstance(flow, Flow) and flow.rank == 2:
        found = call.onnx("Gemm", flow, weights.T, *(() if bias is None else (bias,)))
    else:
        found = call.onnx("MatMul", flow, weights.T)
        found = found if bias is None else call.onnx("Add", found, bias)
    return call.activated(found, 0)


def read_convolution(call: LiteCall) -> object:
    """CONV_2D: (filters, *size, channels) weights."""
    weights = np.moveaxis(call.constant(1, "kernel"), -1, 1)
    return _convolved(call, weights, 3, (4, 5))


def read_depthwise_convolution(call: LiteCall) -> object:
    """DEPTHWISE_CONV_2D: (1, *size, channels * multiplier) weights."""
    weights = np.moveaxis(call.constant(1, "kernel"), -1, 0)
    return _convolved(call, weights, 4, (5, 6), is_depthwise=True)


def _convolved(
    call: LiteCall, weights: np.ndarray, activation: int, dilation: tuple[int, int], *, is_depthwise: bool = False
) -> object:
    given = call.value(0)
    flow = channels_second(given.flow if isinstance(given, Blocks) else given)
    n_groups = flow.sizes[1] if is_depthwise else max(1, flow.sizes[1] // max(1, weights.shape[1]))
    width, height = (int(call.option(field, "i", 1)) for field in dilation)
    how = {"strides": [int(call.option(2, "i", 1)), int(call.option(1, "i", 1))], "dilations": [height, width]}
    if isinstance(given, Blocks):
        how["dilations"] = [one * size for one, size in zip(how["dilations"], given.size)]
        if how["strides"] != [1, 1] or _padding(call) != "VALID" or len(given.size) != 2:
            raise UnsupportedLayerError("expected strides of 1 and padding VALID between blocks. Received: others")
    bias = _bias(call, 2)
    pair = (flow, weights) if bias is None else (flow, weights, bias)
    found = call.onnx("Conv", *pair, auto_pad=_padding(call), group=int(n_groups), **how)
    found = call.activated(channels_last(found), activation)
    return Blocks(found, given.size) if isinstance(given, Blocks) else found


def read_to_blocks(call: LiteCall) -> Blocks:
    """SPACE_TO_BATCH_ND: padded; a convolution behind it is dilated."""
    size, pads = call.wholes(1, "block"), call.constant(2, "padding").astype(np.int64)
    n = len(size)
    padding = np.concatenate([[0], pads[:, 0], [0], [0], pads[:, 1], [0]])
    size = [*size, 1] if n == 1 else size
    return Blocks(call.onnx("Pad", call.value(0), padding), tuple(size))


def read_from_blocks(call: LiteCall) -> object:
    """BATCH_TO_SPACE_ND: cut off at the ends."""
    given, cuts = call.value(0), call.constant(2, "crop").astype(np.int64)
    if not isinstance(given, Blocks):
        raise UnsupportedLayerError("expected blocks from SPACE_TO_BATCH_ND. Received: others")
    padding = -np.concatenate([[0], cuts[:, 0], [0], [0], cuts[:, 1], [0]])
    return call.onnx("Pad", given.flow, padding)


def read_transposed_convolution(call: LiteCall) -> object:
    """TRANSPOSE_CONV: the sizes of the result, (filters, *size, channels) weights, a value, a bias."""
    sizes, weights = call.wholes(0, "shape"), np.moveaxis(call.constant(1, "kernel"), -1, 0)
    flow, bias = channels_second(call.value(2)), _bias(call, 3)
    given = (flow, weights) if bias is None else (flow, weights, bias)
    strides = [int(call.option(2, "i", 1)), int(call.option(1, "i", 1))]
    _padding(call)
    found = call.onnx("ConvTranspose", *given, strides=strides, output_shape=sizes[1:3], auto_pad="SAME_UPPER")
    return call.activated(channels_last(found), 3)


def pooling(operation: str) -> Read:
    """Return what reads a pooling."""

    def read(call: LiteCall) -> object:
        strides, size = ([int(call.option(field, "i", 1)) for field in pair] for pair in ((2, 1), (4, 3)))
        how = {"strides": strides, "kernel_shape": size, "auto_pad": _padding(call)}
        return call.activated(channels_last(call.onnx(operation, channels_second(call.value(0)), **how)), 5)

    return read


def resizing(mode: str, fields: tuple[int, int]) -> Read:
    """Return what reads a resize; `fields` are those of the corners' and the half pixels' options."""

    def read(call: LiteCall) -> object:
        flow, sizes = channels_second(call.value(0)), call.wholes(1, "size")
        corners, halves = (bool(call.option(field, "?")) for field in fields)
        how = "align_corners" if corners else "half_pixel" if halves else "asymmetric"
        nearest = "round_prefer_ceil" if corners else "floor"
        if mode == "nearest" and halves:
            how = "tf_half_pixel_for_nn"
        target = np.array([*flow.sizes[:2], *sizes], np.int64)
        options = {"mode": mode, "coordinate_transformation_mode": how, "nearest_mode": nearest}
        return channels_last(call.onnx("Resize", flow, None, None, target, **options))

    return read


def blocks(operation: str) -> Read:
    """Return what reads DEPTH_TO_SPACE or SPACE_TO_DEPTH."""
    return lambda call: channels_last(
        call.onnx(operation, channels_second(call.value(0)), blocksize=int(call.option(0, "i", 1)))
    )


def read_lstm(call: LiteCall) -> object:
    """UNIDIRECTIONAL_SEQUENCE_LSTM of constant weights: gates input, forget, cell, output."""
    if any(call.value(index) is not None for index in (9, 10, 11, 16, 17, 20, 21, 22, 23)) or call.value(1) is None:
        raise UnsupportedLayerError("expected an LSTM without peepholes, projection and norms. Received: one with them")
    if call.option(1, "f") or int(call.option(0, "b")) != 4:
        raise UnsupportedLayerError("expected an LSTM of tanh without a clip. Received: another")
    order = (0, 3, 1, 2)  # ONNX: input, output, forget, cell
    own, state, bias = (
        np.concatenate([call.constant(first + gate, "weights") for gate in order]) for first in (1, 5, 12)
    )
    bias = np.concatenate([bias, np.zeros_like(bias)])
    flow = call.value(0)
    is_first = not call.option(3, "?")
    swap = {"perm": [1, 0, 2]}
    flow = call.onnx("Transpose", flow, **swap) if is_first else flow
    given = (flow, own[np.newaxis], state[np.newaxis], bias[np.newaxis])
    found = call.onnx("LSTM", *given, hidden_size=state.shape[1])
    found = call.onnx("Squeeze", found[0] if isinstance(found, tuple) else found, np.array([1]))
    return call.onnx("Transpose", found, **swap) if is_first else found


LAYERS: Mapping[str, Read] = MappingProxyType(
    {
        "FULLY_CONNECTED": read_dense,
        "CONV_2D": read_convolution,
        "DEPTHWISE_CONV_2D": read_depthwise_convolution,
        "SPACE_TO_BATCH_ND": read_to_blocks,
        "BATCH_TO_SPACE_ND": read_from_blocks,
        "TRANSPOSE_CONV": read_transposed_convolution,
        "MAX_POOL_2D": pooling("MaxPool"),
        "AVERAGE_POOL_2D": pooling("AveragePool"),
        "RESIZE_BILINEAR": resizing("linear", (2, 3)),
        "RESIZE_NEAREST_NEIGHBOR": resizing("nearest", (0, 1)),
        "DEPTH_TO_SPACE": blocks("DepthToSpace"),
        "SPACE_TO_DEPTH": blocks("SpaceToDepth"),
        "UNIDIRECTIONAL_SEQUENCE_LSTM": read_lstm,
    }
)
