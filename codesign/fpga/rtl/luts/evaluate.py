"""The value of every signal of a netlist for many events, without its registers."""

from collections.abc import Sequence

import numpy as np

from codesign.fpga.rtl.luts.netlist import ChainBit, Lut, Mux, Netlist, Wire
from codesign.fpga.rtl.luts.truth import spelled, unpacked


def evaluate(netlist: Netlist, sources: Sequence[np.ndarray], outputs: Sequence[int]) -> np.ndarray:
    """Return (n_events, n_bits) bool of literals.

    Args:
        netlist: complete.
        sources: (n_events, n_bits) bool of the inputs, and of a circuit in front.
        outputs: literals.
    """
    n = len(sources[0])
    bits: dict[int, np.ndarray] = {0: np.zeros(n, bool)}
    carries: dict[int, list[np.ndarray]] = {}
    for signal in range(1, len(netlist.cells)):
        bits[signal] = _value(netlist, signal, bits, sources, carries)
    found = [bits[one >> 1] ^ bool(one & 1) for one in outputs]
    return np.stack(found, 1) if found else np.zeros((n, 0), bool)


def _value(netlist: Netlist, signal: int, bits: dict, sources: Sequence[np.ndarray], carries: dict) -> np.ndarray:
    match netlist.cells[signal]:
        case Wire(source=source, bit=bit):
            return sources[source][:, bit]
        case Lut(inputs=inputs, truth=truth):
            return unpacked(truth, len(inputs))[spelled(inputs, bits, len(bits[0]))]
        case Mux(select=select, low=low, high=high):
            return np.where(bits[select], bits[high], bits[low])
        case ChainBit(chain=index, place=place, is_carry=is_carry):
            if index not in carries:
                carries[index] = _carries(netlist, index, bits)
            s = netlist.chains[index].s[place]
            return carries[index][place + 1] if is_carry else _literal(bits, s) ^ carries[index][place]


def _carries(netlist: Netlist, index: int, bits: dict[int, np.ndarray]) -> list[np.ndarray]:
    found = [_literal(bits, netlist.chains[index].carry)]
    for s, d in zip(netlist.chains[index].s, netlist.chains[index].d):
        found.append(np.where(_literal(bits, s), found[-1], _literal(bits, d)))
    return found


def _literal(bits: dict[int, np.ndarray], literal: int) -> np.ndarray:
    return bits[literal >> 1] ^ bool(literal & 1)
