"""Activation: a function of each value; a softmax, of all along the last axis.

The arithmetic in integers is that of hls4ml's nnet_activation.h.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.ops.firmware import FirmwareTable
from codesign.network.ops.firmware_softmax import FirmwareSoftmax
from codesign.network.ops.fixed_activation import FixedFunction, FixedLine, FixedRelu, FixedSwish, FixedTable
from codesign.network.ops.fixed_function import FixedCodes, FixedSteps
from codesign.network.ops.fixed_softmax import FixedSoftmax
from codesign.network.ops.functions import CURVES, EVALUATE, NUMBERS
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.exact_type import limit_type
from codesign.network.types.fixed_point import FixedPoint

FUNCTIONS = tuple(EVALUATE)
TABLES = tuple(CURVES)


@checked
@dataclass(frozen=True, eq=False)
class Activation(Op):
    """A function of each value, or softmax.

    Args:
        function: ``linear``, ``relu``, ``leaky_relu``, ``sigmoid``, ``tanh``, ``hard_sigmoid``, ``hard_tanh``,
            ``swish``, ``softmax``, or another of :mod:`codesign.network.ops.functions`.
        slope: of ``leaky_relu`` below 0, and of ``hard_sigmoid``, ``clip(slope x + 1/2, 0, 1)``; the ``alpha`` of
            ``elu`` and ``celu``; the exponent of ``power``.
        max_value: where a ``relu``, ``thresholded_relu`` or ``clip`` is cut, such as 6; None: nowhere.
        table: type of the entries of the tables of curves and softmax in a design.
        table_size: number of its entries.
        min_value: where a ``clip`` is cut below; None: nowhere.
        threshold: a ``thresholded_relu`` is 0 up to here, and x above.
        firmware: the tables of a firmware that was read, where a design looks the function up as that does; None: as
            hls4ml 1.3 does it for AMD.

    Raises:
        UnsupportedLayerError: for another function, or a number that it does not take.
    """

    function: str
    slope: float = 0.0
    max_value: float | None = None
    table: FixedPoint = field(default_factory=lambda: FixedPoint(18, 8))
    table_size: int = 1024
    min_value: float | None = None
    threshold: float = 0.0
    firmware: FirmwareTable | FirmwareSoftmax | None = None

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise UnsupportedLayerError(
                f"expected activation {', '.join(FUNCTIONS)}. Received: {self.function}; retrain with one of these, or "
                "cut the layer off"
            )
        for name, functions in NUMBERS.items():
            value = getattr(self, name)
            if value is not None and (not np.isfinite(value) or (value and self.function not in functions)):
                raise UnsupportedLayerError(
                    f"{name}: expected a finite number, of {', '.join(functions)}. Received: {value}, of "
                    f"{self.function}"
                )
        self._check_limits()
        if self.firmware is not None and isinstance(self.firmware, FirmwareSoftmax) != (self.function == "softmax"):
            raise UnsupportedLayerError(f"firmware: expected tables of {self.function}. Received: others")

    def _check_limits(self) -> None:
        low, high = self.min_value, self.max_value
        if high is not None and not (self.function == "clip" or high > 0):
            raise UnsupportedLayerError(f"max_value: expected a number above 0, but of clip. Received: {high}")
        if low is not None and (self.function != "clip" or (high is not None and low >= high)):
            raise UnsupportedLayerError(f"min_value: expected a number below max_value, of clip. Received: {low}")
        if self.function == "celu" and not self.slope > 0:
            raise UnsupportedLayerError(f"slope: expected a number above 0, of celu. Received: {self.slope}")

    @property
    def name(self) -> str:
        """The function."""
        return self.function

    def shape(self, *shapes: Shape) -> Shape:
        """That of the input."""
        return shapes[0]

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Apply the function."""
        with np.errstate(all="ignore"):
            return EVALUATE[self.function](self, values[0])

    @property
    def slope_type(self) -> FixedPoint:
        """The type of the slope in a design: exact, or 16 bits."""
        return limit_type(self.slope)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedOp:
        """Return the function in integers."""
        if self.firmware is not None:
            return self.firmware.bind(inputs[0] if self.function == "softmax" else inputs[0].type, output)
        if self.function == "softmax":
            return FixedSoftmax.of(self.table, self.table_size, inputs[0], output)
        return _BIND[self.function](self, inputs[0].type, output)


def _bind_relu(op: Activation, source: FixedPoint, output: FixedPoint | None) -> FixedOp:
    return FixedRelu(source, None if op.max_value is None else _constant(op.max_value, source), output or source)


def _constant(value: float, source: FixedPoint) -> tuple[int, int]:
    """A constant's code and fraction, at least as fine as the values that it is compared with."""
    kind = limit_type(value)
    fraction = max(int(kind.fraction), int(np.max(source.fraction)))
    return int(kind.to_codes(value)) << (fraction - int(kind.fraction)), fraction


def _bind_table(op: Activation, source: FixedPoint, output: FixedPoint | None) -> FixedOp:
    return FixedTable(FixedFunction(op.function, op.table, op.table_size), source, output or source)


_BIND: Mapping[str, Callable[[Activation, FixedPoint, FixedPoint | None], FixedOp]] = MappingProxyType(
    {
        **dict.fromkeys(("thresholded_relu", "clip", "abs", "sign", "floor", "ceil", "round"), FixedSteps.of),
        **dict.fromkeys((*CURVES, "log_softmax"), FixedCodes.of),
        "linear": lambda op, source, output: FixedRelu(source, None, output or source, is_linear=True),
        "relu": _bind_relu,
        "sigmoid": _bind_table,
        "tanh": _bind_table,
        "leaky_relu": lambda op, source, output: FixedLine.leaky(op.slope_type, op.slope, source, output),
        "hard_sigmoid": lambda op, *types: FixedLine.clipped(op.slope_type, op.slope, 0.5, (0, 1), types),
        "hard_tanh": lambda op, *types: FixedLine.clipped(FixedPoint(2, 2), 1.0, 0.0, (-1, 1), types),
        "swish": lambda op, source, output: FixedSwish.of(
            FixedFunction("sigmoid", op.table, op.table_size), source, output
        ),
    }
)
