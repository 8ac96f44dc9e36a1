"""Program: a network as integers that are made one after the other, with the exact range of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from codesign.export.cpp_integer.stages import Range, Stage, fits, hull, passed, settled

if TYPE_CHECKING:
    from codesign.export.cpp_integer.table_sums import TableSums

LANES = (16, 32, 64)


@dataclass(eq=False)
class Array:
    """Integers that lie one behind the other.

    Args:
        name: of the node, or of the inputs.
        ranges: of each.
        units: how each is made; of the inputs: none.
        rows: of a dense layer: what it takes at each position, (n_in,) :class:`Ref`.
        matrices: where the units are that: one for each position.
        tables: where the integers are sums of tables of bits.
    """

    name: str
    ranges: list[Range]
    units: "list[Unit]" = field(default_factory=list)
    rows: "tuple[np.ndarray, ...]" = ()
    matrices: "tuple[Matrix, ...]" = ()
    tables: "TableSums | None" = None

    @property
    def bits(self) -> int:
        """Of the integers that hold them."""
        return lane_of(hull(*self.ranges))


@dataclass(frozen=True)
class Ref:
    """One integer of an array."""

    array: Array
    at: int

    @property
    def range(self) -> Range:
        """What it can be."""
        return self.array.ranges[self.at]


@dataclass(frozen=True)
class Term:
    """A weight times integers."""

    weight: int
    factors: tuple[Ref, ...]

    @property
    def range(self) -> Range:
        """Of the product."""
        return list(self.partial)[-1]

    @property
    def partial(self) -> "list[Range]":
        """Of the product of the first factors, and last with the weight too."""
        found = list(accumulate((one.range for one in self.factors), product_of))
        return [*found, product_of(found[-1], (self.weight, self.weight))]


@dataclass(frozen=True)
class InOrder:
    """What an accumulator that loses bits does: to each product, and to the sum behind each addition."""

    product: tuple[Stage, ...]
    sum: tuple[Stage, ...]


@dataclass(frozen=True)
class Unit:
    """How one integer is made: terms joined, and stages behind.

    Args:
        terms: in order.
        bias: that a sum starts with.
        stages: behind the sum.
        join: ``sum``, ``largest`` or ``smallest``.
        in_order: of a sum whose order matters.
        lane: bits in which nothing that appears on the way overflows.
        range: of the result.
    """

    terms: tuple[Term, ...]
    bias: int
    stages: tuple[Stage, ...]
    join: str
    in_order: InOrder | None
    lane: int
    range: Range

    @classmethod
    def of(
        cls,
        terms: Sequence[Term],
        stages: Sequence[Stage],
        *,
        bias: int = 0,
        join: str = "sum",
        in_order: InOrder | None = None,
    ) -> "Unit":
        """Work out the ranges."""
        if join == "sum" and in_order is None:
            terms, bias = _without_constants(terms, bias)
        terms = tuple(terms)
        as_given, is_exact = cls._of(terms, stages, bias, join, in_order)
        better, _ = cls._of(terms, settled(stages), bias, join, in_order)
        return better if is_exact and better.lane <= as_given.lane else as_given

    @classmethod
    def _of(
        cls, terms: tuple[Term, ...], stages: Sequence[Stage], bias: int, join: str, in_order: InOrder | None
    ) -> "tuple[Unit, bool]":
        """Return the unit, and whether nothing leaves 64 bits."""
        stages = list(stages)
        while join == "sum" and in_order is None and stages and stages[0].kind == "add":
            bias += stages.pop(0).a
        found, widest = _joined(terms, bias, join, in_order)
        behind = passed(stages, found)
        widest = hull(widest, behind.widest)
        return cls(terms, bias, behind.stages, join, in_order, lane_of(widest), behind.range), fits(widest, 64)

    def followed_by(self, stages: Sequence[Stage]) -> "Unit":
        """Return the unit with more stages behind."""
        more = {"bias": self.bias, "join": self.join, "in_order": self.in_order}
        return Unit.of(self.terms, (*self.stages, *stages), **more)


@dataclass(frozen=True, eq=False)
class Matrix:
    """Units that take integers which lie one behind the other.

    Args:
        first: of the integers.
        weights: (n_units, n_in).
        biases: (n_units,).
        unit: any: all have its stages.
        lane: bits in which nothing that appears on the way overflows.
    """

    first: Ref
    weights: tuple[tuple[int, ...], ...]
    biases: tuple[int, ...]
    unit: Unit
    lane: int


@dataclass(frozen=True, eq=False)
class Program:
    """All integers of a network.

    Args:
        inputs: side by side.
        arrays: in the order in which they are made.
        outputs: side by side.
    """

    inputs: Array
    arrays: tuple[Array, ...]
    outputs: tuple[Ref, ...]

    def used(self) -> set[Ref]:
        """Return the integers that outputs depend on; matrices take all of a row."""
        found = set(self.outputs)
        for array in reversed(self.arrays):
            for matrix in array.matrices:
                found.update(Ref(matrix.first.array, matrix.first.at + at) for at in range(len(matrix.weights[0])))
            if array.tables is not None:
                found.update(array.tables.sources)
            for at, unit in enumerate(array.units):
                if not array.matrices and Ref(array, at) in found:
                    found.update(ref for term in unit.terms for ref in term.factors)
        return found


def lane_of(found: Range) -> int:
    """Return the narrowest lane that holds a range; 64 bits where none does, in which sums wrap as NumPy's do."""
    return next((bits for bits in LANES if fits(found, bits)), LANES[-1])


def product_of(first: Range, second: Range) -> Range:
    """Return the range of products."""
    ends = [one * other for one in first for other in second]
    return min(ends), max(ends)


def identity(refs: Iterable[Ref]) -> list[tuple[Term, ...]]:
    """Return the terms of integers themselves."""
    return [(Term(1, (one,)),) for one in refs]


def _without_constants(terms: Sequence[Term], bias: int) -> tuple[list[Term], int]:
    """Put terms that can only be one number into the bias."""
    kept = [term for term in terms if term.range[0] < term.range[1]]
    return kept, bias + sum(term.range[0] for term in terms if term.range[0] == term.range[1])


def _joined(terms: Sequence[Term], bias: int, join: str, in_order: InOrder | None) -> tuple[Range, Range]:
    """Return the range of terms joined, and that of all that appears on the way."""
    products = [term.range for term in terms]
    on_the_way = [one for term in terms for one in term.partial]
    if join != "sum":
        choose = max if join == "largest" else min
        lows, highs = zip(*products)
        return (choose(lows), choose(highs)), hull(*on_the_way)
    weights = [(term.weight, term.weight) for term in terms]
    if in_order is not None:
        return _in_order(products, bias, in_order, hull((bias, bias), *on_the_way, *weights))
    low, high = (bias + sum(bound) for bound in (list(zip(*products)) or ((), ())))
    partly = [(bias + sum(min(0, one[0]) for one in products), bias + sum(max(0, one[1]) for one in products))]
    return (low, high), hull((low, high), *partly, *on_the_way, *weights, (bias, bias))


def _in_order(products: Sequence[Range], bias: int, in_order: InOrder, widest: Range) -> tuple[Range, Range]:
    found = (bias, bias)
    for one in products:
        product = passed(in_order.product, one)
        total = found[0] + product.range[0], found[1] + product.range[1]
        kept = passed(in_order.sum, total)
        found, widest = hull(found, kept.range), hull(widest, product.widest, total, kept.widest)
    return found, widest
