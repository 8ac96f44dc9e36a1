"""Sums of tables of bits: the terms that they replace, as tables of bytes that are added in bytes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from codesign.export.cpp_integer.program import Array, Program, Ref, Term, Unit
from codesign.export.cpp_integer.stages import Stage, fits, passed
from codesign.export.cpp_integer.table_bytes import ByteTable, binned, split

MOST_KEYS = 8
_WORD_BITS, _LANE_BITS = 16, 32
_MOST_SUMS = 2  # that look one table up, each anew
_SPAN = 64  # words that keys are chosen from at once


@dataclass(frozen=True)
class Key:
    """A bit of an integer v of 16 bits: ``(v & mask) >= least``; a threshold has every bit in its mask."""

    ref: Ref
    mask: int
    least: int

    @property
    def is_threshold(self) -> bool:
        """Whether it is a comparison with a constant, and not one of the integer's bits."""
        return self.mask == -1


@dataclass(frozen=True)
class ByteSum:
    """Tables whose sum is a byte.

    Args:
        target: which integer they are added to.
        shift: by how many bits to the left.
        tables: those with the most keys first.
    """

    target: int
    shift: int
    tables: tuple[ByteTable, ...]


@dataclass(frozen=True, eq=False)
class TableSums:
    """How integers are made: sums of tables.

    Args:
        keys: thresholds first.
        sums: of bytes, by target.
    """

    keys: tuple[Key, ...]
    sums: tuple[ByteSum, ...]

    @property
    def sources(self) -> set[Ref]:
        """What the keys are bits of."""
        return {key.ref for key in self.keys}


def with_table_sums(program: Program) -> Program:
    """Return the program with tables of bits in arrays of their own: those of sums as sums, and others."""
    finder = _Finder(program)
    arrays = [one for array in program.arrays for one in (*finder.sums_of(array), array)]
    used = Program(program.inputs, tuple(arrays), program.outputs).used()
    arrays = [one for array in arrays for one in (*_single_tables(array, used), array)]
    used = Program(program.inputs, tuple(arrays), program.outputs).used()
    made = {ref.array for ref in used}
    return Program(program.inputs, tuple(array for array in arrays if array in made), program.outputs)


@dataclass(frozen=True)
class _Table:
    bits: tuple[Ref, ...]
    entries: np.ndarray

    @property
    def reach(self) -> int:
        """From the least entry to the largest."""
        return max(self.entries) - min(self.entries)


@dataclass(frozen=True)
class _Sum:
    """A unit as tables, and what else there is: terms, stages, bias."""

    tables: Sequence[_Table]
    terms: Sequence[Term]
    stages: Sequence[Stage]
    bias: int


class _Finder:
    """Finds tables in sums."""

    def __init__(self, program: Program) -> None:
        units = (unit for array in program.arrays for unit in array.units)
        self._uses = Counter(ref for unit in units for term in unit.terms for ref in term.factors)

    def sums_of(self, array: Array) -> list[Array]:
        """Take the tables out of an array's sums; return the arrays that they are in."""
        own = {}
        for at, unit in enumerate(array.units if not array.rows else ()):
            is_term = _table_of(Ref(array, at), 1) is not None and (unit.stages or self._uses[Ref(array, at)])
            tables = {} if is_term else self._tables_of(unit)
            rest = [term for index, term in enumerate(unit.terms) if index not in tables]
            own |= {at: _Sum(tuple(tables.values()), rest, unit.stages, unit.bias)} if tables else {}
        return _taken_out(array, own)

    def _tables_of(self, unit: Unit) -> "dict[int, _Table]":
        """Return the tables of a sum, by the number of the term; their entries with the term's weight."""
        if unit.join != "sum" or unit.in_order is not None or unit.lane > _LANE_BITS:
            return {}
        found = {}
        for index, term in enumerate(unit.terms):
            if len(term.factors) == 1 and self._uses[term.factors[0]] <= _MOST_SUMS:
                table = _table_of(term.factors[0], term.weight)
                found |= {} if table is None else {index: table}
        return found if fits((0, sum(table.reach for table in found.values())), _LANE_BITS) else {}


def _single_tables(array: Array, used: Set[Ref]) -> list[Array]:
    """Take tables whose entries are needed out of an array; return the arrays that they are in."""
    own = {}
    for at in range(len(array.units) if not array.rows else 0):
        table = _table_of(Ref(array, at), 1) if Ref(array, at) in used else None
        own |= {} if table is None or not fits((0, table.reach), _LANE_BITS) else {at: _Sum([table], [], [], 0)}
    return _taken_out(array, own)


def _taken_out(array: Array, own: Mapping[int, _Sum]) -> list[Array]:
    """Put sums of tables, by the numbers of their units, into an array; return it, and what its keys are bits of."""
    sums, keys, parts = Array(f"{array.name} tables", []), _Keys(), []
    for at, one in own.items():
        target, rest = len(sums.ranges), list(one.terms)
        lows, found = zip(*(split(*keys.of(table)) for table in one.tables))
        if any(found):
            parts += [(target, *part) for part in binned([part for of_table in found for part in of_table])]
            sums.ranges.append((0, sum(table.reach for table in one.tables)))
            rest.append(Term(1, (Ref(sums, target),)))
        array.units[at] = Unit.of(rest, one.stages, bias=one.bias + sum(lows))
    if not parts:
        return []
    before, sums.tables = keys.settled(sums.name, parts)
    return [*before, sums]


def _table_of(ref: Ref, weight: int) -> _Table | None:
    """Return an integer that is looked up by bits, or a multiple of one, as a table."""
    unit = ref.array.units[ref.at] if ref.array.units else None
    if unit is None or unit.join != "sum" or unit.in_order is not None:
        return None
    terms = unit.terms
    if not unit.stages and len(terms) == 1 and len(terms[0].factors) == 1:
        found = _table_of(terms[0].factors[0], weight * terms[0].weight)
        return None if found is None else _Table(found.bits, found.entries + weight * unit.bias)
    if not unit.stages or unit.stages[0].kind != "looked_up":
        return None
    if len(terms) > MOST_KEYS or any(len(one.factors) > 1 or not _is_bit(one.factors[0]) for one in terms):
        return None
    index = np.array([unit.bias])
    for term in terms:  # the first is the low bit
        index = np.concatenate([index, index + term.weight])
    table = {one: _through(unit.stages, one) for one in set(index.tolist())}
    entries = np.array([weight * table[one] for one in index.tolist()], object)
    return _Table(tuple(term.factors[0] for term in terms), entries)


def _is_bit(ref: Ref) -> bool:
    return 0 <= ref.range[0] and ref.range[1] <= 1


def _through(stages: Sequence[Stage], value: int) -> int:
    return passed(stages, (value, value)).range[0]


class _Keys:
    """Keys, each once."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}

    def of(self, table: _Table) -> tuple[tuple[int, ...], np.ndarray]:
        """Return the numbers of a table's keys, and its entries by them."""
        numbers, flips = [], 0
        for at, bit in enumerate(table.bits):
            key, is_flipped = _key_of(bit)
            flips |= is_flipped << at
            numbers.append(self._numbers.setdefault(key, len(self._numbers)))
        return tuple(numbers), table.entries[np.arange(len(table.entries)) ^ flips]

    def settled(self, name: str, parts: "Iterable[tuple[int, int, list[ByteTable]]]") -> tuple[list[Array], TableSums]:
        """Return the sums with the keys in order; before them an array of what keys are bits of, if it is scattered."""
        keys = sorted(self._numbers, key=lambda key: not key.is_threshold)
        order = {self._numbers[key]: place for place, key in enumerate(keys)}
        sums = tuple(
            ByteSum(
                target, shift, tuple(ByteTable(tuple(order[one] for one in own.keys), own.entries) for own in tables)
            )
            for target, shift, tables in parts
        )
        sources = list(dict.fromkeys(key.ref for key in keys))
        places = [ref.at for ref in sources]
        is_near = max(places) - min(places) < max(_SPAN, 2 * len(sources))
        if is_near and len({ref.array for ref in sources}) == 1 and sources[0].array.bits <= _WORD_BITS:
            return [], TableSums(tuple(keys), sums)
        copies = [Unit.of([Term(1, (ref,))], []) for ref in sources]
        array = Array(f"{name} keys", [unit.range for unit in copies], copies)
        refs = {ref: Ref(array, at) for at, ref in enumerate(sources)}
        return [array], TableSums(tuple(Key(refs[key.ref], key.mask, key.least) for key in keys), sums)


def _key_of(bit: Ref) -> tuple[Key, bool]:
    """Return the key of a bit, and whether the bit is what the key is not."""
    itself = Key(bit, -1, 1), False
    unit = bit.array.units[bit.at] if bit.array.units else None
    if unit is None or unit.join != "sum" or unit.bias or len(unit.terms) != 1 or unit.terms[0].weight != 1:
        return itself
    source, *others = unit.terms[0].factors
    if others or source.array.bits > _WORD_BITS:
        return itself
    kinds = [stage.kind for stage in unit.stages]
    if kinds == ["reaches"]:
        return Key(source, -1, unit.stages[0].a), False
    if kinds == ["right"]:  # the highest bit of a number without a sign
        return Key(source, -1, 1 << unit.stages[0].a), False
    if kinds in (["wrapped"], ["right", "wrapped"]) and unit.stages[-1].a == 1 and not unit.stages[-1].b:
        place = unit.stages[0].a if len(kinds) > 1 else 0
        if place < _WORD_BITS - 1:
            return Key(source, 1 << place, 1 << place), False
        return Key(source, -1, 0), True  # the sign
    return itself
