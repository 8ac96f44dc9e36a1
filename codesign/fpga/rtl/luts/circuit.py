"""TableCircuit: a network of thresholds, tables and sums as the LUTs and carry chains of an FPGA, in a pipeline."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from codesign.fpga.rtl.luts.cells import Cells, into_cells
from codesign.fpga.rtl.luts.front import Front
from codesign.fpga.rtl.luts.lower import lowered
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.sums import built
from codesign.fpga.rtl.luts.words import Word
from codesign.fpga.rtl.project import Port
from codesign.network import Network


@dataclass(frozen=True, eq=False)
class TableCircuit:
    """A network in cells.

    Args:
        network: whose function it is, with every type set.
        netlist: its cells.
        front: additions in front.
        outputs: a word for each value that goes out, of positive literals, in the step of its type.
        cells: what is built.
        latency_cycles: clocks from the registers of the inputs to those of the outputs.
    """

    network: Network
    netlist: Netlist
    front: Front | None
    outputs: tuple[Word, ...]
    cells: Cells
    latency_cycles: int

    @property
    def lut(self) -> int:
        """LUTs, without those of the front."""
        return len(self.cells.luts)

    @property
    def lut_by_node(self) -> dict[str, float]:
        """LUTs of each node that is not in front; of a LUT that two functions share each has half."""
        before = set() if self.front is None else {node.name for node in self.front.graph.network.nodes}
        costs = {node.name: 0.0 for node in self.network.nodes if node.name not in before}
        for _, name, lut in self.works:
            costs[name] += lut
        return costs

    @property
    def works(self) -> Iterator[tuple[int, str, float]]:
        """Yield (stage, node, LUTs) of each function, which has half of a LUT that it shares."""
        for cell in self.cells.luts:
            for signal in cell:
                yield self.netlist.born[signal], self.netlist.owners[signal], 1 / len(cell)

    @property
    def levels(self) -> int:
        """LUTs, carry chains and additions on the longest way from an input to an output."""
        return max((self.netlist.depths[bit >> 1] for bit in self.output_bits), default=0)

    @property
    def register_bits(self) -> int:
        """All registers, those at the input and the output included."""
        return self.cells.register_bits + (0 if self.front is None else self.front.register_bits)

    @property
    def output_bits(self) -> tuple[int, ...]:
        """Literals of the outputs side by side."""
        return tuple(bit for word in self.outputs for bit in word.bits)

    def codes(self, bits: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs) int64 of the outputs' bits, (n_events, n_bits) bool."""
        found, start = np.zeros((len(bits), len(self.outputs)), np.int64), 0
        for i, word in enumerate(self.outputs):
            part = bits[:, start : start + len(word.bits)].astype(np.int64)
            found[:, i] = (part << np.arange(len(word.bits))).sum(1)
            if word.signed and word.bits:
                found[:, i] -= part[:, -1] << len(word.bits)
            start += len(word.bits)
        return found


def traced(
    network: Network, levels_per_stage: int, front: Front | None = None, *, thorough: bool = True
) -> TableCircuit:
    """Return the cells of a network of thresholds, bits, tables, segment sums, and what moves values.

    Args:
        network: with every type set.
        levels_per_stage: LUTs one behind the other between two registers, at most.
        front: what gives the values of other nodes.
        thorough: whether several ways to add are tried for each sum: in a sixth of the time some LUTs more.

    Raises:
        UnsupportedLayerError: for other ops that are not in front.
        PrecisionError: for a cast that takes logic.
    """
    netlist = Netlist(levels_per_stage, thorough)
    values = _input_words(network, netlist) | ({} if front is None else front.words(netlist))
    lowered(network, netlist, values)
    words, fractions = [], np.broadcast_to(network.output_precision.fraction, network.n_outputs).tolist()
    for name in network.outputs:
        with netlist.owned(name):
            words += [built(netlist, term) for term in values[name].ravel()]
    owners = [name for name in network.outputs for _ in values[name].ravel()]
    outputs = tuple(_finished(netlist, *one) for one in zip(words, fractions, owners))
    bits = [bit for word in outputs for bit in word.bits]
    times = [netlist.times[one >> 1] for one in bits]
    end = max([1, *(stage + (level > 0) for stage, level in times)])
    return TableCircuit(network, netlist, front, outputs, into_cells(netlist, bits, end), end)


def input_ports(network: Network) -> tuple[Port, ...]:
    """Return where the inputs lie in the bus: all bits of their types."""
    kind, n = network.input_precision, network.n_inputs
    widths, signs = (np.broadcast_to(part, n).tolist() for part in (kind.width, kind.signed))
    return tuple(Port(int(width), bool(signed) and width > 0, 0) for width, signed in zip(widths, signs))


def _input_words(network: Network, netlist: Netlist) -> dict[str, np.ndarray]:
    """Words of the inputs: the bits of each code, side by side in the bus."""
    kind, n, place = network.input_precision, network.n_inputs, 0
    parts = (kind.width, kind.signed, kind.fraction, kind.code_low, kind.code_high)
    words = np.empty((1, n), dtype=object)
    for i, (width, signed, fraction, low, high) in enumerate(zip(*(np.broadcast_to(one, n).tolist() for one in parts))):
        bits = tuple(netlist.wire(0, place + k) for k in range(width))
        words[0, i] = Word(bits, bool(signed) and width > 0, fraction, low, high)
        place += width
    return {name: one[0] for name, one in network.input_layout.split(words).items()}


def _finished(netlist: Netlist, word: Word, fraction: int, owner: str) -> Word:
    """A word in the step of its type, without complements: a LUT that gives one gives the other instead."""
    bits = [0] * (fraction - word.fraction) * bool(word.bits) + list(word.bits)
    with netlist.owned(owner):
        straight = tuple(2 * netlist.complement(one >> 1) if one & 1 and one >> 1 else one for one in bits)
    return replace(word, bits=straight, fraction=fraction)
