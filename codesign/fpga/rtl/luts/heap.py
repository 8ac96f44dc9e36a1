"""Sums of many bits: adders of three, column by column, which take two bits away for each LUT.

A column of weight ``2**j`` holds literals. While a column is too high, chains of adders run over all columns of three
or more bits; each leaves one bit a column, and two behind its last. One last chain adds what is left. 6:3 and 7:3
counters in LUTs, full adders in LUT6_2 and binary carry chains take one bit away for each LUT, the counters on carry
chains of Preusser (FPL 2017) up to 1.75, these long chains two.
"""

from collections.abc import Sequence

from codesign.fpga.rtl.luts.adder import TERNARY_LEVELS, add_columns
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.truth import FALSE

_IN_LAST = 5  # bits in a column whose carry nobody takes

Columns = list[list[int]]


def add_up(netlist: Netlist, columns: Columns) -> list[int]:
    """Return the literals of the sum modulo ``2**len(columns)``.

    Args:
        netlist: to which the adders are added.
        columns: literals of each weight; they are used up.
    """
    columns = [[one for one in column if one != FALSE] for column in columns]
    stage = min((netlist.ready(one) for column in columns for one in column), default=0)
    while any(len(column) > 1 for column in columns):
        if _is_last(columns) and _all_ready(netlist, columns, stage):
            return _last(netlist, columns, stage)
        stage = _round(netlist, columns, stage)
    return [column[0] if column else FALSE for column in columns]


def _first(columns: Columns) -> int:
    """The lowest column in which there is something to add."""
    return next(place for place, column in enumerate(columns) if len(column) > 1)


def _is_last(columns: Columns) -> bool:
    """Whether one chain can add all."""
    heights = [len(column) for column in columns]
    first, last = _first(columns), len(columns) - 1
    limits = [_IN_LAST if place == last else 3 + (place == first) for place in range(len(columns))]
    return all(height <= limit for height, limit in zip(heights, limits))


def _all_ready(netlist: Netlist, columns: Columns, stage: int) -> bool:
    levels = TERNARY_LEVELS if any(len(column) > 2 for column in columns) else 1
    return all(netlist.ready(one, levels) <= stage for column in columns for one in column)


def _round(netlist: Netlist, columns: Columns, stage: int) -> int:
    """Add what is ready by chains of threes, and return the next stage in which there is something to do."""
    waiting = [[one for one in column if netlist.ready(one, TERNARY_LEVELS) > stage] for column in columns]
    ready = [[one for one in column if one not in late] for column, late in zip(columns, waiting)]
    made: Columns = [[] for _ in (*columns, ())]
    spare = _spare([len(column) for column in columns])
    while (run := _run(ready, spare)) is not None:
        start, end, slot = run
        taken = [_take(netlist, ready[place], 3) for place in range(start, end)]
        extra = _take_slot(ready[start]) if slot else FALSE
        wraps = end == len(columns)
        sums, behind = add_columns(netlist, taken, extra, stage, wraps=wraps)
        for place, one in enumerate(sums, start):
            made[place].append(one)
            spare[place] -= 2 + (slot and place == start)
        made[end].extend(behind)
        if not wraps:
            spare[end] += len(behind)
    columns[:] = [[*left, *late, *new] for left, late, new in zip(ready, waiting, made)]
    return stage + 1


def _spare(heights: Sequence[int]) -> list[int]:
    """How many bits of each column have to go before the last chain can take the rest, by threes."""
    return [height - 3 for height in heights] if max(heights) <= 9 else list(heights)


def _run(columns: Columns, spare: Sequence[int]) -> tuple[int, int, bool] | None:
    """Columns (start, end) of the next chain, and whether one more bit of the first goes in."""
    can = [len(column) >= 3 and extra > 0 for column, extra in zip(columns, spare)]
    if not any(can):
        return None
    start = can.index(True)
    end = next((place for place in range(start, len(columns)) if not can[place]), len(columns))
    return start, end, len(columns[start]) > 3 and spare[start] > 2


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
    first, n = _first(columns), len(columns)
    end = max(place for place, column in enumerate(columns) if column) + 1
    most = sum(len(column) << place for place, column in enumerate(columns))
    while end < n and most >> end:
        end += 1
    below = [column[0] if column else FALSE for column in columns[:first]]
    rows = [list(column) for column in columns[first:end]]
    slot = _take_slot(rows[0]) if len(rows[0]) > 3 and end - first > 1 else FALSE
    sums, _ = add_columns(netlist, rows, slot, stage, wraps=True)
    return [*below, *sums, *[FALSE] * (n - end)]
