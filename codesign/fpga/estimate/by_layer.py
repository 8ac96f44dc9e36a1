"""Where the LUTs of a design go, and when each of its layers works, as the estimate sees it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codesign._arguments import checked
from codesign.fpga.design.design import Design
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.op_statistics import GraphStatistics, graph_statistics
from codesign.fpga.estimate.setting import Hls4mlSetting, setting_of
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.estimate.unrolled import estimate_unrolled
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
        cost: of a layer of hls4ml: all that is estimated of it, the HLS compiler's own figures too.
    """

    name: str
    lut: float
    dsp: int
    bram_18k: int
    start_cycle: float
    end_cycle: float
    adder_cost: float | None = None
    cost: HardwareCost | None = None


@checked
def estimate_layers(
    design: Design,
    *,
    constants: CostConstants | None = None,
    graph: Circuit | None = None,
    toolchain: Toolchain | None = None,
) -> tuple[LayerEstimate, ...]:
    """Return the estimate of a design by layer, in order; what costs neither LUTs nor time is left out.

    Args:
        design: its network needs every type.
        constants: to use instead of the built-in ones.
        graph: the adder graph of an unrolled design, if there is one already.
        toolchain: of an hls4ml design; see :func:`codesign.fpga.estimate.estimate.estimate`.

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
    if design.implementation == "unrolled":
        found = _unrolled(design, graph or trace_circuit(design.network))
    else:
        factors = layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor)
        counted = graph_statistics(design.network, factors)
        return estimate_counted_layers(counted, setting_of(design, toolchain), constants=constants)
    return tuple(filter(_counts, found))


def estimate_counted_layers(
    counted: GraphStatistics, setting: Hls4mlSetting, *, constants: CostConstants | None = None
) -> tuple[LayerEstimate, ...]:
    """Return the estimate of hls4ml's layers of which only counts are known, in order.

    Args:
        counted: layers, each with its reuse factor.
        setting: the rest.
        constants: to use instead of the built-in ones.
    """
    return tuple(filter(_counts, _hls4ml(counted, setting, constants)))


def _counts(one: LayerEstimate) -> bool:
    return bool(one.lut or one.dsp or one.bram_18k or one.end_cycle > one.start_cycle)


def _unrolled(design: Design, graph: Circuit) -> Iterator[LayerEstimate]:
    """Additions at the price of a design's whole; of a layer their cost is known, not the bits that Yosys joins."""
    levels = design.adder_levels_per_stage
    stages = pipeline_stages(graph, levels, design.clock_period_ns)
    costs, tables = (adder_costs(graph, price, levels) for price in (1.0, 0.0))
    added = sum(costs.values()) - sum(tables.values())
    whole = estimate_unrolled(graph, levels)[0].vsynth.lut - sum(tables.values())
    price = whole / added if added else 1.0
    for name, cost in costs.items():
        works = [one.stage for one in stages if name in one.layers]
        if works:
            lut = tables[name] + price * (cost - tables[name])
            yield LayerEstimate(name, lut, 0, 0, float(works[0]), float(works[-1] + 1), cost)


def _hls4ml(
    counted: GraphStatistics, setting: Hls4mlSetting, constants: CostConstants | None
) -> Iterator[LayerEstimate]:
    costs = setting.costs(counted, constants)
    ends = _end_cycles([cost.latency_cycles for cost in costs], counted.sources)
    for name, cost, end in zip(counted.names, costs, ends):
        after = cost.vsynth
        dsp, blocks = round(after.dsp), round(after.bram_18k)
        yield LayerEstimate(name, after.lut, dsp, blocks, end - cost.latency_cycles, end, cost=cost)


def _end_cycles(cycles: Sequence[float], sources: Sequence[Sequence[int]]) -> list[float]:
    """When each layer ends: behind the last of those that it takes from."""
    ends: list[float] = []
    for own, before in zip(cycles, sources):
        ends.append(max((ends[index] for index in before), default=0.0) + own)
    return ends
