"""What rounding errors do to values that move in steps: behind quantizers and keys an error is nothing, or a step."""

from collections.abc import Sequence

import numpy as np

from codesign.network.error_bounds import Rounded
from codesign.network.ops import KEY_OPS, MOVES, PLACES, Bit, Op, Quantize, SegmentSum, Table, Threshold
from codesign.network.types.exact_type import binary_digits
from codesign.network.types.fixed_point import FixedPoint

STEPS = (Quantize, *KEY_OPS)


def step_errors(op: Op, source: Rounded, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors behind an op of :data:`STEPS`, and what errors change by carrying values to other steps."""
    if isinstance(op, Quantize):
        return _rounded_errors(op.type, source, epsilon)
    return np.zeros((len(source.values), op.index.size)), _flipped(op, source).astype(np.float64)


def digits_behind(op: Op, inputs: Sequence[Rounded]) -> int | None:
    """Return the binary digits behind the point that hold what an op gives, or None where that is not known."""
    if isinstance(op, Quantize):
        return int(np.max(op.type.fraction))
    if isinstance(op, KEY_OPS):
        return 0
    if isinstance(op, Table):
        return max(map(binary_digits, op.entries))
    known = isinstance(op, (*MOVES, *PLACES, SegmentSum)) and all(one.digits is not None for one in inputs)
    if not known:
        return None
    own = binary_digits(op.offset) if isinstance(op, SegmentSum) else inputs[0].digits
    return max(own, *(one.digits for one in inputs))


def _rounded_errors(quantizer: FixedPoint, source: Rounded, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """A value on a tie with no error falls on the same step.

    QKeras gives ``x + (quantised - x)``, which is exact only while x is within twice the range.
    """
    is_known = np.isfinite(source.errors)
    reach = np.where(is_known, source.errors, 0.0)
    with np.errstate(over="ignore"):
        low, middle, high = (quantizer.quantize(source.values + sign * reach) for sign in (-1, 0, 1))
    moved = np.where(is_known, np.maximum(np.abs(middle - low), np.abs(high - middle)), np.inf)
    size = np.abs(source.values)
    beyond = np.where(size > np.maximum(np.abs(quantizer.low), np.abs(quantizer.high)), size, 0.0)
    return epsilon * beyond, moved


def _flipped(op: Threshold | Bit, source: Rounded) -> np.ndarray:
    """Whether a bit may be the other one."""
    values, errors = (one[:, op.index] for one in (source.values, source.errors))
    if isinstance(op, Threshold):
        return (values - errors >= op.value) != (values + errors >= op.value)
    return ~(np.floor((values - errors) / op.weight) == np.floor((values + errors) / op.weight))
