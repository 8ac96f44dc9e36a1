"""Ops of several values: element by element, along an axis, and the dot product."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.export.cpp_integer.lowered.place import Place
from codesign.export.cpp_integer.program import Term, Unit
from codesign.export.cpp_integer.stages import Stage
from codesign.network.ops import Add, Dot, Max, Maximum, Mean, Min, Minimum, Multiply, Op, Subtract, Sum
from codesign.network.ops.merge import same_rank
from codesign.network.ops.moves import event_axis

_JOINS: Mapping[type[Op], str] = MappingProxyType(
    {Add: "sum", Subtract: "sum", Maximum: "largest", Minimum: "smallest", Sum: "sum", Max: "largest", Min: "smallest"}
)


def lower_merge(place: Place) -> list[Unit]:
    """Sum, difference, product, largest or smallest, element by element."""
    fixed = place.fixed
    terms = [_terms(place, index, step) for index, step in enumerate(fixed.steps)]
    if isinstance(place.op, Subtract):
        terms[1] = [Term(-term.weight, term.factors) for term in terms[1]]
    groups = [[product_term(own)] for own in zip(*terms)] if isinstance(place.op, Multiply) else zip(*terms)
    join = _JOINS.get(type(place.op), "sum")
    return [Unit.of(own, stages, join=join) for own, stages in zip(groups, place.casts(fixed.fraction))]


def lower_dot(place: Place) -> list[Unit]:
    """The sum of products."""
    terms = [_terms(place, index, step) for index, step in enumerate(place.fixed.steps)]
    return [Unit.of([product_term(own) for own in zip(*terms)], place.casts(place.fixed.fraction)[0])]


def lower_reduce(place: Place) -> list[Unit]:
    """The sum, the largest or the smallest along an axis."""
    groups = along(place, place.fixed.fraction)
    join = _JOINS[type(place.op)]
    return [Unit.of(own, stages, join=join) for own, stages in zip(groups, place.casts(place.fixed.fraction))]


def lower_mean(place: Place) -> list[Unit]:
    """The sum along an axis, divided towards 0; an accumulator that loses bits of it is refused."""
    place.fixed.check_exact()
    fraction = int(place.fixed.accum.fraction)
    divided = [Stage("divided", place.fixed.divisor)]
    groups = zip(along(place, fraction), place.casts(fraction))
    return [Unit.of(own, divided + stages) for own, stages in groups]


def _terms(place: Place, index: int, step: int) -> list[Term]:
    """Return one input, broadcast to the output, at a step."""
    arrays = (place.refs[index], place.shifts(index, step))
    if not isinstance(place.op, Dot):
        ranked = (same_rank([one[np.newaxis], np.empty((1, *place.shape))])[0] for one in arrays)
        arrays = tuple(np.broadcast_to(one[0], place.shape) for one in ranked)
    return weighted(*arrays)


def along(place: Place, step: int) -> list[list[Term]]:
    """Return the values along the axis, for each value of the output, at a step."""
    axis = event_axis(place.op.axis, place.refs[0].shape)
    refs, lefts = (np.moveaxis(one, axis, -1) for one in (place.refs[0], place.shifts(0, step)))
    n = refs.shape[-1]
    return [weighted(*own) for own in zip(refs.reshape(-1, n), lefts.reshape(-1, n))]


def weighted(refs: np.ndarray, lefts: np.ndarray) -> list[Term]:
    """Return integers shifted left."""
    return [Term(1 << left, (ref,)) for ref, left in zip(refs.ravel(), lefts.ravel().tolist())]


def product_term(terms: tuple[Term, ...]) -> Term:
    """Return the product of terms."""
    weight, factors = 1, ()
    for term in terms:
        weight, factors = weight * term.weight, factors + term.factors
    return Term(weight, factors)


MERGED: Mapping[type[Op], Callable[[Place], list[Unit]]] = MappingProxyType(
    dict.fromkeys((Add, Subtract, Multiply, Maximum, Minimum), lower_merge)
    | dict.fromkeys((Sum, Max, Min), lower_reduce)
    | {Dot: lower_dot, Mean: lower_mean}
)
