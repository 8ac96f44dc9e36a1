"""Activations in integers: relu, straight lines and their clips, tables."""

from dataclasses import dataclass

import numpy as np

from codesign.network.ops.op import FixedOp
from codesign.network.types.codes import shifted
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, check_codes, product_range
from codesign.network.types.tables import activation_table, table_indices


@dataclass(frozen=True, eq=False)
class FixedRelu(FixedOp):
    """``max(x, 0)``, perhaps cut at a constant, or x itself; and a cast.

    Args:
        input, output: types.
        cut: code and fraction of the constant; None: none.
        is_linear: x itself.
    """

    input: FixedPoint
    cut: tuple[int, int] | None
    output: FixedPoint
    is_linear: bool = False

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        values = codes[0] if self.is_linear else np.maximum(codes[0], 0)
        if self.cut is None:
            return self.output.requantize(values, self.input.fraction)
        high, fraction = self.cut
        return self.output.requantize(np.minimum(aligned(values, self.input, fraction), high), fraction)


@dataclass(frozen=True, eq=False)
class FixedLine(FixedOp):
    """``clip(slope x + shift)``, exact, and a cast; of a leaky relu only below 0.

    Args:
        input, output: types.
        slope, shift, one: codes of the slope, of what is added, and of 1, in the step ``2**-fraction`` of the sum.
        limits: of the clip, whole numbers; None: x itself above 0, and no clip.
    """

    input: FixedPoint
    slope: int
    shift: int
    fraction: int
    limits: tuple[int, int] | None
    output: FixedPoint

    @classmethod
    def leaky(cls, slope_type: FixedPoint, slope: float, source: FixedPoint, output: FixedPoint | None) -> "FixedLine":
        """Return a leaky relu."""
        return cls._of(slope_type, slope, 0.0, None, (source, output))

    @classmethod
    def clipped(
        cls,
        slope_type: FixedPoint,
        slope: float,
        shift: float,
        limits: tuple[int, int],
        types: tuple[FixedPoint, FixedPoint | None],
    ) -> "FixedLine":
        """Return a line between two limits; `types` are those of the input and of the output."""
        return cls._of(slope_type, slope, shift, limits, types)

    @classmethod
    def _of(
        cls,
        slope_type: FixedPoint,
        slope: float,
        shift: float,
        limits: tuple[int, int] | None,
        types: tuple[FixedPoint, FixedPoint | None],
    ) -> "FixedLine":
        source, output = types
        code = int(slope_type.to_codes(slope))
        found = CodeRange.of(source)
        products = product_range(found, CodeRange(code, code, int(slope_type.fraction)))
        fraction = max(products.fraction, 1)
        products = products.at(fraction)
        added = int(shift * 2) << (fraction - 1)
        factor = code << (fraction - found.fraction - int(slope_type.fraction))
        reach = CodeRange(min(products.low, 0) - abs(added), max(products.high, 0) + abs(added), fraction)
        if limits is None:
            above = CodeRange(min(0, found.low), max(0, found.high), found.fraction).at(fraction)
            reach = CodeRange(min(reach.low, 0), max(reach.high, above.high), fraction)
            exact = CodeRange(min(0, products.low), max(0, products.high, above.high), fraction)
        else:
            exact = CodeRange(limits[0] << fraction, limits[1] << fraction, fraction)
        check_codes(reach)
        return cls(source, factor, added, fraction, limits, output or exact.type)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        values = aligned(codes[0], self.input)
        line = values * self.slope + self.shift
        if self.limits is None:
            line = np.where(values > 0, shifted(values, self.fraction - int(np.max(self.input.fraction))), line)
        else:
            line = np.clip(line, self.limits[0] << self.fraction, self.limits[1] << self.fraction)
        return self.output.requantize(line, self.fraction)


@dataclass(frozen=True)
class FixedFunction:
    """A table of ``sigmoid`` or ``tanh``: the type of its entries, and their number."""

    function: str
    type: FixedPoint
    size: int

    @property
    def entries(self) -> np.ndarray:
        """(size,) codes of the entries' type."""
        return activation_table(self.function, self.type, self.size)

    def look_up(self, codes: np.ndarray, fraction: int | np.ndarray) -> np.ndarray:
        """Return codes of the entries' type for codes of step ``2**-fraction``."""
        return self.entries[table_indices(codes, fraction, self.function, self.size)]


@dataclass(frozen=True, eq=False)
class FixedTable(FixedOp):
    """An entry of a table, and its cast."""

    table: FixedFunction
    input: FixedPoint
    output: FixedPoint

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        return self.output.requantize(self.table.look_up(codes[0], self.input.fraction), self.table.type.fraction)


@dataclass(frozen=True, eq=False)
class FixedSwish(FixedOp):
    """``x`` times an entry of a sigmoid's table, exact, and a cast."""

    table: FixedFunction
    input: FixedPoint
    fraction: int
    output: FixedPoint

    @classmethod
    def of(cls, table: FixedFunction, source: FixedPoint, output: FixedPoint | None) -> "FixedSwish":
        """Work out the types."""
        products = product_range(
            CodeRange.of(source), CodeRange(0, 1 << int(table.type.fraction), int(table.type.fraction))
        )
        check_codes(products)
        return cls(table, source, products.fraction, output or products.type)

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        entries = self.table.look_up(codes[0], self.input.fraction)
        return self.output.requantize(aligned(codes[0], self.input) * entries, self.fraction)
