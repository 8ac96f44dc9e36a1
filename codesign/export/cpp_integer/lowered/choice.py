"""Comparisons, choices, the place of a maximum, products of matrices, and a relu with a threshold."""

from collections.abc import Callable, Mapping
from itertools import product
from types import MappingProxyType

import numpy as np

from codesign.export.cpp_integer.lowered.merge import along, product_term, weighted
from codesign.export.cpp_integer.lowered.place import Place
from codesign.export.cpp_integer.lowered.softmax import Make
from codesign.export.cpp_integer.program import Term, Unit
from codesign.export.cpp_integer.stages import Stage, clip
from codesign.network.ops import ArgMax, Compare, FixedSteps, MatMul, Op, Select
from codesign.network.ops.merge import same_rank

_ANSWERS = {  # for a difference that is below, at and above 0
    "less": (1, 0, 0),
    "less_equal": (1, 1, 0),
    "greater": (0, 0, 1),
    "greater_equal": (0, 1, 1),
    "equal": (0, 1, 0),
    "not_equal": (1, 0, 1),
}


def lower_compare(place: Place, make: Make) -> list[Unit]:
    """The sign of the difference, and its answer."""
    pairs = zip(*(_spread(place, index, step) for index, step in enumerate(place.fixed.steps)))
    asked = _asked(_ANSWERS[place.op.relation])
    return [
        Unit.of([first, Term(-second.weight, second.factors)], [*asked, *own])
        for (first, second), own in zip(pairs, place.casts(0))
    ]


def lower_select(place: Place, make: Make) -> list[Unit]:
    """``b + c (a - b)`` of a bit c."""
    conditions = [ref for term in _spread(place, 0, None) for ref in term.factors]
    units = [Unit.of([Term(1, (ref,))], _asked(_ANSWERS["not_equal"])) for ref in conditions]
    bits = make(f"{place.name} bits", units)
    firsts, seconds = (_spread(place, index, place.fixed.fraction) for index in (1, 2))
    units = []
    for bit, first, second, own in zip(bits, firsts, seconds, place.casts(place.fixed.fraction)):
        taken, left = Term(first.weight, (bit, *first.factors)), Term(-second.weight, (bit, *second.factors))
        units.append(Unit.of([second, taken, left], own))
    return units


def lower_argmax(place: Place, make: Make) -> list[Unit]:
    """The smallest of the places whose value is the largest."""
    rows = along(place, place.fixed.steps[0])
    n = len(rows[0])
    largest = make(f"{place.name} largest", [Unit.of(own, [], join="largest") for own in rows])
    units = []
    for top, own in zip(largest, rows):
        for at, term in enumerate(own):
            answer = Stage("looked_up", 0, table=(n - 1, at))  # 0 where it is smaller, 1 where it is the largest
            less = [Stage("add", 1), *clip(0, 1), answer]
            units.append(Unit.of([term, Term(-1, (top,))], less))
    places = make(f"{place.name} places", units).reshape(-1, n)
    return [
        Unit.of([Term(1, (ref,)) for ref in own], stages, join="smallest")
        for own, stages in zip(places, place.casts(0))
    ]


def lower_matmul(place: Place, make: Make) -> list[Unit]:
    """Sums of products."""
    refs = same_rank([one[np.newaxis] for one in place.refs])
    lefts = same_rank([place.shifts(index, step)[np.newaxis] for index, step in enumerate(place.fixed.steps)])
    front = place.shape[:-2]
    first, second = (
        [np.broadcast_to(array[0], (*front, *array.shape[-2:])) for array in pair] for pair in zip(refs, lefts)
    )
    units = []
    for at, row, column in product(np.ndindex(front), range(place.shape[-2]), range(place.shape[-1])):
        left = weighted(first[0][(*at, row)], first[1][(*at, row)])
        right = weighted(second[0][(*at, slice(None), column)], second[1][(*at, slice(None), column)])
        units.append([product_term(pair) for pair in zip(left, right)])
    return [Unit.of(own, stages) for own, stages in zip(units, place.casts(place.fixed.fraction))]


def lower_thresholded(place: Place, make: Make) -> list[Unit]:
    """The value times whether it is above the threshold."""
    fixed = place.fixed
    terms = weighted(place.refs[0], place.shifts(0, fixed.step))
    above = [Stage("reaches", fixed.numbers["threshold"] + 1)]
    bits = make(f"{place.name} above", [Unit.of([term], above) for term in terms])
    most = [] if fixed.numbers["max_value"] is None else [Stage("at_most", fixed.numbers["max_value"])]
    kept = [Term(term.weight, (*term.factors, bit)) for term, bit in zip(terms, bits)]
    return [Unit.of([term], [*most, *own]) for term, own in zip(kept, place.casts(fixed.step))]


def lower_abs(place: Place, make: Make) -> list[Unit]:
    """The larger of a value and its negative."""
    terms = weighted(place.refs[0], place.shifts(0, place.fixed.step))
    pairs = ([term, Term(-term.weight, term.factors)] for term in terms)
    return [Unit.of(pair, own, join="largest") for pair, own in zip(pairs, place.casts(place.fixed.step))]


def is_choice(place: Place) -> bool:
    """Whether a function is one of this file's, and none of stages alone."""
    return isinstance(place.fixed, FixedSteps) and place.fixed.function in STEPS


def _asked(answers: tuple[int, int, int]) -> list[Stage]:
    return [*clip(-1, 1), Stage("add", 1), Stage("looked_up", 0, table=answers)]


def _spread(place: Place, index: int, step: int | None) -> list[Term]:
    """One input, broadcast to the output, at a step; None: as it is."""
    refs = place.refs[index]
    lefts = np.zeros(refs.shape, int) if step is None else place.shifts(index, step)
    ranked = (same_rank([one[np.newaxis], np.empty((1, *place.shape))])[0] for one in (refs, lefts))
    return weighted(*(np.broadcast_to(one[0], place.shape) for one in ranked))


CHOICES: Mapping[type[Op], Callable[[Place, Make], list[Unit]]] = MappingProxyType(
    {Compare: lower_compare, Select: lower_select, ArgMax: lower_argmax, MatMul: lower_matmul}
)
STEPS: Mapping[str, Callable[[Place, Make], list[Unit]]] = MappingProxyType(
    {"thresholded_relu": lower_thresholded, "abs": lower_abs}
)
