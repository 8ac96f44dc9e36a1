"""Embedding: a row of a table for each whole number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import frozen_array
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import aligned


@checked
@dataclass(frozen=True, eq=False)
class Embedding(Op):
    """``table[x]``, of whole numbers x from 0.

    Args:
        table: (n_entries, n_values) float64.
        type: of the entries in a design; None: known in floating point only.
    """

    table: np.ndarray
    type: FixedPoint | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", frozen_array(self.table, "table"))
        if self.table.ndim != 2 or 0 in self.table.shape:
            raise UnsupportedLayerError(f"table: expected shape (n_entries, n_values). Received: {self.table.shape}")

    def shape(self, *shapes: Shape) -> Shape:
        """(...) to (..., n_values)."""
        return (*shapes[0], self.table.shape[1])

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the rows.

        Raises:
            DataError: for numbers that have none.
        """
        return self.table[self.rows(np.floor(values[0]))]

    def rows(self, indices: np.ndarray) -> np.ndarray:
        """Return int64 indices that are within the table.

        Raises:
            DataError: for others.
        """
        outside = (indices < 0) | (indices >= len(self.table))
        if outside.any():
            raise DataError(
                f"x: expected whole numbers from 0 to {len(self.table) - 1} for an embedding. "
                f"Received: {indices[outside].flat[0]:g}; encode the categories as they were in training"
            )
        return indices.astype(np.int64)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedEmbedding":
        """Return the table in integers."""
        if self.type is None:
            raise PrecisionError(
                "expected a fixed-point type. Received: none; call quantize_network(network, x, ...) first"
            )
        return FixedEmbedding(self, inputs[0].type, self.type.to_codes(self.table), output or self.type)


@dataclass(frozen=True, eq=False)
class FixedEmbedding(FixedOp):
    """Embedding bound to the type of its input.

    Args:
        op: with a type.
        input: type of the indices.
        codes: (n_entries, n_values) of the op's type.
        output: type of the result.
    """

    op: Embedding
    input: FixedPoint
    codes: np.ndarray
    output: FixedPoint

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate codes."""
        fraction = max(0, int(np.max(self.input.fraction)))
        rows = self.op.rows(aligned(codes[0], self.input, fraction) >> fraction)
        entries = self.codes[rows]
        return (
            entries
            if self.output is self.op.type
            else self.output.requantize(entries, np.asarray(self.op.type.fraction))
        )
