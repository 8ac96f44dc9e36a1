"""Keys, tables of them, and sums of segments."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.export.cpp_integer.lowered.place import Place
from codesign.export.cpp_integer.program import Term, Unit
from codesign.export.cpp_integer.stages import Stage
from codesign.network.ops import Op, SegmentSum, Table
from codesign.network.ops.keys import FixedBit, FixedThreshold
from codesign.network.ops.op import FixedOp

StageLists = list[list[Stage]]


def stages_of_threshold(place: Place) -> StageLists:
    """A comparison, and a cast."""
    return [[Stage("reaches", code), *own] for code, own in zip(place.fixed.codes.tolist(), place.casts(0))]


def stages_of_bit(place: Place) -> StageLists:
    """A shift, the lowest bit, and a cast."""
    right = [[Stage("right", at)] if at else [] for at in place.fixed.place.tolist()]
    return [[*first, Stage("wrapped", 1), *own] for first, own in zip(right, place.casts(0))]


def lower_table(place: Place) -> list[Unit]:
    """The entry that the bits address, and a cast."""
    fixed, bits = place.fixed, place.refs[0]
    casts = place.casts(fixed.type.fraction) if fixed.output is not fixed.type else [[]] * len(fixed.codes)
    units = []
    for keys, codes, own in zip(place.op.keys, fixed.codes, casts):
        terms = [Term(1 << at, (bits[key],)) for at, key in enumerate(keys)]
        units.append(Unit.of(terms, [Stage("looked_up", 0, table=tuple(codes.tolist())), *own]))
    return units


def lower_segment_sum(place: Place) -> list[Unit]:
    """The sum of each segment."""
    fixed, refs = place.fixed, place.refs[0]
    lefts = place.shifts(0, fixed.fraction).tolist()
    terms = [[] for _ in fixed.offset]
    for segment, ref, left in zip(place.op.segments.tolist(), refs, lefts):
        terms[segment].append(Term(1 << left, (ref,)))
    casts = place.casts(fixed.fraction)
    return [Unit.of(own, stages, bias=bias) for own, stages, bias in zip(terms, casts, fixed.offset.tolist())]


KEYS: Mapping[type[FixedOp], Callable[[Place], StageLists]] = MappingProxyType(
    {FixedThreshold: stages_of_threshold, FixedBit: stages_of_bit}
)
TABLES: Mapping[type[Op], Callable[[Place], list[Unit]]] = MappingProxyType(
    {Table: lower_table, SegmentSum: lower_segment_sum}
)
