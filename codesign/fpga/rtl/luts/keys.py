"""Keys: comparators of a code with constants, in LUTs that two of them can share.

``x >= c`` depends on the bits of x above the trailing zeros of c alone. One bit is a wire. Up to six are one LUT, up to
five half a one, because another comparator of the same bits goes into the same LUT6_2. More are cut: at the top three
bits and what the rest says (of two comparators five inputs: again one LUT6_2), down to a lowest part of at most five.
"""

import numpy as np

from codesign.fpga.rtl.luts.netlist import LUT_INPUTS, Netlist
from codesign.fpga.rtl.luts.truth import FALSE, TRUE
from codesign.fpga.rtl.luts.words import Word

_DIGIT = 3


def at_least(netlist: Netlist, word: Word, code: int) -> int:
    """Return the literal of ``word >= code``."""
    if code <= word.low:
        return TRUE
    if code > word.high:
        return FALSE
    bits = list(word.bits)
    if word.signed:
        bits[-1] ^= 1
        code += 1 << (len(bits) - 1)
    zeros = (code & -code).bit_length() - 1
    return _compared(netlist, bits[zeros:], code >> zeros)


def _compared(netlist: Netlist, bits: list[int], code: int) -> int:
    """The comparison of bits with an odd code: the digits from the highest on, each with what the lower ones say."""
    if len(bits) <= LUT_INPUTS:
        return netlist.function(bits, np.arange(1 << len(bits)) >= code)
    split = len(bits) - _DIGIT
    below = _compared(netlist, bits[:split], code & ((1 << split) - 1))
    digits = np.arange(1 << (_DIGIT + 1))  # the lowest bit is what the lower digits say
    return netlist.function([below, *bits[split:]], digits > 2 * (code >> split))
