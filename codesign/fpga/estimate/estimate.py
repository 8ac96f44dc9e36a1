"""What a design will cost, from closed forms, in milliseconds and without any tool."""

from collections.abc import Sequence

from codesign._arguments import checked
from codesign._version import __version__
from codesign.fpga.design.design import Design
from codesign.fpga.design.report import DesignReport
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.hls4ml import design_cost, layer_costs
from codesign.fpga.estimate.op_statistics import graph_statistics
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.estimate.unrolled import estimate_unrolled
from codesign.fpga.rtl.circuits import Circuit, trace_circuit


@checked
def estimate(design: Design, *, constants: CostConstants | None = None, graph: Circuit | None = None) -> DesignReport:
    """Estimate the resources of a design after logic synthesis (unrolled: after place and route), and its schedule.

    The schedule assumes that the tools reach the target clock. How wrong the numbers are is measured by
    ``benchmarks/estimator.py``.

    Args:
        design: its network needs every type.
        constants: to use instead of the built-in ones.
        graph: the adder graph of an unrolled design, if there is one already: tracing takes longer than all else.

    Returns:
        A report with source ``estimate``.

    Raises:
        PrecisionError: if types are missing, or an unrolled design cannot hold the network.
        ToolError: for an unrolled design without da4ml.

    Example:
        >>> from codesign import DenseLayer, Design, Network, estimate, quantize_network
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [0.375]], [0.1])])
        >>> report = estimate(Design(quantize_network(network, [[1.0, 2.0]], weights=4, activations=6)))
        >>> report.lut, report.dsp, report.source
        (19, 0, 'estimate')
    """
    constants = constants or CostConstants()
    if design.implementation == "unrolled":
        cost = estimate_unrolled(graph or trace_circuit(design.network), design.adder_levels_per_stage, constants)
    else:
        cost = _hls4ml(design, constants)
    return DesignReport(
        source="estimate",
        tool="codesign",
        tool_version=__version__,
        part=design.part,
        lut=round(cost.vsynth.lut),
        ff=round(cost.vsynth.ff),
        dsp=round(cost.vsynth.dsp),
        bram_18k=round(cost.vsynth.bram_18k),
        uram=0,
        latency_cycles=cost.latency_cycles,
        latency_cycles_min=cost.latency_cycles,
        initiation_interval=cost.initiation_interval,
        clock_target_ns=design.clock_period_ns,
    )


def _hls4ml(design: Design, constants: CostConstants) -> HardwareCost:
    factors = layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor)
    found = graph_statistics(design.network, factors)
    costs = layer_costs(
        found.layers,
        found.reuse_factors,
        design.strategy,
        Toolchain.of(design.part),
        clock_period_ns=design.clock_period_ns,
        constants=constants,
        sources=found.sources,
    )
    return design_cost(costs, found.sources)


def estimate_layouts(designs: Sequence[Design], constants: CostConstants | None = None) -> list[DesignReport]:
    """Return the estimates of one network's designs; its adder graph is traced once."""
    unrolled = [design for design in designs if design.implementation == "unrolled"]
    graph = trace_circuit(unrolled[0].network) if unrolled else None
    return [estimate(design, constants=constants, graph=graph) for design in designs]
