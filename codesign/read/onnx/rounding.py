"""Quantisation of QONNX and ONNX: ``scale (round(clip(x / scale + zero_point)) - zero_point)``.

Source: qonnx 1.0, custom_op/general/intquant.py, trunc.py. Constants are rounded in their own single precision.
"""

from dataclasses import dataclass, replace

import numpy as np

from codesign.errors import UnsupportedLayerError, nearest
from codesign.network import FixedPoint
from codesign.network.ops import Activation, Affine, Multiply, Quantize
from codesign.read.onnx.flow import Flow, constant_for
from codesign.read.onnx.operators.arithmetic import line
from codesign.read.onnx.walk import Call

_ROUND = {
    "ROUND": np.rint,
    "HALF_EVEN": np.rint,
    "FLOOR": np.floor,
    "CEIL": np.ceil,
    "DOWN": np.fix,
    "ROUND_TO_ZERO": np.fix,
    "UP": lambda x: np.sign(x) * np.ceil(np.abs(x)),
    "HALF_UP": lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5),
    "HALF_DOWN": lambda x: np.sign(x) * np.ceil(np.abs(x) - 0.5),
}
_TYPED = {"ROUND": "RND_CONV", "HALF_EVEN": "RND_CONV", "FLOOR": "TRN"}  # as a fixed-point type rounds
_PLAIN = {"ROUND": "round", "HALF_EVEN": "round", "FLOOR": "floor", "CEIL": "ceil"}
_WIDEST = 62


@dataclass(frozen=True, eq=False)
class Grid:
    """Whole numbers from `low` to `high`, and what they stand for.

    Args:
        scale, zero_point: of one, or of each channel, as ONNX broadcasts them.
        bits: a number.
        signed, narrow: whether there are negative ones, and whether the last one is left out.
        rounding: a mode of QONNX.
    """

    scale: np.ndarray
    zero_point: np.ndarray
    bits: float
    signed: bool
    narrow: bool = False
    rounding: str = "ROUND"

    def __post_init__(self) -> None:
        if self.rounding not in _ROUND:
            raise UnsupportedLayerError(
                f"rounding_mode: expected {', '.join(_ROUND)}. Received: {self.rounding[:60]}"
                f"{nearest(self.rounding, _ROUND)}"
            )
        if not 1 <= self.bits <= _WIDEST:
            raise UnsupportedLayerError(f"bitwidth: expected 1 to {_WIDEST}. Received: {self.bits:g}")
        scale = np.asarray(self.scale, np.float64)
        if not (scale > 0).all() or not np.isfinite(scale).all():
            raise UnsupportedLayerError(f"scale: expected numbers above 0. Received: {scale.min():g}")

    @property
    def low(self) -> float:
        """The smallest whole number."""
        return -(2.0 ** (self.bits - 1)) + self.narrow if self.signed else 0.0

    @property
    def high(self) -> float:
        """The largest."""
        return 2.0 ** (self.bits - 1) - 1 if self.signed else 2.0**self.bits - 1 - self.narrow

    @property
    def is_bipolar(self) -> bool:
        """Whether there are -1 and 1 alone."""
        return self.bits == 1 and self.signed

    def cut(self, low: float | None, high: float | None) -> "Grid | None":
        """Return the grid whose whole numbers are those between limits; None where there is none."""
        low, high = (own if limit is None else limit for limit, own in ((low, self.low), (high, self.high)))
        low, high = max(low, self.low), min(high, self.high)
        bits = np.log2(high + 1) + (low < 0)
        narrow = low + high == 0 and low < 0
        if bits < 1 or bits != int(bits) or (low, high) == (0.0, 0.0):
            return None
        found = replace(self, bits=float(bits), signed=low < 0, narrow=bool(narrow))
        return found if (found.low, found.high) == (low, high) else None

    def of_constant(self, array: np.ndarray) -> np.ndarray:
        """Return what a constant becomes, in its own precision."""
        codes = array / self.scale + self.zero_point
        if self.is_bipolar:
            codes = np.where(codes >= 0, 1.0, -1.0)
        else:
            codes = _ROUND[self.rounding](np.clip(codes, self.low, self.high))
        return ((codes - self.zero_point) * self.scale).astype(array.dtype)

    def of_flow(self, call: Call, flow: Flow) -> Flow:
        """Return the nodes."""
        if self.is_bipolar:
            return bipolar(call, flow, self.scale, -np.asarray(self.zero_point) * self.scale)
        kind = self._fixed_point(flow)
        if kind is not None:
            return call.apply(Quantize(kind), flow)
        scale, zero = (constant_for(flow, np.asarray(one, np.float64)) for one in (self.scale, self.zero_point))
        codes = self.codes(call, flow)
        return line(call, codes, *np.broadcast_arrays(scale, -zero * scale))

    def codes(self, call: Call, flow: Flow) -> Flow:
        """Return the whole numbers alone."""
        scale, zero = (constant_for(flow, np.asarray(one, np.float64)) for one in (self.scale, self.zero_point))
        flow = line(call, flow, *np.broadcast_arrays(1 / scale, zero))
        kind = self._integer()
        return call.apply(Quantize(kind), flow) if kind is not None else _rounded(call, flow, self)

    def _integer(self) -> FixedPoint | None:
        """The type of the whole numbers, where there is one."""
        bits = int(self.bits)
        if bits != self.bits or self.rounding not in _TYPED or (self.narrow and not self.signed):
            return None
        overflow = "SAT_SYM" if self.narrow else "SAT"
        return FixedPoint(bits, bits, self.signed, _TYPED[self.rounding], overflow)

    def _fixed_point(self, flow: Flow) -> FixedPoint | None:
        """The type of the values, where scales are powers of two."""
        whole, scale = self._integer(), np.asarray(self.scale, np.float64)
        mantissa, exponent = np.frexp(scale)
        if whole is None or np.any(self.zero_point) or (mantissa != 0.5).any():
            return None
        integer = constant_for(flow, exponent - 1 + whole.width)
        integer = int(integer.flat[0]) if (integer == integer.flat[0]).all() else integer.astype(np.int64)
        return FixedPoint(whole.width, integer, whole.signed, whole.rounding, whole.overflow)


def _rounded(call: Call, flow: Flow, grid: Grid) -> Flow:
    """Cut and rounded, in a mode that no type has."""
    if grid.low >= grid.high:
        return line(call, flow, 0.0, grid.low)
    flow = call.apply(Activation("clip", min_value=grid.low, max_value=grid.high), flow)
    return rounded(call, flow, grid.rounding)


def rounded(call: Call, flow: Flow, mode: str) -> Flow:
    """Return whole numbers."""
    if mode in _PLAIN:
        return call.apply(Activation(_PLAIN[mode]), flow)
    size, sign = call.apply(Activation("abs"), flow), call.apply(Activation("sign"), flow)
    shift = {"HALF_UP": 0.5, "HALF_DOWN": -0.5}.get(mode, 0.0)
    size = line(call, size, 1.0, shift) if shift else size
    whole = call.apply(Activation("ceil" if mode in ("UP", "HALF_DOWN") else "floor"), size)
    return flow.with_value(call.add(Multiply(), sign.value, whole.value))


def bipolar(call: Call, flow: Flow, scale: np.ndarray, offset: np.ndarray | float = 0.0) -> Flow:
    """``scale`` where x is 0 or more, else ``-scale``: the sign of ``sign(x) + 1/2``."""
    shape = flow.value.shape
    sign = call.apply(Activation("sign"), flow)
    shifted = call.apply(Affine(np.full(shape, 2.0), np.ones(shape)), sign)  # -1, 1, 3
    sign = call.apply(Activation("sign"), shifted)
    scale, offset = (constant_for(flow, np.asarray(one, np.float64)) for one in (scale, offset))
    return line(call, sign, *np.broadcast_arrays(scale, offset))
