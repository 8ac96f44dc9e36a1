"""Front: additions in front of thresholds, tables and sums, as words that come in at a later stage."""

from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.adder_verilog import output_ports, pipelined
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.truth import FALSE
from codesign.fpga.rtl.luts.words import Word
from codesign.fpga.rtl.project import Port


@dataclass(frozen=True, eq=False)
class Front:
    """An adder graph with a pipeline.

    Args:
        graph: the additions.
        outputs: where its outputs lie in its bus.
        limits: (smallest, largest) code of each output.
        latency_cycles: its stages.
        register_bits: all its registers.
    """

    graph: AdderGraph
    outputs: tuple[Port, ...]
    limits: tuple[tuple[int, int], ...]
    latency_cycles: int
    register_bits: int

    @classmethod
    def of(cls, graph: AdderGraph, levels_per_stage: int) -> Self:
        """Return the front of an adder graph."""
        pipeline = pipelined(graph, levels_per_stage)
        limits = tuple((int(one.min), int(one.max)) for one in pipeline.out_qint)
        return cls(graph, output_ports(pipeline), limits, len(pipeline.solutions), int(pipeline.reg_bits))

    def words(self, netlist: Netlist) -> dict[str, np.ndarray]:
        """Return the words of each node that it gives, of its tensor's shape."""
        network, place, words = self.graph.network, 0, []
        fractions = np.broadcast_to(network.output_precision.fraction, network.n_outputs)
        for port, (low, high), fraction in zip(self.outputs, self.limits, fractions.tolist()):
            places = range(place, place + port.width)
            wires = [netlist.wire(1, one, self.latency_cycles, self.graph.adder_levels) for one in places]
            bits = (*[FALSE] * (port.shift if wires else 0), *wires)
            words.append(Word(bits, port.signed and bool(wires), fraction, low, high))
            place += port.width
        found, start = {}, 0
        for name, shape in network.output_layout.shapes.items():
            part = np.empty(prod(shape), dtype=object)
            part[:] = words[start : start + prod(shape)]
            found[name], start = part.reshape(shape), start + prod(shape)
        return found
