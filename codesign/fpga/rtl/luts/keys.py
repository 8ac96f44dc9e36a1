"""Keys: comparators of a code with constants, in LUTs that two of them can share.

``x >= c`` depends on the bits of x above the trailing zeros of c alone. One bit is a wire. Up to six are one LUT, up to
five half a one, because another comparator of the same bits goes into the same LUT6_2. More are cut: at the top three
bits and what the rest says (of two comparators five inputs: again one LUT6_2), down to a lowest part of at most five.
Six are cut too, where a value has so many comparators of six bits that their lower halves, of which there are only
four, are shared.
"""

from collections.abc import Sequence

import numpy as np

from codesign.fpga.rtl.luts.netlist import LUT_INPUTS, Netlist
from codesign.fpga.rtl.luts.truth import FALSE, TRUE
from codesign.fpga.rtl.luts.words import Word

_DIGIT = 3


def at_least(netlist: Netlist, word: Word, codes: Sequence[int]) -> list[int]:
    """Return the literal of ``word >= code`` for each code."""
    bits, shift = list(word.bits), 0
    if word.signed:
        bits[-1] ^= 1
        shift = 1 << (len(bits) - 1)
    inside = [code + shift if word.low < code <= word.high else 0 for code in codes]
    widest = LUT_INPUTS - _shares_halves(inside, len(bits))
    known = [_compared(netlist, bits[_zeros(code) :], code >> _zeros(code), widest) if code else 0 for code in inside]
    return [one if at else TRUE if code <= word.low else FALSE for code, at, one in zip(codes, inside, known)]


def _shares_halves(codes: Sequence[int], width: int) -> bool:
    """Whether comparators of six bits are cheaper in halves."""
    full = {code >> _zeros(code) for code in codes if code and width - _zeros(code) == LUT_INPUTS}
    return len({code % (1 << (LUT_INPUTS - _DIGIT)) for code in full}) < len(full)


def _zeros(code: int) -> int:
    return (code & -code).bit_length() - 1


def _compared(netlist: Netlist, bits: Sequence[int], code: int, widest: int) -> int:
    """The comparison of bits with an odd code: the digits from the highest on, each with what the lower ones say."""
    if len(bits) <= widest:
        return netlist.function(bits, np.arange(1 << len(bits)) >= code)
    split = len(bits) - _DIGIT
    below = _compared(netlist, bits[:split], code & ((1 << split) - 1), widest)
    digits = np.arange(1 << (_DIGIT + 1))  # the lowest bit is what the lower digits say
    return netlist.function([below, *bits[split:]], digits > 2 * (code >> split))
