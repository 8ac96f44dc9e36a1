"""Where the LUTs of an unrolled design go, layer by layer, and in which stage of its pipeline each layer works."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from codesign.fpga.rtl import da4ml_codes
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.circuits import Circuit
from codesign.fpga.rtl.luts.graph import TableGraph
from codesign.fpga.rtl.operations import levels_within_stages

if TYPE_CHECKING:
    from da4ml.types import Pipeline

_SLACK = 1e-9  # da4ml's own, for levels that are no whole numbers


@dataclass(frozen=True)
class PipelineStage:
    """What is done between two rows of registers.

    Args:
        stage: 0 is behind the registers of the inputs.
        start_ns, end_ns: from the clock edge that samples the inputs.
        adder_cost: LUTs, about, of each layer that works in it, by its name, in the order of evaluation. A layer that
            costs nothing, because all of it is wires, is in no stage.
    """

    stage: int
    start_ns: float
    end_ns: float
    adder_cost: Mapping[str, float]

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that work in it."""
        return tuple(self.adder_cost)


def layer_costs(graph: Circuit, lut_per_adder_cost: float = 1.0, adder_levels_per_stage: int = 4) -> dict[str, float]:
    """Return the LUTs, about, of each layer by name; their sum is ``graph.lut(lut_per_adder_cost)``.

    Activation and quantizer of a layer with weights count with it; what several layers share is the first one's. Yosys
    sees no layers: of additions what it finds is less than the sum, or more; of tables it is the sum.

    Args:
        graph: from :func:`codesign.fpga.rtl.circuits.trace_circuit`.
        lut_per_adder_cost: LUTs for each of da4ml's count of additions.
        adder_levels_per_stage: adders between two registers; it matters little, and to tables alone.

    Example:
        >>> from codesign.fpga.rtl.circuits import trace_circuit
        >>> from codesign.network import DenseLayer, Network, quantize_network
        >>> network = Network.chain((DenseLayer("fc", [[3.0], [1.0]], [0.0]),))
        >>> graph = trace_circuit(quantize_network(network, [[1.0, 2.0], [-3.0, 0.5]], weights=4, activations=6))
        >>> list(layer_costs(graph))
        ['fc']
    """
    costs = dict.fromkeys(graph.layer_names, 0.0)
    adders = graph.front if isinstance(graph, TableGraph) else graph
    for one in adders.operations if adders else ():
        costs[one.layer] += lut_per_adder_cost * one.cost
    return costs | (graph.at(adder_levels_per_stage).lut_by_node if isinstance(graph, TableGraph) else {})


def pipeline_stages(graph: Circuit, adder_levels_per_stage: int, clock_period_ns: float) -> tuple[PipelineStage, ...]:
    """Return what each stage of the Verilog holds that :func:`codesign.fpga.rtl.verilog.write_verilog` would write.

    Args:
        graph: from :func:`codesign.fpga.rtl.circuits.trace_circuit`.
        adder_levels_per_stage: adders between two registers, at most.
        clock_period_ns: time of a stage.

    Raises:
        ConfigError: for less than one level per stage.
    """
    if not isinstance(graph, TableGraph):
        costs = _adder_costs(graph, adder_levels_per_stage)
    else:
        circuit = graph.at(adder_levels_per_stage)
        costs = [{} for _ in range(circuit.latency_cycles)]
        for stage, found in enumerate(_adder_costs(graph.front, adder_levels_per_stage) if graph.front else ()):
            costs[stage].update(found)
        for stage, name, cost in circuit.works:
            costs[stage][name] = costs[stage].get(name, 0.0) + cost
    return tuple(_rows(costs, graph.layer_names, clock_period_ns))


def _adder_costs(graph: AdderGraph, adder_levels_per_stage: int) -> list[dict[str, float]]:
    """For each stage of da4ml's pipeline the cost of each layer that works in it."""
    pipeline = graph.at(adder_levels_per_stage)
    costs: list[dict[str, float]] = [{} for _ in pipeline.solutions]
    for one, stage in zip(graph.operations, _stages(graph, pipeline, adder_levels_per_stage)):
        if one.cost > 0:
            costs[stage][one.layer] = costs[stage].get(one.layer, 0.0) + one.cost
    return costs


def _stages(graph: AdderGraph, pipeline: "Pipeline", adder_levels_per_stage: int) -> list[int]:
    """The stage of each operation.

    da4ml first cuts at multiples of the levels asked for, and then evens the stages out: fewer levels in each, and an
    addition that would cross a cut waits for it. What the stages take over tells which levels it found.
    """
    if len(pipeline.solutions) == 1:
        return [0] * len(graph.operations)
    taken = [op.latency for op in pipeline.solutions[1].ops if op.opcode == da4ml_codes.INPUT]
    levels = min(taken, default=float(adder_levels_per_stage))
    ready = levels_within_stages(graph.operations, None if levels == adder_levels_per_stage else levels)
    return [min(floor(level / (levels + _SLACK)), len(pipeline.solutions) - 1) for level in ready]


def _rows(costs: Sequence[Mapping[str, float]], layers: Sequence[str], clock_ns: float) -> Iterator[PipelineStage]:
    for stage, found in enumerate(costs):
        in_order = {name: found[name] for name in layers if name in found}
        yield PipelineStage(stage, stage * clock_ns, (stage + 1) * clock_ns, in_order)
