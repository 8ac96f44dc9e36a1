"""Activation: a function of each value; a softmax, of all along the last axis.

The arithmetic in integers is that of hls4ml's nnet_activation.h.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.activations import softmax
from codesign.network.ops.fixed_activation import FixedFunction, FixedLine, FixedRelu, FixedSwish, FixedTable
from codesign.network.ops.fixed_softmax import FixedSoftmax
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.exact_type import exact_type
from codesign.network.types.fixed_point import FixedPoint

_EVALUATE: Mapping[str, Callable[["Activation", np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "linear": lambda op, x: x,
        "relu": lambda op, x: np.maximum(x, 0.0) if op.max_value is None else np.clip(x, 0.0, op.max_value),
        "leaky_relu": lambda op, x: np.where(x > 0, x, op.slope * x),
        "sigmoid": lambda op, x: 0.5 * (1.0 + np.tanh(0.5 * x)),
        "tanh": lambda op, x: np.tanh(x),
        "hard_sigmoid": lambda op, x: np.clip(op.slope * x + 0.5, 0.0, 1.0),
        "hard_tanh": lambda op, x: np.clip(x, -1.0, 1.0),
        "swish": lambda op, x: x * (0.5 * (1.0 + np.tanh(0.5 * x))),
        "softmax": lambda op, x: softmax(x),
    }
)
FUNCTIONS = tuple(_EVALUATE)
TABLES = ("sigmoid", "tanh", "swish")
_SLOPED = ("leaky_relu", "hard_sigmoid")
_SLOPE_BITS = 16


@checked
@dataclass(frozen=True, eq=False)
class Activation(Op):
    """A function of each value, or softmax.

    Args:
        function: ``linear``, ``relu``, ``leaky_relu``, ``sigmoid``, ``tanh``, ``hard_sigmoid``, ``hard_tanh``,
            ``swish`` or ``softmax``.
        slope: of ``leaky_relu`` below 0, and of ``hard_sigmoid``, ``clip(slope x + 1/2, 0, 1)``.
        max_value: where a ``relu`` is cut, such as 6; None: nowhere.
        table: type of the entries of the tables of sigmoid, tanh, swish and softmax in a design.
        table_size: number of its entries.

    Raises:
        UnsupportedLayerError: for another function, or a number that it does not take.
    """

    function: str
    slope: float = 0.0
    max_value: float | None = None
    table: FixedPoint = field(default_factory=lambda: FixedPoint(18, 8))
    table_size: int = 1024

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            raise UnsupportedLayerError(
                f"expected activation {', '.join(FUNCTIONS)}. Received: {self.function}; retrain with one of these, or "
                "cut the layer off"
            )
        if not np.isfinite(self.slope) or (self.slope and self.function not in _SLOPED):
            raise UnsupportedLayerError(
                f"slope: expected a finite number, of {', '.join(_SLOPED)}. Received: {self.slope}"
            )
        if self.max_value is not None and not (self.function == "relu" and 0 < self.max_value < np.inf):
            raise UnsupportedLayerError(f"max_value: expected a number above 0, of a relu. Received: {self.max_value}")

    @property
    def name(self) -> str:
        """The function."""
        return self.function

    def shape(self, *shapes: Shape) -> Shape:
        """That of the input."""
        return shapes[0]

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Apply the function."""
        return _EVALUATE[self.function](self, values[0])

    @property
    def slope_type(self) -> FixedPoint:
        """The type of the slope in a design: exact, or 16 bits."""
        value = np.array([self.slope])
        return exact_type(value) or FixedPoint.covering(value, _SLOPE_BITS, signed=True, rounding="RND")

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedOp:
        """Return the function in integers."""
        if self.function == "softmax":
            return FixedSoftmax.of(self.table, self.table_size, inputs[0], output)
        return _BIND[self.function](self, inputs[0].type, output)


def _bind_relu(op: Activation, source: FixedPoint, output: FixedPoint | None) -> FixedOp:
    return FixedRelu(source, None if op.max_value is None else _constant(op.max_value, source), output or source)


def _constant(value: float, source: FixedPoint) -> tuple[int, int]:
    """A constant's code and fraction, at least as fine as the values that it is compared with."""
    kind = exact_type(np.array([value])) or FixedPoint.covering(np.array([value]), _SLOPE_BITS, rounding="RND")
    fraction = max(int(kind.fraction), int(np.max(source.fraction)))
    return int(kind.to_codes(value)) << (fraction - int(kind.fraction)), fraction


def _bind_table(op: Activation, source: FixedPoint, output: FixedPoint | None) -> FixedOp:
    return FixedTable(FixedFunction(op.function, op.table, op.table_size), source, output or source)


_BIND: Mapping[str, Callable[[Activation, FixedPoint, FixedPoint | None], FixedOp]] = MappingProxyType(
    {
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
