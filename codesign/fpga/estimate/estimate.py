"""What a design will cost, from closed forms, in milliseconds and without any tool."""

from collections.abc import Sequence
from dataclasses import replace

from codesign._arguments import checked
from codesign._version import __version__
from codesign.fpga.design.design import Design
from codesign.fpga.design.report import DesignReport
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.estimate.clock import clock_note, clock_probability
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.failure import failure_probability
from codesign.fpga.estimate.familiar import nearest_family
from codesign.fpga.estimate.hls4ml import design_cost
from codesign.fpga.estimate.intervals import COUNTS, intervals
from codesign.fpga.estimate.op_statistics import GraphStatistics, graph_statistics
from codesign.fpga.estimate.possible import possible_figures
from codesign.fpga.estimate.setting import Hls4mlSetting, setting_of
from codesign.fpga.estimate.statistics import KNOWN, LayerStatistics
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.estimate.unrolled import estimate_unrolled
from codesign.fpga.rtl.circuits import Circuit, trace_circuit

KNOWN_NOTES = {
    "weights": "weights known",
    "sparsity": "of the weights only their number is known, not their values",
    "shape": "only the shape is known: weights are taken as they are on average",
}
_BEYOND = "its errors may be larger than the intervals"


@checked
def estimate(
    design: Design,
    *,
    constants: CostConstants | None = None,
    graph: Circuit | None = None,
    toolchain: Toolchain | None = None,
) -> DesignReport:
    """Estimate the resources of a design after logic synthesis, and its schedule.

    Beside them stand what the HLS compiler's own report will say (`csynth`), 90 % intervals, the probability that
    synthesis fails, and how far the design is from those that the estimate was fitted to. The schedule assumes that the
    tools reach the target clock. How wrong the numbers are is measured by ``benchmarks/estimator.py``.

    Args:
        design: its network needs every type.
        constants: to use instead of the built-in ones.
        graph: the adder graph of an unrolled design, if there is one already: tracing takes longer than all else.
        toolchain: of an hls4ml design: compiler and family of the part; None: Vitis HLS and the family of its part.

    Returns:
        A report with source ``estimate``.

    Raises:
        PrecisionError: if types are missing, or an unrolled design cannot hold the network.
        ToolError: for an unrolled design without da4ml.

    Example:
        >>> from codesign import DenseLayer, Design, Network, estimate, quantize_network
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [0.375]], [0.1])])
        >>> report = estimate(Design(quantize_network(network, [[1.0, 2.0]], weights=4, activations=6)))
        >>> report.dsp, report.source, report.intervals["lut"][0] <= report.lut <= report.intervals["lut"][1]
        (0, 'estimate', True)
    """
    constants = constants or CostConstants()
    if design.implementation != "unrolled":
        factors = layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor)
        counted = graph_statistics(design.network, factors)
        return estimate_counts(counted, setting_of(design, toolchain), constants=constants)
    graph = graph or trace_circuit(design.network)
    cost, ranges = estimate_unrolled(graph, design.adder_levels_per_stage)
    setting = setting_of(design)
    return _report(cost, setting, intervals=ranges, notes=(KNOWN_NOTES["weights"],))


def estimate_counts(
    counted: GraphStatistics, setting: Hls4mlSetting, *, constants: CostConstants | None = None
) -> DesignReport:
    """Estimate hls4ml's design of layers of which only counts are known, as of a bare shape.

    Args:
        counted: layers, each with its reuse factor.
        setting: the rest.
        constants: to use instead of the built-in ones.
    """

    def cost_of(layers: Sequence[LayerStatistics]) -> HardwareCost:
        return design_cost(setting.costs(replace(counted, layers=tuple(layers)), constants), counted.sources)

    cost = cost_of(counted.layers)
    known = max((layer.known for layer in counted.layers), key=KNOWN.index, default=KNOWN[0])
    possible = None if known == KNOWN[0] else possible_figures(counted.layers, cost_of)
    facts = (counted.layers, counted.reuse_factors, setting.strategy, setting.toolchain)
    familiar, clock = nearest_family(*facts), clock_note(setting.toolchain, setting.clock_period_ns)
    differs = f"outside of what the fit has seen; nearest is {familiar.family}: {familiar.why.partition(': ')[2]}"
    beyond = None if familiar.is_inside else f"{differs}; {_BEYOND}"
    notes = tuple(note for note in (KNOWN_NOTES[known], beyond, clock) if note is not None)
    return _report(
        cost,
        setting,
        csynth={name: round(getattr(cost.csynth, name)) for name in COUNTS},
        intervals=intervals(cost, known, setting.strategy, possible),
        failure_probability=failure_probability(*facts),
        clock_probability=clock_probability(setting.toolchain, setting.clock_period_ns),
        notes=notes,
    )


def _report(cost: HardwareCost, setting: Hls4mlSetting, **more: object) -> DesignReport:
    counts = {name: round(getattr(cost.vsynth, name)) for name in COUNTS}
    cycles = cost.latency_cycles
    return DesignReport(
        source="estimate",
        tool="codesign",
        tool_version=__version__,
        part=setting.part,
        **counts,
        uram=0,
        latency_cycles=cycles,
        latency_cycles_min=cycles,
        initiation_interval=cost.initiation_interval,
        clock_target_ns=setting.clock_period_ns,
        **more,
    )


def estimate_layouts(
    designs: Sequence[Design], constants: CostConstants | None = None, *, toolchain: Toolchain | None = None
) -> list[DesignReport]:
    """Return the estimates of one network's designs; its adder graph is traced once."""
    unrolled = [design for design in designs if design.implementation == "unrolled"]
    graph = trace_circuit(unrolled[0].network) if unrolled else None
    return [estimate(design, constants=constants, graph=graph, toolchain=toolchain) for design in designs]
