"""Front: additions in front of thresholds, tables and sums, as words that come in at a later stage."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Self

import numpy as np

from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.adder_verilog import output_ports
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.truth import FALSE
from codesign.fpga.rtl.luts.words import Word
from codesign.fpga.rtl.project import Port

if TYPE_CHECKING:
    from da4ml.types import Pipeline


@dataclass(frozen=True, eq=False)
class Front:
    """An adder graph with a pipeline.

    Args:
        graph: the additions.
        pipeline: the same, cut into stages.
    """

    graph: AdderGraph
    pipeline: "Pipeline"

    @classmethod
    def of(cls, graph: AdderGraph, levels_per_stage: int) -> Self:
        """Return the front of an adder graph."""
        return cls(graph, graph.at(levels_per_stage))

    @cached_property
    def outputs(self) -> tuple[Port, ...]:
        """Where its outputs lie in its bus."""
        return output_ports(self.pipeline)

    @property
    def limits(self) -> tuple[tuple[int, int], ...]:
        """(Smallest, largest) code of each output."""
        return tuple((int(one.min), int(one.max)) for one in self.pipeline.out_qint)

    @property
    def latency_cycles(self) -> int:
        """Its stages."""
        return len(self.pipeline.solutions)

    @property
    def register_bits(self) -> int:
        """All its registers."""
        return int(self.pipeline.reg_bits)

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
