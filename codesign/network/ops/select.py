"""Comparisons, which give 0 and 1, and the choice between two values by them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError, nearest
from codesign.network.ops.keys import BIT
from codesign.network.ops.merge import FixedMerge, broadcast, same_rank
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import CodeRange, aligned, check_codes

_RELATIONS: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "less": np.less,
        "less_equal": np.less_equal,
        "greater": np.greater,
        "greater_equal": np.greater_equal,
        "equal": np.equal,
        "not_equal": np.not_equal,
    }
)
RELATIONS = tuple(_RELATIONS)


@checked
@dataclass(frozen=True)
class Compare(Op):
    """1 where a relation holds between two values, else 0.

    Args:
        relation: ``less``, ``less_equal``, ``greater``, ``greater_equal``, ``equal`` or ``not_equal``.

    Raises:
        UnsupportedLayerError: for another.

    Example:
        >>> import numpy as np
        >>> from codesign.network.ops import Compare
        >>> Compare("less").evaluate(np.array([[1.0, 2.0]]), np.array([[2.0, 2.0]])).tolist()
        [[1.0, 0.0]]
    """

    relation: str
    arity = 2

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise UnsupportedLayerError(
                f"relation: expected {', '.join(RELATIONS)}. Received: {self.relation}"
                f"{nearest(self.relation, RELATIONS)}"
            )

    @property
    def name(self) -> str:
        """The relation."""
        return self.relation

    def shape(self, *shapes: Shape) -> Shape:
        """That to which the inputs broadcast."""
        return broadcast(shapes)

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return 0 and 1, of the kind of the values."""
        first, second = same_rank(values)
        return _RELATIONS[self.relation](first, second).astype(values[0].dtype)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> FixedMerge:
        """Return the exact comparison."""
        limits = lambda ranges: (min(one.low for one in ranges), max(one.high for one in ranges))  # noqa: E731
        bound = FixedMerge.in_one_step(self.evaluate, inputs, output, limits)
        return FixedMerge(bound.combine, bound.inputs, bound.steps, 0, output or BIT)


@checked
@dataclass(frozen=True)
class Select(Op):
    """The second value where the first is not 0, else the third, as ``where``.

    Example:
        >>> import numpy as np
        >>> from codesign.network.ops import Select
        >>> Select().evaluate(np.array([[1.0, 0.0]]), np.array([[5.0, 6.0]]), np.array([[7.0, 8.0]])).tolist()
        [[5.0, 8.0]]
    """

    arity = 3

    def shape(self, *shapes: Shape) -> Shape:
        """That to which the inputs broadcast."""
        return broadcast(shapes)

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the chosen."""
        condition, first, second = same_rank(values)
        return np.where(condition != 0, first, second)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedSelect":
        """Return the choice between codes of one step, and its cast."""
        ranges = [CodeRange.of(tensor.type) for tensor in inputs[1:]]
        fraction = max(one.fraction for one in ranges)
        ranges = [one.at(fraction) for one in ranges]
        found = CodeRange(min(one.low for one in ranges), max(one.high for one in ranges), fraction)
        check_codes(found)
        return FixedSelect(tuple(tensor.type for tensor in inputs), fraction, output or found.type)


@dataclass(frozen=True, eq=False)
class FixedSelect(FixedOp):
    """Select bound to types; the two values are brought to the step ``2**-fraction``."""

    inputs: tuple[FixedPoint, ...]
    fraction: int
    output: FixedPoint

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, *shape) codes each."""
        pairs = [aligned(given, kind, self.fraction) for given, kind in zip(codes[1:], self.inputs[1:])]
        condition, first, second = same_rank([codes[0], *pairs])
        return self.output.requantize(np.where(condition != 0, first, second), self.fraction)
