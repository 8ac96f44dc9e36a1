"""Where the integers of a program lie: arrays of 16, 32 and 64 bits, each place used again behind its last use."""

from collections.abc import Mapping
from dataclasses import dataclass

from codesign.export.cpp_integer.program import LANES, Array, Program, Ref


@dataclass(frozen=True, eq=False)
class Slots:
    """Places.

    Args:
        first: of each array.
        sizes: places in all, by the bits of an integer.
    """

    first: Mapping[Array, int]
    sizes: Mapping[int, int]

    def place(self, ref: Ref) -> tuple[int, int]:
        """Return bits and index of an integer."""
        return ref.array.bits, self.first[ref.array] + ref.at

    def place_of(self, array: Array) -> tuple[int, int]:
        """Return bits and index of an array's first integer."""
        return self.place(Ref(array, 0))


def share_slots(program: Program) -> Slots:
    """Return a place for every integer; two that are needed at one time do not overlap."""
    arrays = (program.inputs, *program.arrays)
    dies = {array: step for step, array in enumerate(arrays)}
    for step, array in enumerate(arrays):
        dies |= dict.fromkeys(taken_by(array), step)
    dies |= dict.fromkeys((ref.array for ref in program.outputs), len(arrays))
    first: dict[Array, int] = {}
    for step, array in enumerate(arrays):
        taken = [one for one in first if one.bits == array.bits and dies[one] >= step]
        first[array] = _lowest(sorted((first[one], first[one] + len(one.ranges)) for one in taken), len(array.ranges))
    ends = {bits: [first[one] + len(one.ranges) for one in arrays if one.bits == bits] for bits in LANES}
    return Slots(first, {bits: max(found, default=0) for bits, found in ends.items()})


def taken_by(array: Array) -> set[Array]:
    """Return the arrays that an array is made of."""
    if array.tables is not None:
        return {ref.array for ref in array.tables.sources}
    found = {ref.array for unit in array.units for term in unit.terms for ref in term.factors}
    return found if not array.matrices else {one.first.array for one in array.matrices}


def _lowest(taken: list[tuple[int, int]], size: int) -> int:
    at = 0
    for start, end in taken:
        if start - at >= size:
            break
        at = max(at, end)
    return at
