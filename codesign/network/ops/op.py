"""Op: what a node does to the values that it takes, in floating point, and in integers once types are bound."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.network.types.fixed_point import FixedPoint

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Tensor:
    """The shape of a value, without the events, and its fixed-point type."""

    shape: Shape
    type: FixedPoint


class FixedOp(ABC):
    """An op with every type worked out.

    Attributes:
        output: type of what :meth:`forward` gives.
    """

    output: FixedPoint

    @abstractmethod
    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate int64 codes, (n_events, *shape) each, to codes of `output`."""


class Op(ABC):
    """One operation; a frozen record, which knows neither its node nor any back end.

    Attributes:
        arity: values that it takes; None: two or more.
    """

    arity: int | None = 1

    @abstractmethod
    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape of the output, events not counted.

        Raises:
            UnsupportedLayerError: for shapes that do not fit: what was expected, and what came.
        """

    @abstractmethod
    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, *shape) float64 each, as it was trained."""

    @abstractmethod
    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedOp:
        """Return the op in integers.

        Args:
            inputs: shapes and types of what it takes.
            output: type of the result; None: one that loses nothing, for tables and relu that of the input.

        Raises:
            PrecisionError: if types are missing or too wide.
        """

    @property
    def name(self) -> str:
        """What the op is called in messages and in files: ``add``, ``leaky_relu``."""
        return type(self).__name__.lower()
