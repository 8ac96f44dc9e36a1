"""Functions in integers: steps and clips, exactly; curves as a table that has an entry for each code of the input."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.ops.functions import EVALUATE
from codesign.network.ops.op import FixedOp
from codesign.network.types.exact_type import limit_type
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, check_codes

if TYPE_CHECKING:
    from codesign.network.ops.activation import Activation

_MOST_BITS = 16  # that address a table of each code
_NUMBERS = ("min_value", "max_value", "threshold")


def _clipped(op: "FixedSteps", x: np.ndarray) -> np.ndarray:
    low, high = op.numbers["min_value"], op.numbers["max_value"]
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def _above(op: "FixedSteps", x: np.ndarray) -> np.ndarray:
    return _clipped(op, np.where(x > op.numbers["threshold"], x, 0))


def _round(op: "FixedSteps", x: np.ndarray) -> np.ndarray:
    """Half to even."""
    if op.step == 0:
        return x
    floor, half = x >> op.step, 1 << (op.step - 1)
    rest = x - (floor << op.step)
    return floor + ((rest > half) | ((rest == half) & (floor % 2 == 1)))


_STEPS: Mapping[str, Callable[["FixedSteps", np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "thresholded_relu": _above,
        "clip": _clipped,
        "abs": lambda op, x: np.abs(x),
        "sign": lambda op, x: np.sign(x),
        "floor": lambda op, x: x >> op.step,
        "ceil": lambda op, x: -(-x >> op.step),
        "round": _round,
    }
)
_WHOLE = ("sign", "floor", "ceil", "round")


@dataclass(frozen=True, eq=False)
class FixedSteps(FixedOp):
    """``clip``, a relu with a threshold, ``abs``, ``sign``, ``floor``, ``ceil``, ``round``; exact, and a cast.

    Args:
        function: its name.
        input, output: types.
        step: fraction bits in which values and numbers are compared, 0 or more.
        numbers: codes of the function's limits in this step; None: none.
    """

    function: str
    input: FixedPoint
    step: int
    numbers: Mapping[str, int | None]
    output: FixedPoint

    @classmethod
    def of(cls, op: "Activation", source: FixedPoint, output: FixedPoint | None) -> "FixedSteps":
        """Work out the types."""
        given = {name: getattr(op, name) for name in _NUMBERS}
        kinds = {name: limit_type(n) for name, n in given.items() if n is not None}
        step = max([0, int(np.max(source.fraction)), *(int(kind.fraction) for kind in kinds.values())])
        codes = dict.fromkeys(_NUMBERS)
        for name, kind in kinds.items():
            codes[name] = int(kind.to_codes(given[name])) << (step - int(kind.fraction))
        found = CodeRange.of(source).at(step)
        check_codes(found)
        bound = cls(op.function, source, step, MappingProxyType(codes), source)
        turns = (0, (codes["threshold"] or 0) + 1)  # where a function stops falling, or jumps
        reached = [found.low, found.high, *(code for code in turns if found.low <= code <= found.high)]
        ends = [int(bound.function_of(np.int64(code))) for code in reached]
        exact = CodeRange(min(ends), max(ends), bound.fraction)
        return cls(op.function, source, step, bound.numbers, output or exact.type)

    @property
    def fraction(self) -> int:
        """Of the result before the cast."""
        return 0 if self.function in _WHOLE else self.step

    def function_of(self, codes: np.ndarray) -> np.ndarray:
        """Return the function of codes of :attr:`step`, in those of :attr:`fraction`."""
        return _STEPS[self.function](self, codes)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        return self.output.requantize(self.function_of(aligned(codes[0], self.input, self.step)), self.fraction)


@dataclass(frozen=True, eq=False)
class FixedCodes(FixedOp):
    """A table of a function with an entry for each code of its input, rounded once to the output's type.

    Args:
        op: the function.
        input, output: types.

    Raises:
        PrecisionError: for an input of more than 16 bits, or a function of several values.
    """

    op: "Activation"
    input: FixedPoint
    output: FixedPoint

    @classmethod
    def of(cls, op: "Activation", source: FixedPoint, output: FixedPoint | None) -> "FixedCodes":
        """Return one for an input type."""
        if op.function == "log_softmax":
            raise PrecisionError(
                "expected a function with an integer form. Received: log_softmax; cut it off (an argmax needs none), "
                "or use softmax"
            )
        width = source.envelope.width
        if width > _MOST_BITS:
            raise PrecisionError(
                f"expected an input of at most {_MOST_BITS} bits for {op.function}, of which a table holds each value. "
                f"Received: {width}; narrow the type in front of it"
            )
        return cls(op, source, output or op.table)

    @cached_property
    def entries(self) -> np.ndarray:
        """int64 codes of the output's type, for each code of the input's envelope from the lowest.

        Where the function has no value, the entry is 0; where it is infinite, the limit of the type.
        """
        if self.output.per_element:
            raise PrecisionError(f"expected one output type for {self.op.function}. Received: one for each value")
        kind = self.input.envelope
        values = np.arange(int(kind.code_low), int(kind.code_high) + 1) * 2.0 ** -int(kind.fraction)
        with np.errstate(all="ignore"):
            found = EVALUATE[self.op.function](self.op, values)
        low, high = float(self.output.low), float(self.output.high)
        return self.output.to_codes(np.nan_to_num(found, nan=0.0, posinf=high, neginf=low))

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        return self.entries[aligned(codes[0], self.input) - int(self.input.envelope.code_low)]
