"""Place: what an op is lowered from."""

from dataclasses import dataclass

import numpy as np

from codesign.export.cpp_integer.stages import Stage, casts
from codesign.network.ops import FixedOp, Op, Shape
from codesign.network.types.fixed_point import FixedPoint


@dataclass(frozen=True)
class Place:
    """A node with what it takes.

    Args:
        name: of the node.
        op, fixed: what it does.
        refs: integers that it takes, one array of :class:`Ref` of each input's shape.
        types: of the inputs.
        shape: of the output.
    """

    name: str
    op: Op
    fixed: FixedOp
    refs: tuple[np.ndarray, ...]
    types: tuple[FixedPoint, ...]
    shape: Shape

    def casts(self, fraction: int | np.ndarray) -> list[list[Stage]]:
        """Return for each value of the output the conversion of its code of a step to the type of the output."""
        return casts(fraction, self.fixed.output, self.shape)

    def shifts(self, index: int, fraction: int) -> np.ndarray:
        """Return by how many bits each integer of an input is shifted left to a step."""
        return np.broadcast_to(fraction - np.asarray(self.types[index].fraction), self.refs[index].shape)
