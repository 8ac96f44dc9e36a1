"""Quantisers of QONNX (also as Brevitas exports them), and ONNX's QuantizeLinear and DequantizeLinear."""

import numpy as np

from codesign.network.ops import Activation, Affine, Compare, Quantize, Sum
from codesign.read.onnx.flow import FLOAT, Flow, constant_for
from codesign.read.onnx.gather import gathered
from codesign.read.onnx.operators.arithmetic import line, read_clip
from codesign.read.onnx.rounding import Grid, bipolar, rounded
from codesign.read.onnx.walk import Call


def _numbers(call: Call, index: int, what: str, default: float | None = None) -> np.ndarray:
    found = call.constant(index, default, what=what)
    if found is None:
        raise call.refusal(f"a {what} as input {index}", "none")
    return np.asarray(found, np.float32)


def _bits(call: Call, index: int, what: str = "bitwidth") -> float:
    found = _numbers(call, index, what)
    if (found != np.ravel(found)[0]).any():
        raise call.refusal(f"one {what}", "several")
    return float(np.ravel(found)[0])


def grid_of(call: Call) -> Grid:
    """Return the grid of a Quant."""
    return Grid(
        _numbers(call, 1, "scale"),
        _numbers(call, 2, "zero point", 0.0),
        _bits(call, 3),
        bool(call.whole("signed", 1)),
        bool(call.whole("narrow", 0)),
        call.text("rounding_mode", "ROUND").upper(),
    )


def read_quant(call: Call) -> object:
    """Quant and IntQuant."""
    grid, given = grid_of(call), call.value(0)
    if isinstance(given, Flow):
        stated = call.walk.stated.output(call.node.name, given)
        if stated is not None:
            return call.apply(Quantize(stated), given)
    return grid.of_flow(call, given) if isinstance(given, Flow) else grid.of_constant(np.asarray(given, np.float32))


def read_bipolar_quant(call: Call) -> object:
    """``scale`` from 0 on, else ``-scale``."""
    scale, given = _numbers(call, 1, "scale"), call.value(0)
    if isinstance(given, Flow):
        return bipolar(call, given, scale)
    return (np.where(np.asarray(given) >= 0, 1.0, -1.0) * scale).astype(np.float32)


def read_trunc(call: Call) -> Flow:
    """The upper bits of whole numbers: Trunc of version 1, and of version 2 with a scale behind it."""
    flow, scale, zero = call.flow, _numbers(call, 1, "scale"), _numbers(call, 2, "zero point", 0.0)
    mode = call.text("rounding_mode", "FLOOR").upper()
    is_new = len(call.values) > 5
    scale, zero = (constant_for(flow, np.asarray(one, np.float64)) for one in (scale, zero))
    codes = rounded(call, line(call, flow, *np.broadcast_arrays(1 / scale, zero)), "ROUND")
    if not is_new:
        step = 2.0 ** (_bits(call, 3) - _bits(call, 4))
        codes = rounded(call, line(call, codes, 1 / step, 0.0), mode)
        return line(call, codes, *np.broadcast_arrays(scale, -zero * scale))
    out = constant_for(flow, np.asarray(_numbers(call, 4, "scale"), np.float64))
    step = 2.0 ** np.rint(np.log2(out / scale))
    grid = Grid(
        np.ones(()), np.zeros(()), _bits(call, 5), bool(call.whole("signed", 1)), bool(call.whole("narrow")), mode
    )
    codes = line(call, codes, *np.broadcast_arrays(1 / step, 0.0))
    codes = rounded(call, call.apply(Activation("clip", min_value=grid.low, max_value=grid.high), codes), mode)
    return line(call, codes, *np.broadcast_arrays(out, -zero / step * out))


def read_multi_threshold(call: Call) -> Flow:
    """How many thresholds a value reaches, times a scale, and an offset."""
    flow, limits = call.flow, _numbers(call, 1, "thresholds").astype(np.float64)
    axis = flow.rank - 1 if call.text("data_layout", "NCHW").endswith("C") and flow.rank > 2 else 1
    flow = call.with_last(flow, axis)
    channels, n = flow.value.shape[-1], limits.shape[1]
    limits = np.broadcast_to(limits, (channels, n))
    spread = gathered(call, flow, axis, np.repeat(np.arange(channels), n))
    other = spread.with_value(call.add(Affine(np.zeros(()), limits.reshape(-1).copy()), spread.value))
    bits = call.add(Compare("greater_equal"), spread.value, other.value)
    counts = call.reshaped_value(bits, (*flow.value.shape, n))
    found = flow.with_value(call.add(Sum(-1), counts))
    return line(call, found, call.number("out_scale", 1.0), call.number("out_bias", 0.0))


QONNX = {
    "Quant": read_quant,
    "IntQuant": read_quant,
    "BipolarQuant": read_bipolar_quant,
    "Trunc": read_trunc,
    "MultiThreshold": read_multi_threshold,
}


def _linear(call: Call, index: int, rank: int) -> tuple[np.ndarray, np.ndarray, np.dtype]:
    """The scale and zero point that stand at an input, along an axis, and the zero point's type."""
    scale, zero = call.constant(index, what="scale"), call.constant(index + 1, what="zero point")
    if scale is None:
        raise call.refusal("a scale", "none")
    kind = np.dtype(np.uint8) if zero is None else zero.dtype
    scale = np.asarray(scale, np.float32)
    zero = np.zeros(scale.shape) if zero is None else np.asarray(zero, np.float64)
    if scale.ndim > 1 or call.whole("block_size"):
        raise call.refusal("one scale, or one for each channel", scale.shape)
    if scale.size == 1:
        return scale.reshape(()), zero.reshape(()), kind
    axis = call.whole("axis", 1)
    shape = (-1, *(1,) * (rank - 1 - axis % max(rank, 1)))
    return scale.reshape(shape), zero.reshape(shape), kind


def _grid(call: Call, index: int, rank: int) -> Grid:
    scale, zero, kind = _linear(call, index, rank)
    if kind.kind not in "iu":
        raise call.refusal("whole numbers", f"codes of {kind}")
    bits = {21: 4, 22: 4}.get(call.whole("output_dtype"), 8 * kind.itemsize)
    return Grid(scale, zero, bits, kind.kind == "i")


def read_quantize_linear(call: Call) -> object:
    """Whole numbers; a DequantizeLinear of the same scale behind them makes one quantiser of both."""
    given = call.value(0)
    if not isinstance(given, Flow):
        grid = _grid(call, 1, np.ndim(given))
        codes = np.rint(np.asarray(given) / grid.scale) + grid.zero_point
        return np.clip(codes, grid.low, grid.high).astype(np.int64)
    grid = _grid(call, 1, given.rank)
    codes = grid.codes(call, given)
    call.walk.quantised[codes.value.name] = (given, grid)
    return codes.with_value(codes.value, np.dtype(np.int32))


def read_dequantize_linear(call: Call) -> object:
    """``(x - zero_point) scale``."""
    given = call.value(0)
    if not isinstance(given, Flow):
        scale, zero, _ = _linear(call, 1, np.ndim(given))
        return ((np.asarray(given, np.float64) - zero) * scale).astype(np.float32)
    scale, zero, _ = _linear(call, 1, given.rank)
    source, grid = call.walk.quantised.get(given.value.name, (None, None))
    if grid is not None and source.dims == given.dims and _same(grid, scale, zero):
        return grid.of_flow(call, source)
    scale, zero = (constant_for(given, np.asarray(one, np.float64)) for one in (scale, zero))
    found = line(call, given, *np.broadcast_arrays(scale, -zero * scale))
    return found.with_value(found.value, FLOAT)


def read_clip_of_codes(call: Call) -> Flow:
    """A Clip; of whole numbers between quantisation and its inverse, as fewer bits."""
    given = call.value(0)
    source, grid = call.walk.quantised.get(given.value.name, (None, None)) if isinstance(given, Flow) else (None, None)
    if grid is not None and not call.node.attributes:
        limits = (call.constant(index, what="limit") for index in (1, 2))
        cut = grid.cut(*(None if one is None else float(np.ravel(one)[0]) for one in limits))
        if cut is not None:
            codes = cut.codes(call, source)
            call.walk.quantised[codes.value.name] = (source, cut)
            return codes.with_value(codes.value, given.dtype)
    return read_clip(call)


def _same(grid: Grid, scale: np.ndarray, zero: np.ndarray) -> bool:
    return np.array_equal(grid.scale, scale) and np.array_equal(grid.zero_point, zero)


LINEAR_QUANTISERS = {
    "Clip": read_clip_of_codes,
    "QuantizeLinear": read_quantize_linear,
    "DequantizeLinear": read_dequantize_linear,
}
