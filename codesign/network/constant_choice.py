"""The types of an op's constants: those of the training, or bits and the range of the constants."""

from dataclasses import replace

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.ops import Affine, ConstantTypes, Embedding, Op, SegmentSum, Table
from codesign.network.precision_choice import TRAINED
from codesign.network.types.exact_type import binary_digits, exact_type, table_type
from codesign.network.types.fixed_point import FixedPoint

UNTRAINED_BITS = 16  # where the training left no type, as hls4ml's default
WIDEST_SPREAD = 4  # integer bits by which standardised features may differ; beyond, each feature has its own


def with_types(op: Op, choice: int | str, source: FixedPoint, name: str, reach: FixedPoint | None) -> Op:
    """Return an op with types of its constants.

    Args:
        op: dense, affine, embedding, table, or a sum of segments with offsets.
        choice: bits of them, or a type, or ``trained``.
        source: type of what it takes.
        name: of its node.
        reach: the type of the inputs, for an op that takes them; None: none.
    """
    if isinstance(op, Table):
        return replace(op, type=_entry_type(op, choice, name))
    if isinstance(op, SegmentSum):
        return replace(op, type=_offset_type(op, choice, source, name))
    if isinstance(op, Embedding):
        kept = op.type if choice == TRAINED else None
        return replace(op, type=kept or _weight_type(choice, op.table, name, None))
    if choice == TRAINED and op.types is not None:
        return replace(op, types=replace(op.types, accum=None))
    if isinstance(op, Affine):
        weight = _weight_type(choice, op.factor, name, None)
        return replace(op, types=ConstantTypes(weight, _bias_type(op.offset, weight, source)))
    weight = _weight_type(choice, op.kernel, name, reach)
    return replace(op, types=ConstantTypes(weight, _bias_type(op.bias, weight, source)))


def _weight_type(choice: int | str, values: np.ndarray, name: str, source: FixedPoint | None) -> FixedPoint:
    """The type of constants; of a first layer, whose inputs may have a type each, `source` is theirs."""
    if choice == TRAINED:
        return exact_type(values) or _covering_weights(values, UNTRAINED_BITS, source)
    if not isinstance(choice, str):
        return _covering_weights(values, choice, source)
    precision = FixedPoint.parse(choice)
    saturating = precision.count_saturating(values)
    if saturating:
        wanted = FixedPoint.covering(values, precision.width, signed=True).integer
        raise PrecisionError(
            f"weights: {saturating} of {values.size} weights of layer '{name}' saturate in {precision} "
            f"(largest magnitude {np.abs(values).max():.4g}); give it at least {wanted} integer bits"
        )
    return precision


def _covering_weights(kernel: np.ndarray, width: int, source: FixedPoint | None) -> FixedPoint:
    """Bits where they count: a feature that has a range of its own has weights of a range of their own."""
    modes = {"rounding": "RND", "overflow": "SAT"}
    if source is None or not source.per_element or np.ptp(source.integer) <= WIDEST_SPREAD:
        return FixedPoint.covering(kernel, width, signed=True, **modes)
    reach = np.asarray(source.integer)[:, np.newaxis]
    integer = FixedPoint.covering(kernel * np.exp2(reach), width, signed=True).integer
    shape = np.ones(kernel.shape, np.int64)
    return FixedPoint(width * shape, (integer - reach) * shape, **modes)


def _bias_type(bias: np.ndarray, weight: FixedPoint, source: FixedPoint) -> FixedPoint:
    """As fine as a product, up to 16 bits: finer bits are below everything they are added to."""
    fraction = int(np.max(weight.fraction)) + int(np.max(source.fraction))
    integer = FixedPoint.covering(bias, 16, signed=True).integer
    return FixedPoint(max(1, min(16, integer + fraction)), integer, rounding="RND", overflow="SAT")


def _entry_type(op: Table, choice: int | str, name: str) -> FixedPoint:
    """The narrowest that hold the entries exactly, if none needs more bits than the choice gives; else of one step."""
    if choice == TRAINED and op.type is not None:
        return op.type
    exact = table_type(op.entries)
    if not isinstance(choice, str) and exact is not None and np.max(exact.width) <= choice:
        return exact
    if choice == TRAINED and exact is not None:
        return exact
    common = _weight_type(UNTRAINED_BITS if choice == TRAINED else choice, np.concatenate(op.entries), name, None)
    return replace(table_type([common.quantize(one) for one in op.entries]), rounding="RND", overflow="SAT")


def _offset_type(op: SegmentSum, choice: int | str, source: FixedPoint, name: str) -> FixedPoint | None:
    """As fine as what is added, where bits are given; else the offsets' own, or one that holds them exactly."""
    if isinstance(choice, str):
        return op.type if choice == TRAINED else _weight_type(choice, op.offset, name, None)
    fraction = int(np.max(source.fraction))
    if binary_digits(op.offset) <= fraction:
        return None
    integer = FixedPoint.covering(op.offset, 16, signed=True).integer
    return FixedPoint(max(1, integer + fraction), integer, rounding="RND", overflow="SAT")
