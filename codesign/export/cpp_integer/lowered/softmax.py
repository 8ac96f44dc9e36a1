"""Swish and softmax: products with what tables give."""

from collections.abc import Callable

import numpy as np

from codesign.export.cpp_integer.lowered.place import Place
from codesign.export.cpp_integer.lowered.unary import index_stages
from codesign.export.cpp_integer.program import Term, Unit
from codesign.export.cpp_integer.stages import Stage, casts, clip

# Makes an array of units, by a name: its integers, as refs.
Make = Callable[[str, list[Unit]], np.ndarray]


def lower_swish(place: Place, make: Make) -> list[Unit]:
    """``x`` times an entry of a sigmoid's table."""
    table, refs = place.fixed.table, place.refs[0].ravel()
    entry = Stage("looked_up", 0, table=tuple(table.entries.tolist()))
    indices = index_stages(place, table)
    entries = make(
        f"{place.name} entries", [Unit.of([Term(1, (ref,))], [*own, entry]) for ref, own in zip(refs, indices)]
    )
    lefts = place.shifts(0, int(np.max(place.types[0].fraction))).ravel().tolist()
    terms = ([Term(1 << left, (ref, found))] for ref, found, left in zip(refs, entries, lefts))
    return [Unit.of(own, stages) for own, stages in zip(terms, place.casts(place.fixed.fraction))]


def lower_softmax(place: Place, make: Make) -> list[Unit]:
    """Exponentials of differences to the largest, their sum, its inverse, and a product."""
    fixed, n = place.fixed, place.shape[-1]
    lefts = place.shifts(0, int(np.max(place.types[0].fraction)))
    rows = list(zip(place.refs[0].reshape(-1, n), lefts.reshape(-1, n).tolist()))
    values = [[Term(1 << left, (ref,)) for ref, left in zip(*row)] for row in rows]
    largest = make(f"{place.name} largest", [Unit.of(own, [], join="largest") for own in values])
    difference, given = fixed.difference, fixed.given
    wrapped = casts(int(difference.fraction), difference, ())[0]
    exponential = _table(fixed.exponentials.tolist(), int(difference.width) - fixed.exponential_bits)
    entries = make(
        f"{place.name} exponentials",
        [
            Unit.of([Term(1, (top,)), Term(-term.weight, term.factors)], [*wrapped, *exponential])
            for top, own in zip(largest, values)
            for term in own
        ],
    )
    inverse = _table(fixed.inverses.tolist(), int(given.width) - fixed.inverse_bits)
    by_row = entries.reshape(-1, n)
    inverses = make(
        f"{place.name} inverses", [Unit.of([Term(1, (entry,)) for entry in own], inverse) for own in by_row]
    )
    products = [Term(1, (entry, found)) for own, found in zip(by_row, inverses) for entry in own]
    return [Unit.of([term], own) for term, own in zip(products, place.casts(2 * int(given.fraction)))]


def _table(entries: list[int], right: int) -> list[Stage]:
    """The highest bits of a number, and the entry that they address."""
    return [Stage("right", right), *clip(0, len(entries) - 1), Stage("looked_up", 0, table=tuple(entries))]
