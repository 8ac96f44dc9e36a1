"""TableGraph: a network of thresholds, tables and sums, perhaps behind additions, whatever its pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from codesign.errors import ConfigError, UnsupportedLayerError
from codesign.fpga.rtl.adder_graph import AdderGraph, trace_adder_graph
from codesign.fpga.rtl.luts.circuit import TableCircuit, input_ports, traced
from codesign.fpga.rtl.luts.evaluate import evaluate
from codesign.fpga.rtl.luts.front import Front
from codesign.fpga.rtl.luts.lower import KEYS_AND_TABLES, LOWERED_OPS
from codesign.network import Network

_LEVELS = 4  # of what has no pipeline yet: LUTs hardly depend on it


@dataclass(frozen=True, eq=False)
class TableGraph:
    """A network in LUTs and carry chains; its inputs lie side by side, each flattened, and so do its outputs.

    Args:
        network: whose function it is, with every type set.
        front: additions that give values to thresholds, bits and sums; None: there are none.
    """

    network: Network
    front: AdderGraph | None
    _circuits: dict[int, TableCircuit] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Network) -> Self:
        """Return the graph of a network.

        Raises:
            UnsupportedLayerError: for a layer behind tables that is additions.
            PrecisionError: for a cast behind thresholds or tables that takes logic.
        """
        names = _front_names(network)
        front = trace_adder_graph(_front_network(network, names)) if names else None
        graph = cls(network, front)
        graph.at(_LEVELS)
        return graph

    def at(self, levels_per_stage: int) -> TableCircuit:
        """Return the cells with a pipeline.

        Args:
            levels_per_stage: LUTs or additions one behind the other between two registers, at most.

        Raises:
            ConfigError: for less than one level per stage.
        """
        if levels_per_stage < 1:
            raise ConfigError(f"adder_levels_per_stage: expected at least 1. Received: {levels_per_stage}")
        if levels_per_stage not in self._circuits:
            front = None if self.front is None else Front.of(self.front, levels_per_stage)
            self._circuits[levels_per_stage] = traced(self.network, levels_per_stage, front)
        return self._circuits[levels_per_stage]

    def lut(self, lut_per_adder_cost: float, levels_per_stage: int = _LEVELS) -> float:
        """Return the LUTs: those of the cells, and those of the additions in front, as AdderGraph estimates them."""
        added = 0.0 if self.front is None else self.front.lut(lut_per_adder_cost, levels_per_stage)
        return self.at(levels_per_stage).lut + added

    @property
    def adder_cost(self) -> int:
        """LUTs, about."""
        return round(self.lut(1.0))

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers in the order of evaluation."""
        front = () if self.front is None else self.front.layer_names
        return (*front, *(name for name in self.at(_LEVELS).lut_by_node if name not in front))

    @property
    def unit_levels(self) -> Mapping[str, np.ndarray]:
        """Of the layers in front, see AdderGraph."""
        return {} if self.front is None else self.front.unit_levels

    @property
    def adder_levels(self) -> int:
        """LUTs, carry chains and additions on the longest way from an input to an output."""
        return self.at(_LEVELS).levels

    @property
    def is_constant(self) -> bool:
        """Whether no output depends on any input."""
        return not any(bit >> 1 for bit in self.at(_LEVELS).output_bits)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Evaluate x, (n_events, n_inputs), to (n_events, n_outputs) float64, cell by cell.

        Raises:
            DataError: for a wrong shape.
        """
        circuit, sources = self.at(_LEVELS), [_bits(self.encode(x), input_ports(self.network))]
        if self.front is not None:
            values = np.rint(self.front.predict(x) * np.exp2(np.asarray(self._front_fraction, float))).astype(np.int64)
            sources.append(_bits(values, circuit.front.outputs))
        return self.decode(circuit.codes(evaluate(circuit.netlist, sources, circuit.output_bits)))

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Convert x, (n_events, n_inputs), to int64 codes of the types of the inputs.

        Raises:
            DataError: for a wrong shape.
        """
        return np.ascontiguousarray(self.network.encode(x))

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Convert codes of the output types, (n_events, n_outputs), to values."""
        return codes * np.exp2(-np.asarray(self.network.output_precision.fraction, float))

    @property
    def _front_fraction(self) -> int | np.ndarray:
        return self.front.network.output_precision.fraction


def _front_names(network: Network) -> set[str]:
    """Nodes that are additions, and all that they take.

    Raises:
        UnsupportedLayerError: if a threshold, a bit, a table or a sum is among these.
    """
    nodes = {node.name: node for node in network.nodes}
    waiting = [node.name for node in network.nodes if not isinstance(node.op, LOWERED_OPS)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in nodes and name not in found:
            if isinstance(nodes[name].op, KEYS_AND_TABLES):
                raise UnsupportedLayerError(f"'{name}': expected no layer of additions behind a {nodes[name].op.name}")
            found.add(name)
            waiting.extend(nodes[name].inputs)
    return found


def _front_network(network: Network, names: set[str]) -> Network:
    """The additions as a network of the same inputs, which gives all that is taken from them."""
    taken = {name for node in network.nodes if node.name not in names for name in node.inputs} | set(network.outputs)
    outputs = [node.name for node in network.nodes if node.name in names and node.name in taken]
    return Network([node for node in network.nodes if node.name in names], network.inputs, outputs)


def _bits(codes: np.ndarray, ports: tuple) -> np.ndarray:
    """(n_events, n_bits) bool of codes as they lie in ports."""
    columns = [
        codes[:, i, np.newaxis] >> np.arange(port.shift, port.shift + port.width) & 1 for i, port in enumerate(ports)
    ]
    return np.concatenate(columns, 1) > 0
