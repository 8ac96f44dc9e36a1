"""Where the LUTs of a design go, and when each of its layers works, as the estimate sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codesign._arguments import checked
from codesign.fpga.design.design import Design
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.latency import estimate_latency_strategy, layer_delay_ns
from codesign.fpga.estimate.op_statistics import GraphStatistics, graph_statistics
from codesign.fpga.estimate.resource import estimate_resource_strategy
from codesign.fpga.rtl.circuits import Circuit, trace_circuit
from codesign.fpga.rtl.schedule import layer_costs, pipeline_stages


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
    luts = layer_costs(graph, constants.lut_per_adder_cost, design.adder_levels_per_stage)
    for name, cost in layer_costs(graph, 1.0, design.adder_levels_per_stage).items():
        works = [one.stage for one in stages if name in one.layers]
        if works:
            yield LayerEstimate(name, luts[name], 0, 0, float(works[0]), float(works[-1] + 1), cost)


def _hls4ml(design: Design, found: GraphStatistics, constants: CostConstants) -> Iterator[LayerEstimate]:
    """Each layer's closed form on its own: but for registers, no layer's cost depends on another."""
    clock, layers, factors = design.clock_period_ns, found.layers, found.reuse_factors
    is_latency = design.implementation == "hls4ml-latency"
    closed_form = estimate_latency_strategy if is_latency else estimate_resource_strategy
    costs = [closed_form([one], [factor], clock, constants) for one, factor in zip(layers, factors)]
    cycles = [float(cost.latency_cycles) for cost in costs]
    if is_latency:  # layers share a cycle: what was rounded down for each counts in full for their sum
        exact = [layer_delay_ns(one, constants) / (constants.usable_clock * clock) for one in layers]
        cycles = [max(cycle, cycle - int(delay + 1e-9) + delay) for cycle, delay in zip(cycles, exact)]
    ends = _ends(cycles, found.sources)
    whole = closed_form(layers, factors, clock, constants, found.sources).latency_cycles
    scale = min(1.0, whole / max(ends, default=1.0)) if any(ends) else 1.0  # HLS counts the registers that are crossed
    for name, cost, cycle, end in zip(found.names, costs, cycles, ends):
        lut = constants.vsynth_lut_per_csynth * cost.lut
        yield LayerEstimate(name, lut, cost.dsp, cost.bram_18k, scale * (end - cycle), scale * end)


def _ends(cycles: Sequence[float], sources: Sequence[Sequence[int]]) -> list[float]:
    """When each layer ends: behind the last of those that it takes from."""
    ends: list[float] = []
    for own, before in zip(cycles, sources):
        ends.append(max((ends[index] for index in before), default=0.0) + own)
    return ends
