"""Segment sums: terms to columns of bits, and constants into the tables, where they cost nothing."""

from collections import Counter
from collections.abc import Sequence
from itertools import product
from math import gcd

import numpy as np

from codesign.fpga.rtl.luts.heap import add_up
from codesign.fpga.rtl.luts.netlist import Lut, Netlist
from codesign.fpga.rtl.luts.truth import TRUE
from codesign.fpga.rtl.luts.words import TableWord, Word, bits_of

Term = Word | TableWord
_SHARES = (0.5, 1.0)  # of the tables of few keys that are tried in adders


def summed(netlist: Netlist, terms: Sequence[tuple[Term, int]], offset: int, fraction: int) -> Word:
    """Return the sum of terms and a constant.

    Args:
        netlist: to which tables and adders are added.
        terms: each with the shift that brings its code to the step of the sum.
        offset: in that step.
        fraction: of the sum.
    """
    low = offset + sum(term.low << shift for term, shift in terms)
    high = offset + sum(term.high << shift for term, shift in terms)
    width, signed = bits_of(low, high)
    columns: list[list[int]] = [[] for _ in range(width)]
    tables = [(term, shift) for term, shift in terms if isinstance(term, TableWord)]
    for term, shift in terms:
        if isinstance(term, Word):
            offset += _spread(columns, term, shift)
    rest = (offset + sum(term.low << shift for term, shift in tables)) & ((1 << width) - 1)
    steps = [gcd(*(term.codes - term.low).tolist()) << shift for term, shift in tables]
    rest, added = _absorbed(tables, steps, rest, _prices(columns, tables))
    rows: list[list[int]] = []
    for (term, shift), more in zip(tables, added):
        codes = (term.codes - term.low << shift) + more
        rows.append(_table_bits(netlist, term, codes))
        _put(columns, rows[-1])
    _put(columns, [rest >> place & 1 for place in range(width)])
    return Word(tuple(_cheapest_sum(netlist, columns, rows)), signed, fraction, low, high)


def _cheapest_sum(netlist: Netlist, columns: list[list[int]], rows: Sequence[Sequence[int]]) -> list[int]:
    """Add up in the cheapest way: tables of few keys in LUTs that two bits share, or some or all of them in adders."""
    narrow = [row for row in rows if any(row) and all(netlist.fits_beside(one) for one in row if one >> 1)]
    narrow.sort(key=lambda row: sum(one >> 1 > 0 for one in row) % 2 == 0)  # an odd bit has half a LUT to itself
    odd = sum(sum(one >> 1 > 0 for one in row) % 2 for row in narrow)
    size, tried = netlist.size(), []
    counts = sorted({0, odd, *(round(share * len(narrow)) for share in _SHARES)})
    ways = product(counts, (False, True)) if netlist.thorough else [(odd, False)]
    for count, waits in ways:
        made = add_up(netlist, columns, narrow[:count], waits=waits)
        latest = max((netlist.times[one >> 1] for one in made), default=(0, 0))
        tried.append((_sum_cost(netlist, size, columns), latest, count, waits))
        netlist.cut(size)
    *_, count, waits = min(tried)
    return add_up(netlist, columns, narrow[:count], waits=waits)


def _sum_cost(netlist: Netlist, size: tuple[int, int], columns: list[list[int]]) -> float:
    """LUTs of the chains since then, and of the tables that they do not make."""
    bits = {one >> 1 for column in columns for one in column if isinstance(netlist.cells[one >> 1], Lut)}
    known = {_up_to_sign(netlist.cells[one]): one for one in bits}
    cost = 0.0
    for cell in netlist.cells[size[0] :]:
        if isinstance(cell, Lut) and cell.beside:
            bits.discard(known.get(_up_to_sign(cell)))
        elif isinstance(cell, Lut):
            cost += 1
            inside = [one for one in cell.inputs if one in bits]
            if len(cell.inputs) == 2:
                inside = [one for one in inside if netlist.fits_beside(2 * one)]
            bits -= set(inside[-1:]) if len(cell.inputs) < 3 else set()
    narrow = Counter(netlist.cells[one].inputs for one in bits if netlist.fits_beside(2 * one))
    return cost + len(bits) - sum(count // 2 for count in narrow.values())


def _up_to_sign(lut: Lut) -> tuple[tuple[int, ...], int]:
    return lut.inputs, min(lut.truth, lut.truth ^ ((1 << (1 << len(lut.inputs))) - 1))


def built(netlist: Netlist, term: Term) -> Word:
    """Return a table as it is, with the bits of its codes."""
    if isinstance(term, Word):
        return term
    width, signed = bits_of(term.low, term.high)
    bits = _table_bits(netlist, term, term.codes & ((1 << width) - 1))
    bits += [0] * (width - len(bits))
    return Word(tuple(bits), signed, term.fraction, term.low, term.high)


def _table_bits(netlist: Netlist, term: TableWord, codes: np.ndarray) -> list[int]:
    with netlist.owned(term.owner):
        return [netlist.function(term.keys, codes >> place & 1) for place in range(int(codes.max()).bit_length())]


def _put(columns: list[list[int]], bits: Sequence[int]) -> None:
    for column, one in zip(columns, bits):
        column.append(one)


def _spread(columns: list[list[int]], word: Word, shift: int) -> int:
    """Put a word's bits into columns; a sign goes in as its complement, and what that adds too much is returned."""
    bits, surplus = list(word.bits), 0
    if word.signed:
        bits[-1] ^= TRUE
        surplus = -1 << (len(bits) - 1 + shift)
    for place, one in enumerate(bits, shift):
        if place < len(columns):
            columns[place].append(one)
    return surplus


def _prices(columns: Sequence[Sequence[int]], tables: Sequence[tuple[TableWord, int]]) -> list[float]:
    """What a constant 1 costs in each column: next to nothing where adders only carry on, or at the top."""
    heights = [len(column) for column in columns]
    for term, shift in tables:
        for place in range(min(shift, len(heights)), min((term.high - term.low << shift).bit_length(), len(heights))):
            heights[place] += 1
    return [0.0 if place == len(heights) - 1 else 0.5 if h > 1 else 0.1 for place, h in enumerate(heights)]


def _absorbed(
    tables: Sequence[tuple[TableWord, int]], steps: Sequence[int], rest: int, prices: Sequence[float]
) -> tuple[int, list[int]]:
    """Take a constant into tables as far as their bits hold more, so that what remains is cheap.

    Returns:
        what remains, and what is added to each table.
    """
    top = rest & (1 << (len(prices) - 1)) if prices else 0  # an inverter in the last sum: free
    goal, added = rest - top, [0] * len(tables)
    order = sorted((i for i, step in enumerate(steps) if step), key=lambda i: -steps[i])
    room = [_room(term, shift, step) for (term, shift), step in zip(tables, steps)]
    for i in order:
        added[i] = min(room[i], goal - sum(added)) // steps[i] * steps[i]
    left = goal - sum(added)
    for i in reversed(order):
        best = _cheapest(left, left + added[i], steps[i], prices)
        added[i] -= best - left
        left = best
    return top + left, added


def _room(term: TableWord, shift: int, step: int) -> int:
    """How much may be added to a table's codes from 0 on before they need a bit more."""
    if not step:
        return 0
    most = (term.high - term.low << shift) // step
    return ((1 << most.bit_length()) - 1 - most) * step


def _cheapest(low: int, high: int, step: int, prices: Sequence[float]) -> int:
    """The number low + k step within limits whose ones are the cheapest, among those of the most trailing zeros."""
    rounded = [(low + (1 << zeros) - 1 >> zeros) << zeros for zeros in range(high.bit_length() + 1)]
    fitting = [low, *(one for one in rounded if one <= high and (one - low) % step == 0)]
    return min(fitting, key=lambda one: sum(price for place, price in enumerate(prices) if one >> place & 1))
