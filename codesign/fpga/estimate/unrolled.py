"""Cost of an unrolled circuit, which is known before any Verilog is written."""

from dataclasses import dataclass
from math import ceil, exp, floor

from codesign.fpga.estimate.adder_counts import AdderCounts, pipeline_counts
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.adder_verilog import pipelined
from codesign.fpga.rtl.circuits import Circuit
from codesign.fpga.rtl.verilog import adder_shape, pipeline_shape

OFFSET = 60  # added to LUTs and registers before their logarithm is taken: small designs are off by some of them
_Ranges = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class AdderPrices:
    """LUTs for each bit of :class:`AdderCounts`, as Yosys maps them to AMD parts.

    ``python benchmarks/unrolled_luts.py --fit`` draws 110 random networks of 2 to 16 inputs, 1 to 3 layers, 2 to 8 bits
    and 0 to 85 % of zeros, synthesises them and finds these by least squares of relative errors.

    Args:
        sums, joined, joined_constants, gates, choices, negatives: see :class:`AdderCounts`.
        half_width: of the 90 % interval of LUTs, in log(LUTs + 60): 0.09 of networks drawn alike that are left out of
            the fit, 0.12 together with 37 others and trained ones.
        fewest_registers: log of the share of the pipeline's registers that stays in 95 % of networks: Yosys drops those
            that nothing depends on, and builds delays out of LUTs.
    """

    sums: float = 1.046
    joined: float = 0.057
    joined_constants: float = 0.398
    gates: float = 0.273
    choices: float = 1.017
    negatives: float = 0.345
    half_width: float = 0.12
    fewest_registers: float = -0.67

    def lut(self, counts: AdderCounts) -> float:
        """Return the LUTs."""
        return sum(getattr(self, name) * count for name, count in vars(counts).items())


def estimate_unrolled(
    graph: Circuit, adder_levels_per_stage: int, prices: AdderPrices | None = None
) -> tuple[HardwareCost, _Ranges]:
    """Estimate a pipelined circuit as Yosys counts it, and the 90 % intervals of LUTs and registers.

    LUT = the bits of its additions at their prices, and the LUTs of its tables, which are written one by one and exact;
    FF = its pipeline's registers; no DSP; an event per cycle.

    Args:
        graph: the traced network.
        adder_levels_per_stage: adders between two registers.
        prices: instead of the built-in ones.
    """
    prices = prices or AdderPrices()
    adders, tables = additions_of(graph), 0.0
    pipeline = None if adders is None else pipelined(adders, adder_levels_per_stage)
    added = 0.0 if pipeline is None else prices.lut(pipeline_counts(pipeline))
    if isinstance(graph, AdderGraph):
        shape = adder_shape(pipeline)
    else:
        tables = graph.lut(0.0, adder_levels_per_stage)
        shape = pipeline_shape(graph, adder_levels_per_stage)
    resources = Resources(lut=tables + added, ff=shape.register_bits)
    ranges = {}
    if adders is not None:
        low, high = ((added + OFFSET) * exp(side * prices.half_width) - OFFSET for side in (-1, 1))
        ranges["lut"] = (float(floor(tables + max(0.0, low))), float(ceil(tables + high)))
        fewest = (shape.register_bits + OFFSET) * exp(prices.fewest_registers) - OFFSET
        ranges["ff"] = (float(max(0, floor(fewest))), float(shape.register_bits))
    return HardwareCost(resources, resources, shape.latency_cycles, 1), ranges


def additions_of(graph: Circuit) -> AdderGraph | None:
    """Return the additions of a circuit; None where it is tables alone."""
    return graph if isinstance(graph, AdderGraph) else graph.front
