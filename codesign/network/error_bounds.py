"""By how much rounding errors may change what an op gives: a table from op to function, to compare evaluations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from codesign.network.ops import (
    MOVES,
    PLACES,
    Activation,
    Add,
    Affine,
    ArgMax,
    Compare,
    Dense,
    Dot,
    Embedding,
    MatMul,
    Max,
    Maximum,
    Mean,
    Min,
    Minimum,
    Multiply,
    Op,
    SegmentSum,
    Select,
    Subtract,
    Sum,
    Table,
)
from codesign.network.ops.merge import same_rank
from codesign.network.ops.moves import event_axis
from codesign.network.types.exact_type import binary_digits

ROUNDINGS_PER_SUM = 16  # rounding errors that a sum may be off besides half a one per product: of what was folded
SINGLE, _HALF = 2.0**-23, 2.0**-10  # relative rounding errors of float32 and float16
_NEAR_OVERFLOW = {_HALF: 1e3}  # what may become infinite on the way to a sum; else:
_OTHERS_NEAR_OVERFLOW = 1e34
_SMALLEST = 1e-30
_BOUNDED = ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "hard_sigmoid", "hard_tanh", "swish", "softmax")


@dataclass(frozen=True, eq=False)
class Rounded:
    """Values that are known within errors.

    Args:
        values, errors: (n_events, *shape).
        digits: binary digits behind the point that hold each value, of a quantizer or of tables; None: not known.
    """

    values: np.ndarray
    errors: np.ndarray
    digits: int | None = None


def op_errors(op: Op, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """Return by how much what an op gives may be off, where each operation has a relative error of `epsilon`."""
    with np.errstate(invalid="ignore", over="ignore"):
        return _ERRORS[type(op)](op, inputs, epsilon)


def _dense(op: Dense, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """Sums of numbers on a binary grid that fit into the type's digits have no error.

    Others have one for each digit lost, and those near the largest number may be anything.
    """
    (source,), overflow = inputs, _NEAR_OVERFLOW.get(epsilon, _OTHERS_NEAR_OVERFLOW)
    size = np.abs(source.values) @ np.abs(op.kernel) + np.abs(op.bias)
    passed = np.where(size < overflow, source.errors @ np.abs(op.kernel), np.inf)
    if source.digits is not None:
        digits = max(binary_digits(op.kernel) + source.digits, binary_digits(op.bias))
        if fits(size, digits, epsilon):
            return passed
    return passed + (ROUNDINGS_PER_SUM + 0.5 * len(op.kernel)) * epsilon * (size + _SMALLEST)


def fits(size: np.ndarray, digits: int, epsilon: float) -> bool:
    """Whether values of this size, with so many digits behind the point, need no more digits than a type has.

    Args:
        epsilon: the type's relative rounding error.
    """
    return bool(size.max(initial=0) * 2.0**digits < 1 / epsilon)


def _affine(op: Affine, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    size = _bounded(np.abs(inputs[0].values) * np.abs(op.factor) + np.abs(op.offset), epsilon)
    return inputs[0].errors * np.abs(op.factor) + ROUNDINGS_PER_SUM * epsilon * (size + _SMALLEST)


def _activation(op: Activation, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """Between two bounds no error is larger than their distance; a relu adds none."""
    errors = inputs[0].errors
    if op.function not in _BOUNDED:
        return _curve(op, inputs[0], epsilon)
    if op.function in ("linear", "relu"):
        return errors if op.max_value is None else np.minimum(errors, op.max_value)
    if op.function == "softmax":
        return np.broadcast_to(errors.max(-1, keepdims=True), errors.shape) + ROUNDINGS_PER_SUM * epsilon
    if op.function == "leaky_relu":
        return errors * max(1.0, abs(op.slope)) + epsilon * np.abs(op.slope * inputs[0].values)
    if op.function == "swish":
        return 1.1 * errors + ROUNDINGS_PER_SUM * epsilon * (1 + np.abs(inputs[0].values))
    width, steepest = (2.0 if op.function == "hard_tanh" else 1.0), max(1.0, abs(op.slope))
    bounded = np.where(errors < np.inf, np.minimum(steepest * errors, width), np.inf)
    return bounded + ROUNDINGS_PER_SUM * epsilon


def _curve(op: Activation, source: Rounded, epsilon: float) -> np.ndarray:
    """What the function changes by between the ends of the errors; anything where it has no value."""
    if op.function == "log_softmax":
        reach = source.errors + source.errors.max(-1, keepdims=True)
        return reach + ROUNDINGS_PER_SUM * epsilon * (1 + np.abs(op.evaluate(source.values)))
    reach = source.errors + epsilon * np.abs(source.values)
    middle, *ends = (op.evaluate(source.values + sign * reach) for sign in (0, -1, 1))
    moved = np.maximum(*(np.abs(end - middle) for end in ends))
    found = moved + ROUNDINGS_PER_SUM * epsilon * (1 + np.abs(middle))
    return np.where(np.isfinite(found) & np.isfinite(_bounded(np.abs(middle), epsilon)), found, np.inf)


def _bounded(size: np.ndarray, epsilon: float) -> np.ndarray:
    """Sizes, infinite where they may be so in the type."""
    return np.where(size < _NEAR_OVERFLOW.get(epsilon, _OTHERS_NEAR_OVERFLOW), size, np.inf)


def _compare(op: Compare, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """Where the values may be the other way round, the answer may be the other one."""
    first, second = (same_rank([getattr(one, name) for one in inputs]) for name in ("values", "errors"))
    return np.where(np.abs(first[0] - first[1]) > second[0] + second[1], 0.0, 1.0)


def _select(op: Select, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    values, errors = (same_rank([getattr(one, name) for one in inputs]) for name in ("values", "errors"))
    other = np.abs(values[1] - values[2]) + np.maximum(errors[1], errors[2])
    return np.where(errors[0] > 0, other, np.where(values[0] != 0, errors[1], errors[2]))


def _place(op: ArgMax, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """Where another may be the largest, the place may be any."""
    (source,) = inputs
    along = {"axis": event_axis(op.axis, source.values.shape[1:]) + 1, "keepdims": True}
    could = source.values + source.errors >= (source.values - source.errors).max(**along)
    others = could.sum(**along) > 1
    found = np.where(others, op.length(source.values.shape[1:]) - 1.0, 0.0)
    return found if op.keepdims else found.squeeze(along["axis"])


def _sum(op: Op, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """Errors add up, and so do those of the additions."""
    add = op if isinstance(op, Sum | Mean) else Add()
    size = _bounded(add.evaluate(*(np.abs(one.values) for one in inputs)), epsilon)
    terms = op.length(inputs[0].values.shape[1:]) if isinstance(op, Sum | Mean) else len(inputs)
    return add.evaluate(*(one.errors for one in inputs)) + (1 + terms) * epsilon * (size + _SMALLEST)


def _product(op: Op, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """``(|a| + da) (|b| + db) ... - |a| |b| ...``, and the roundings."""
    size = op.evaluate(*(np.abs(one.values) for one in inputs))
    reach = _bounded(op.evaluate(*(np.abs(one.values) + one.errors for one in inputs)), epsilon)
    terms = inputs[0].values.shape[-1] if isinstance(op, Dot | MatMul) else len(inputs)
    return reach - size + (1 + terms) * epsilon * (reach + _SMALLEST)


def _largest(op: Op, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """No more than the largest of the errors."""
    largest = Max(op.axis, op.keepdims) if isinstance(op, Max | Min) else Maximum()
    return largest.evaluate(*(one.errors for one in inputs))


def _moved(op: Op, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    return op.evaluate(*(one.errors for one in inputs))


def _embedding(op: Embedding, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    return np.zeros((*inputs[0].values.shape, op.table.shape[1])) + epsilon * np.abs(op.table).max()


def _table(op: Table, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    """Where a bit may be the other one, an entry may be any other of its table."""
    wrong = inputs[0].errors > 0
    size = np.array([np.abs(one).max() for one in op.entries])
    exact = [fits(np.abs(one), binary_digits(one), epsilon) for one in op.entries]
    other = [wrong[:, list(keys)].any(1) * np.ptp(one) for keys, one in zip(op.keys, op.entries)]
    return np.stack(other, 1) + np.where(exact, 0.0, epsilon * size)


def _segment_sum(op: SegmentSum, inputs: Sequence[Rounded], epsilon: float) -> np.ndarray:
    (source,) = inputs
    size, passed = op.add_up(np.abs(source.values)) + np.abs(op.offset), op.add_up(source.errors)
    if source.digits is not None and fits(size, max(source.digits, binary_digits(op.offset)), epsilon):
        return passed
    return passed + (1 + op.segments.size) * epsilon * (size + _SMALLEST)


_ERRORS: Mapping[type, Callable[[Op, Sequence[Rounded], float], np.ndarray]] = MappingProxyType(
    {
        Dense: _dense,
        Affine: _affine,
        Activation: _activation,
        Embedding: _embedding,
        Table: _table,
        SegmentSum: _segment_sum,
        **dict.fromkeys((Add, Subtract, Sum, Mean), _sum),
        Compare: _compare,
        Select: _select,
        ArgMax: _place,
        **dict.fromkeys((Multiply, Dot, MatMul), _product),
        **dict.fromkeys((Max, Min, Maximum, Minimum), _largest),
        **dict.fromkeys((*MOVES, *PLACES), _moved),
    }
)
