"""Where the LUTs of a design go, and when each of its layers works, as the estimate sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codesign._arguments import checked
from codesign.fpga.design.design import Design
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.hls4ml import layer_costs
from codesign.fpga.estimate.op_statistics import GraphStatistics, graph_statistics
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.rtl.circuits import Circuit, trace_circuit
from codesign.fpga.rtl.schedule import layer_costs as adder_costs
from codesign.fpga.rtl.schedule import pipeline_stages


@dataclass(frozen=True)
class LayerEstimate:
    """One layer, or one operation that belongs to none.

    Args:
        name: of the layer.
        lut: estimate; the sum over layers is that of the design.
        dsp, bram_18k: estimate.
        start_cycle, end_cycle: when it works, in cycles since the event came in; of an unrolled design the stages of
            its pipeline, which layers may share.
        adder_cost: of an unrolled design: da4ml's count of full adders and multiplexers.
    """

    name: str
    lut: float
    dsp: int
    bram_18k: int
    start_cycle: float
    end_cycle: float
    adder_cost: float | None = None


@checked
def estimate_layers(
    design: Design, *, constants: CostConstants | None = None, graph: Circuit | None = None
) -> tuple[LayerEstimate, ...]:
    """Return the estimate of a design by layer, in order; what costs neither LUTs nor time is left out.

    Args:
        design: its network needs every type.
        constants: to use instead of the built-in ones.
        graph: the adder graph of an unrolled design, if there is one already.

    Raises:
        PrecisionError, ToolError: as :func:`codesign.fpga.estimate.estimate.estimate`.

    Example:
        >>> from codesign import DenseLayer, Design, Network, quantize_network
        >>> from codesign.fpga.estimate.by_layer import estimate_layers
        >>> layers = [DenseLayer("fc1", [[0.7], [0.3]], [0.1], "relu"), DenseLayer("output", [[-0.6]], [0.0])]
        >>> network = quantize_network(Network.chain(layers), [[1.0, 2.0]], weights=4, activations=6)
        >>> [layer.name for layer in estimate_layers(Design(network, "hls4ml-latency"))]
        ['fc1', 'output']
    """
    constants = constants or CostConstants()
    if design.implementation == "unrolled":
        found = _unrolled(design, graph or trace_circuit(design.network), constants)
    else:
        factors = layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor)
        found = _hls4ml(design, graph_statistics(design.network, factors), constants)
    return tuple(one for one in found if one.lut or one.dsp or one.bram_18k or one.end_cycle > one.start_cycle)


def _unrolled(design: Design, graph: Circuit, constants: CostConstants) -> Iterator[LayerEstimate]:
    stages = pipeline_stages(graph, design.adder_levels_per_stage, design.clock_period_ns)
    luts = adder_costs(graph, constants.lut_per_adder_cost, design.adder_levels_per_stage)
    for name, cost in adder_costs(graph, 1.0, design.adder_levels_per_stage).items():
        works = [one.stage for one in stages if name in one.layers]
        if works:
            yield LayerEstimate(name, luts[name], 0, 0, float(works[0]), float(works[-1] + 1), cost)


def _hls4ml(design: Design, found: GraphStatistics, constants: CostConstants) -> Iterator[LayerEstimate]:
    costs = layer_costs(
        found.layers,
        found.reuse_factors,
        design.strategy,
        Toolchain.of(design.part),
        clock_period_ns=design.clock_period_ns,
        constants=constants,
        sources=found.sources,
    )
    ends = _ends([cost.latency_cycles for cost in costs], found.sources)
    for name, cost, end in zip(found.names, costs, ends):
        counted = cost.vsynth
        dsp, blocks = round(counted.dsp), round(counted.bram_18k)
        yield LayerEstimate(name, counted.lut, dsp, blocks, end - cost.latency_cycles, end)


def _ends(cycles: Sequence[float], sources: Sequence[Sequence[int]]) -> list[float]:
    """When each layer ends: behind the last of those that it takes from."""
    ends: list[float] = []
    for own, before in zip(cycles, sources):
        ends.append(max((ends[index] for index in before), default=0.0) + own)
    return ends
