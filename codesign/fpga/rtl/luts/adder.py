"""One carry chain that adds up to three bits at each place: a LUT each, O5 of which is the majority for the next.

Sum and majority leave a slice of AMD's by one pin, unless the sum goes into the flip-flop beside it. Where it is taken
in the same stage, place and route moves the majority into a LUT of its own, which Yosys does not count: with up to
two levels between registers there are none of these.
"""

from collections.abc import Sequence

import numpy as np

from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.truth import FALSE, TRUE, packed, plain, substituted, supported

TERNARY_LEVELS = 2  # the majority of one place is an input of the next place's LUT
_PARITY = [np.array([bin(i).count("1") & 1 for i in range(1 << n)]) for n in range(9)]
_MAJORITY = np.array([bin(i).count("1") > 1 for i in range(8)]).astype(np.int64)


def add_columns(
    netlist: Netlist,
    columns: Sequence[Sequence[int]],
    slot: int,
    stage: int,
    *,
    wraps: bool,
    carry: int = FALSE,
) -> tuple[list[int], list[int]]:
    """Return the sum of columns of bits: a literal for each, and those that go into the column behind the last.

    Args:
        netlist: to which the chain is added.
        columns: up to three literals each, the lowest weight first; the last, if it wraps, up to five.
        slot: one more literal of the lowest column, or FALSE.
        stage: in which the chain works.
        wraps: whether nothing is kept above the last column.
        carry: one more literal of the lowest column, no complement. It takes the pin by which a summand goes into the
            carry, so that the lowest column has a bit of a table as its second, which comes out of the LUT itself.
    """
    s, d, middle = [], [], slot
    for place, bits in enumerate(columns):
        is_last = wraps and place == len(columns) - 1
        if place == 0 and carry >> 1:
            one, other, middle = *_with_table(netlist, bits, stage), FALSE
        else:
            one, other, middle = _place(netlist, bits, middle, stage, is_last)
        s.append(one)
        d.append(other)
    sums, behind = netlist.chain(s, d, stage, carry)
    behind = behind if any(d) or carry else FALSE
    return sums, [] if wraps else [one for one in (middle, behind) if one != FALSE]


def _with_table(netlist: Netlist, bits: Sequence[int], stage: int) -> tuple[int, int]:
    """A place whose second bit is made by its LUT: O5, which is the parity, O6, for the first bit at 0."""
    bit, made = bits
    table = netlist.cells[made >> 1]
    truth = table.truth ^ ((1 << (1 << len(table.inputs))) - 1) * (made & 1)
    signals, parity = substituted((bit >> 1, made >> 1), 0b0110, made >> 1, (table.inputs, truth))
    s = netlist.lut(signals, parity, stage)
    return s, netlist.lut(table.inputs, truth, stage, beside=s >> 1)


def _place(netlist: Netlist, bits: Sequence[int], middle: int, stage: int, is_last: bool) -> tuple[int, int, int]:
    """Add one place: its s, its d, and what the next place has to add."""
    summands = [one for one in (*bits, middle) if one != FALSE]
    s = _own(netlist, summands, stage)
    if is_last or len(summands) < 2:
        return s, FALSE, FALSE
    if len(summands) == 2:
        return s, _passed(netlist, summands, s, stage), FALSE
    if middle == FALSE:
        return s, FALSE, _majority(netlist, bits, s, stage)
    return s, _passed(netlist, [middle], s, stage), _majority(netlist, bits, s, stage)


def _own(netlist: Netlist, literals: Sequence[int], stage: int) -> int:
    """The parity of literals, by a LUT in front of the chain; a wire that is passed is one too, a constant is none."""
    signals, values = plain(literals, _PARITY[len(literals)])
    signals, truth = supported(signals, packed(values))
    return netlist.lut(signals, truth, stage) if signals else [FALSE, TRUE][truth]


def _passed(netlist: Netlist, literals: Sequence[int], s: int, stage: int) -> int:
    """One of the summands as it goes into the carry: a complement has to be made, beside the parity."""
    straight = sorted(one for one in literals if not one & 1 or one == TRUE)  # a constant first
    if straight:
        return straight[0]
    return netlist.lut([literals[0] >> 1], 1, stage, beside=s >> 1)


def _majority(netlist: Netlist, bits: Sequence[int], s: int, stage: int) -> int:
    literals = (*bits, *[FALSE] * (3 - len(bits)))
    signals, values = plain(literals, _MAJORITY)
    signals, truth = supported(signals, packed(values))
    if len(signals) < 2 and truth in (0, 2):
        return 2 * signals[0] if signals else FALSE
    return netlist.lut(signals, truth, stage, beside=s >> 1) if signals else TRUE
