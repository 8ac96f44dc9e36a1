"""Sums of many bits: adders of three, column by column, which take two bits away for each LUT.

A column of weight ``2**j`` holds literals. While a column is too high, chains of adders run over all columns of three
or more bits; each leaves one bit a column, and two behind its last. One last chain adds what is left. 6:3 and 7:3
counters in LUTs, full adders in LUT6_2 and binary carry chains take one bit away for each LUT, the counters on carry
chains of Preusser (FPL 2017) up to 1.75, these long chains two.
"""

from collections.abc import Sequence

from codesign.fpga.rtl.luts.adder import TERNARY_LEVELS, add_columns
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.plan import Run, first_to_add, is_last, planned
from codesign.fpga.rtl.luts.truth import FALSE, TRUE

Columns = list[list[int]]


def add_up(netlist: Netlist, columns: Columns, rows: Sequence[Sequence[int]] = (), *, waits: bool = False) -> list[int]:
    """Return the literals of the sum modulo ``2**len(columns)``.

    Args:
        netlist: to which the adders are added.
        columns: literals of each weight; they are used up.
        rows: literals of one table each, in as many columns from the first on, that had better be made by adders.
        waits: whether adders of three wait until all bits are there.
    """
    columns = [[one for one in column if one != FALSE] for column in columns]
    for row in rows:
        _make_in_adders(netlist, columns, row)
    present = [one for column in columns for one in column]
    stage = min(map(netlist.ready, present), default=0)
    if waits:
        stage = max((netlist.ready(one, TERNARY_LEVELS) for one in present), default=0)
    while any(len(column) > 1 for column in columns):
        heights = [len(column) for column in columns]
        if is_last(heights) and _all_ready(netlist, columns, stage):
            return _last(netlist, columns, stage)
        ready = [[one for one in column if netlist.ready(one, TERNARY_LEVELS) <= stage] for column in columns]
        late = [[one for one in column if one not in have] for column, have in zip(columns, ready)]
        plan = planned(tuple(map(len, ready)))
        made = _round(netlist, ready, plan[0] if plan else (), stage)
        columns = [[*left, *waiting, *new] for left, waiting, new in zip(ready, late, made)]
        stage = max((netlist.ready(one, TERNARY_LEVELS) for column in made for one in column), default=stage + 1)
    return [column[0] if column else FALSE for column in columns]


def _make_in_adders(netlist: Netlist, columns: Columns, row: Sequence[int]) -> None:
    """Add a table to a bit of each of its columns that no adder can make, where one chain will not add all."""
    first = next(place for place, one in enumerate(row) if one != FALSE)
    if any(one >> 1 == 0 for one in row[first:]):
        return
    chosen, stage = [], max(netlist.ready(one) for one in row)
    for place in range(first, len(row)):
        others = [one for one in columns[place] if one != TRUE and not netlist.fits_beside(one)]
        others = [one for one in others if netlist.ready(one) <= stage]
        if row[place] not in columns[place] or not others:
            return
        chosen.append([others[0], row[place]])
    if is_last([len(column) for column in columns]):
        return
    for place, bits in enumerate(chosen, first):
        for one in bits:
            columns[place].remove(one)
    wraps, carry = len(row) == len(columns), FALSE
    free = [one for one in columns[first] if not one & 1 and netlist.ready(one) <= stage and one != row[first]]
    if free and not chosen[0][0] & 1 and not wraps:
        carry = sorted(free, key=netlist.fits_beside)[0]
        columns[first].remove(carry)
    sums, behind = add_columns(netlist, chosen, FALSE, stage, wraps=wraps, carry=carry)
    for place, bits in enumerate([*([one] for one in sums), behind], first):
        if place < len(columns):
            columns[place].extend(bits)


def _all_ready(netlist: Netlist, columns: Columns, stage: int) -> bool:
    levels = TERNARY_LEVELS if any(len(column) > 2 for column in columns) else 1
    return all(netlist.ready(one, levels) <= stage for column in columns for one in column)


def _round(netlist: Netlist, ready: Columns, runs: tuple[Run, ...], stage: int) -> Columns:
    """Add by chains, which take their bits out of the columns; returns what they leave in each."""
    made: Columns = [[] for _ in (*ready, ())]
    for run in runs:
        taken = [_take(netlist, ready[place], count) for place, count in enumerate(run.counts, run.start)]
        slot = _take_slot(ready[run.start]) if run.has_slot else FALSE
        sums, behind = add_columns(netlist, taken, slot, stage, wraps=run.end == len(ready))
        for place, one in enumerate(sums, run.start):
            made[place].append(one)
        made[run.end].extend(behind)
    return made


def _take(netlist: Netlist, column: list[int], count: int) -> list[int]:
    """Take bits out of a column: those first that the LUT of a place could not make itself, and the earliest."""
    column.sort(key=lambda one: (netlist.fits_beside(one), netlist.times[one >> 1]))
    taken, column[:] = column[:count], column[count:]
    return taken


def _take_slot(column: list[int]) -> int:
    """Take one bit more, if possible no complement, which would have to be made."""
    place = next((i for i, one in enumerate(column) if not one & 1), 0)
    return column.pop(place)


def _last(netlist: Netlist, columns: Columns, stage: int) -> list[int]:
    """Add the rest by one chain, which ends where nothing can be carried on."""
    first, n = first_to_add([len(column) for column in columns]), len(columns)
    end = max(place for place, column in enumerate(columns) if column) + 1
    most = sum(len(column) << place for place, column in enumerate(columns))
    while end < n and most >> end:
        end += 1
    below = [column[0] if column else FALSE for column in columns[:first]]
    rows = [list(column) for column in columns[first:end]]
    slot = _take_slot(rows[0]) if len(rows[0]) > 3 and end - first > 1 else FALSE
    sums, _ = add_columns(netlist, rows, slot, stage, wraps=True)
    return [*below, *sums, *[FALSE] * (n - end)]
