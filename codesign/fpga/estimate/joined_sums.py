"""What Yosys builds for a sum of several numbers: rows of full adders, then one carry chain.

A number's bits are a :class:`Row`, one whole number for each property, so that all columns of a row are worked on at
once. Three rows become two by a full adder in each column, until two are left (``maccmap`` in Yosys): those meet in the
carry chain, one LUT for each bit. Columns above all numbers hold copies of their signs, whose LUTs are the same.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_HIGHEST_CARRY_IN = 4  # column from which Yosys packs no bits into the free carry inputs of the rows


class Term(NamedTuple):
    """A number in a sum.

    Args:
        low: column of its lowest bit.
        width: its bits.
        signed: whether its highest bit is a sign, which goes on to the top.
        negative: whether it is subtracted.
    """

    low: int
    width: int
    signed: bool
    negative: bool

    @property
    def top(self) -> int:
        """Column above its highest bit."""
        return self.low + self.width

    def places(self, width: int) -> int:
        """Return the columns that hold a bit of it, as the bits of a number."""
        top = width if self.signed else min(self.top, width)
        return (1 << top) - (1 << min(self.low, top))


class Row(NamedTuple):
    """A bit for each column: that of `live` may change, that of `ones` is a constant one.

    Args:
        live, ones: columns.
        made: live ones that are a full adder's, and not a term's.
        depth: full adders before it.
    """

    live: int
    ones: int = 0
    made: int = 0
    depth: int = 0


@lru_cache(maxsize=1 << 16)
def count_sum(terms: tuple[Term, ...], constant: int, width: int) -> tuple[int, int]:
    """Return the bits of full adders and those of the carry chain of a sum of numbers and a constant, modulo 2**width.

    Args:
        terms: at least one.
        constant: added to them.
        width: bits of the sum.

    Example:
        >>> from codesign.fpga.estimate.joined_sums import Term, count_sum
        >>> number = Term(low=0, width=4, signed=False, negative=False)
        >>> count_sum((number, number), 0, 5), count_sum((number,) * 3, 0, 6)
        ((0, 4), (4, 5))
    """
    top = max(term.top for term in terms)
    if len(terms) == 2 and not constant and not all(term.negative for term in terms):
        first, second = (term.places(width) for term in terms)
        return 0, _below(first & second, top)
    rows, carry_ins = _packed(_rows(terms, constant, width))
    full_adders = 0
    while len(rows) > 2:
        triples = [rows[start : start + 3] for start in range(0, len(rows) // 3 * 3, 3)]
        rest, rows = rows[3 * len(triples) :], []
        for triple in triples:
            found = _full_adder(triple, carry_ins, (1 << width) - 1)
            full_adders += _below(found[0], min(top + max(row.depth for row in triple), width - 1))
            rows += found[1:]
        rows += rest
    if len(rows) < 2:
        return full_adders, 0
    first, second = rows
    meet = first.live & second.live | first.made | second.made
    return full_adders, _below(meet, top + max(first.depth, second.depth))


def _below(columns: int, limit: int) -> int:
    return (columns & ((1 << limit) - 1)).bit_count()


def _rows(terms: Sequence[Term], constant: int, width: int) -> list[Row]:
    """The bits column by column, a constant first, each as low in the list as it can be.

    A term is subtracted as its complement and one: zeros around it become ones, which join the constant.
    """
    everywhere = (1 << width) - 1
    masks = [term.places(width) for term in terms]
    for term, mask in zip(terms, masks):
        if term.negative:
            constant += (everywhere & ~mask) + 1
    constant &= everywhere
    rows = [[0, constant]] if constant else []
    for mask in masks:
        left = mask
        for row in rows:
            taken = left & ~(row[0] | row[1])
            row[0] |= taken
            left &= ~taken
        if left:
            rows.append([left, 0])
    return [Row(*row) for row in rows]


def _packed(rows: list[Row]) -> tuple[list[Row], list[int]]:
    """Rows of the lowest columns alone go to the carry inputs of the others, bit by bit, where there is room.

    Returns:
        the other rows; for each carry input that is taken, whether its bit is live.
    """
    packed: list[int] = []
    kept = 0
    while kept < len(rows):
        kept += 1
        while len(rows) > kept:
            last = rows[-1].live | rows[-1].ones
            if last.bit_length() > _HIGHEST_CARRY_IN + 1 or last > kept - 1 - len(packed):
                break
            for column in range(last.bit_length()):
                packed += [rows[-1].live >> column & 1] * (last & 1 << column)
            rows = rows[:-1]
    return rows, packed


def _full_adder(triple: Sequence[Row], carry_ins: list[int], everywhere: int) -> tuple[int, Row, Row]:
    """The columns in which at least two bits are live, the sums, and the carries one column higher."""
    a, b, c = triple
    any_live = a.live | b.live | c.live
    two_live = a.live & b.live | a.live & c.live | b.live & c.live
    odd_ones, two_ones = a.ones ^ b.ones ^ c.ones, a.ones & b.ones | a.ones & c.ones | b.ones & c.ones
    one_live = any_live & ~two_live
    passed = one_live & odd_ones  # of a one and a zero the third decides
    made = a.made | b.made | c.made
    depth = max(row.depth for row in triple)
    carry_in = carry_ins.pop() if carry_ins else None
    sums = Row(any_live, odd_ones & ~any_live, two_live | one_live & made, depth)
    carries = Row(
        ((two_live | passed) << 1 | (carry_in == 1)) & everywhere,
        ((two_ones & ~two_live & ~passed) << 1 | (carry_in == 0)) & everywhere,
        ((two_live | passed & made) << 1) & everywhere,
        depth + 1,
    )
    return two_live, sums, carries
