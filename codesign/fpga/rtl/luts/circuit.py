"""TableCircuit: a network of thresholds, tables and sums as the LUTs and carry chains of an FPGA."""

from dataclasses import dataclass

import numpy as np

from codesign.fpga.rtl.luts.cells import Cells, into_cells
from codesign.fpga.rtl.luts.lower import lowered
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.sums import built
from codesign.fpga.rtl.luts.words import Word
from codesign.network import FixedPoint, Network


@dataclass(frozen=True, eq=False)
class TableCircuit:
    """A network in cells.

    Args:
        network: whose function it is, with every type set.
        netlist: its cells.
        outputs: a word for each value that goes out, of positive literals.
        cells: what is built.
        latency_cycles: clocks from the registers of the inputs to those of the outputs.
    """

    network: Network
    netlist: Netlist
    outputs: tuple[Word, ...]
    cells: Cells
    latency_cycles: int

    @property
    def lut(self) -> int:
        """LUTs."""
        return len(self.cells.luts)

    @property
    def lut_by_node(self) -> dict[str, float]:
        """LUTs of each node; of a LUT that two functions share each has half."""
        costs = dict.fromkeys((node.name for node in self.network.nodes), 0.0)
        for cell in self.cells.luts:
            for signal in cell:
                costs[self.netlist.owners[signal]] += 1 / len(cell)
        return costs

    @property
    def levels(self) -> int:
        """LUTs and carry chains on the longest way from an input to an output."""
        return max((self.netlist.depths[bit >> 1] for bit in self.output_bits), default=0)

    @property
    def output_bits(self) -> tuple[int, ...]:
        """Literals of the outputs side by side."""
        return tuple(bit for word in self.outputs for bit in word.bits)


def trace_tables(network: Network, levels_per_stage: int = 4) -> TableCircuit:
    """Return the cells of a network of thresholds, bits, tables, segment sums, and what moves values.

    Args:
        network: with every type set.
        levels_per_stage: LUTs one behind the other between two registers, at most.
    """
    netlist = Netlist(levels_per_stage)
    values = _input_words(network, netlist)
    lowered(network, netlist, values)
    words = [built(netlist, term) for name in network.outputs for term in values[name].ravel()]
    outputs = tuple(_positive(netlist, word) for word in words)
    bits = [bit for word in outputs for bit in word.bits]
    end = max((netlist.times[one >> 1][0] + (netlist.times[one >> 1][1] > 0) for one in bits), default=0)
    end = max(end, 1)
    return TableCircuit(network, netlist, outputs, into_cells(netlist, bits, end), end)


def _input_words(network: Network, netlist: Netlist) -> dict[str, np.ndarray]:
    """Words of the inputs: the bits of each code, side by side in the bus."""
    found, place = {}, 0
    for one in network.inputs:
        words = np.empty(int(np.prod(one.shape)), dtype=object)
        kinds = (np.broadcast_to(part, one.shape).ravel().tolist() for part in _parts(one.precision))
        for i, (width, signed, fraction, low, high) in enumerate(zip(*kinds)):
            bits = tuple(netlist.wire(0, place + k) for k in range(width))
            words[i] = Word(bits, bool(signed) and width > 0, int(fraction), int(low), int(high))
            place += width
        found[one.name] = words.reshape(one.shape)
    return found


def _parts(precision: FixedPoint) -> tuple:
    return precision.width, precision.signed, precision.fraction, precision.code_low, precision.code_high


def _positive(netlist: Netlist, word: Word) -> Word:
    """A word without complements: a LUT that gives one gives the other instead."""
    bits = tuple(2 * netlist.complement(one >> 1) if one & 1 and one >> 1 else one for one in word.bits)
    return Word(bits, word.signed, word.fraction, word.low, word.high)
