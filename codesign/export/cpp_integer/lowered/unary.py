"""Ops of one value each: activations but softmax, affine, embedding: stages that go behind whatever makes the value."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.export.cpp_integer.lowered.place import Place
from codesign.export.cpp_integer.stages import Stage, clip
from codesign.network.ops import (
    FixedAffine,
    FixedCodes,
    FixedEmbedding,
    FixedFunction,
    FixedLine,
    FixedOp,
    FixedRelu,
    FixedSteps,
    FixedTable,
)
from codesign.network.types.tables import RANGE

StageLists = list[list[Stage]]
_MOST_INDEX_BITS = 62


def stages_of_relu(place: Place) -> StageLists:
    """``max(x, 0)``, perhaps cut at a constant, and a cast."""
    fixed = place.fixed
    first = [] if fixed.is_linear else [Stage("at_least", 0)]
    if fixed.cut is None:
        return [first + own for own in place.casts(place.types[0].fraction)]
    high, fraction = fixed.cut
    return _behind(
        [[*first, *left, Stage("at_most", high)] for left in aligned(place, fraction)], place.casts(fraction)
    )


def stages_of_line(place: Place) -> StageLists:
    """A straight line with its clip, or a leaky relu."""
    fixed, finest = place.fixed, int(np.max(place.types[0].fraction))
    if fixed.limits is None:
        line = [Stage("leaky", fixed.slope, fixed.fraction - finest)]
    else:
        limits = clip(*(limit << fixed.fraction for limit in fixed.limits))
        line = [Stage("times", fixed.slope), Stage("add", fixed.shift), *limits]
    return _behind([left + line for left in aligned(place, finest)], place.casts(fixed.fraction))


def stages_of_affine(place: Place) -> StageLists:
    """A factor, an offset, and a cast."""
    fixed, finest = place.fixed, int(np.max(place.types[0].fraction))
    factors, offsets = (np.broadcast_to(one, place.shape).ravel().tolist() for one in (fixed.factor, fixed.offset))
    lines = [
        [*left, Stage("times", factor), Stage("add", offset)]
        for left, factor, offset in zip(aligned(place, finest), factors, offsets)
    ]
    return _behind(lines, place.casts(fixed.fraction))


def stages_of_table(place: Place) -> StageLists:
    """An entry of a sigmoid's or tanh's table, cast beforehand where all values have one type."""
    table, output = place.fixed.table, place.fixed.output
    indices = index_stages(place, table)
    if output.per_element:
        entry = [Stage("looked_up", 0, table=tuple(table.entries.tolist()))]
        return _behind([index + entry for index in indices], place.casts(table.type.fraction))
    entries = output.requantize(table.entries, table.type.fraction)
    return [[*index, Stage("looked_up", 0, table=tuple(entries.tolist()))] for index in indices]


def index_stages(place: Place, table: FixedFunction) -> StageLists:
    """Return the way from a code to its entry: x * size / range, truncated towards 0, plus half the size, within it.

    Raises:
        UnsupportedLayerError: for a table that needs numbers of more than 62 bits.
    """
    fractions = np.broadcast_to(place.types[0].fraction, place.shape).ravel().tolist()
    return [_index(fraction, table) for fraction in fractions]


def _index(fraction: int, table: FixedFunction) -> list[Stage]:
    reach, size = 2 * RANGE[table.function], table.size
    common = int(np.gcd(reach, size))
    numerator, denominator = (size // common) << max(-fraction, 0), (reach // common) << max(fraction, 0)
    if denominator & (denominator - 1) == 0 and numerator & (numerator - 1) == 0:
        smaller = min(numerator, denominator)
        numerator, denominator = numerator // smaller, denominator // smaller
    end = reach << max(fraction, 0)
    last = clip(0, size - 1)
    if denominator.bit_length() > _MOST_INDEX_BITS and numerator == 1:
        return [Stage("times", 0), Stage("add", reach // 2 * size // reach), *last]
    numerator = min(numerator, size * reach)  # beyond that, 1 is outside the table
    if end.bit_length() + numerator.bit_length() > _MOST_INDEX_BITS and numerator > 1:
        raise UnsupportedLayerError(
            f"expected a table whose indices take {_MOST_INDEX_BITS} bits. Received: {size} entries for values with "
            f"{fraction} fraction bits; narrow the type of what it takes, or take a number of entries that is a power "
            "of two"
        )
    clamp = clip(-end, end) if end.bit_length() < _MOST_INDEX_BITS else []
    scaled = [Stage("times", numerator), Stage("divided", denominator)]
    return [*clamp, *scaled, Stage("add", reach // 2 * size // reach), *last]


def stages_of_embedding(place: Place) -> StageLists:
    """A row of the table for each index, the first or the last for one outside; entries are cast beforehand."""
    fixed, n = place.fixed, place.shape[-1]
    fraction, last = max(0, int(np.max(place.types[0].fraction))), len(fixed.codes) - 1
    columns = _columns(fixed, place.shape)
    return [
        [*left, Stage("right", fraction), *clip(0, last), Stage("looked_up", 0, table=columns[at * n + column])]
        for at, left in enumerate(aligned(place, fraction))
        for column in range(n)
    ]


def _columns(fixed: FixedEmbedding, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the entries of each value of the output, cast to its type."""
    if fixed.output is fixed.op.type:
        columns = np.broadcast_to(fixed.codes.T, (*shape, len(fixed.codes)))
    else:
        entries = np.broadcast_to(
            fixed.codes[(slice(None), *(np.newaxis,) * (len(shape) - 1))], (len(fixed.codes), *shape)
        )
        fraction = np.asarray(fixed.op.type.fraction)
        fraction = fraction[(slice(None), *(np.newaxis,) * (len(shape) - 1))] if fraction.ndim == 2 else fraction
        columns = np.moveaxis(fixed.output.requantize(entries, fraction), 0, -1)
    return [tuple(column) for column in columns.reshape(-1, len(fixed.codes)).tolist()]


def stages_of_codes(place: Place) -> StageLists:
    """The entry of each code."""
    fixed, kind = place.fixed, place.types[0].envelope
    low = int(kind.code_low)
    found = [Stage("add", -low), Stage("looked_up", 0, table=tuple(fixed.entries.tolist()))]
    return [left + found for left in aligned(place, int(np.max(place.types[0].fraction)))]


def stages_of_steps(place: Place) -> StageLists:
    """A clip, a sign, or a whole number."""
    fixed = place.fixed
    low, high = (fixed.numbers[name] for name in ("min_value", "max_value"))
    limits = [Stage(kind, n) for kind, n in (("at_least", low), ("at_most", high)) if n is not None]
    turned = [Stage("times", -1)]
    found = {
        "clip": limits,
        "sign": clip(-1, 1),
        "floor": [Stage("right", fixed.step)],
        "ceil": [*turned, Stage("right", fixed.step), *turned],
        "round": [Stage("half_even", fixed.step)] if fixed.step else [],
    }[fixed.function]
    return _behind([left + found for left in aligned(place, fixed.step)], place.casts(fixed.fraction))


def aligned(place: Place, fraction: int) -> StageLists:
    """Return the shift of each value of the first input to a step."""
    return [[Stage("left", left)] if left else [] for left in place.shifts(0, fraction).ravel().tolist()]


def _behind(first: Sequence[list[Stage]], then: Sequence[list[Stage]]) -> StageLists:
    return [before + after for before, after in zip(first, then)]


UNARY: Mapping[type[FixedOp], Callable[[Place], StageLists]] = MappingProxyType(
    {
        FixedRelu: stages_of_relu,
        FixedLine: stages_of_line,
        FixedTable: stages_of_table,
        FixedAffine: stages_of_affine,
        FixedEmbedding: stages_of_embedding,
        FixedCodes: stages_of_codes,
        FixedSteps: stages_of_steps,
    }
)
