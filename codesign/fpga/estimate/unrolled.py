"""Cost of an unrolled circuit, which is known before any Verilog is written."""

from dataclasses import dataclass
from math import ceil, exp, floor

from codesign.fpga.estimate.adder_counts import AdderCounts, adder_counts
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.circuits import Circuit
from codesign.fpga.rtl.verilog import pipeline_shape

OFFSET, _REGISTERS_OFFSET = 100, 60  # added before a logarithm is taken: small designs are off by some of them
_Ranges = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class AdderPrices:
    """LUTs for each bit, or choice, of :class:`AdderCounts`, as Yosys maps them to AMD parts.

    ``python benchmarks/unrolled_luts.py --fit`` draws random networks of 2 to 16 inputs, 1 to 3 layers, 2 to 8 bits and
    0 to 85 % of zeros, synthesises them and finds these by least squares of relative errors. Those here are of 121
    networks, seeds 45 to 109, 200 to 239 and 2040 to 2055, and of 17 designs of a trained tagger, 16-64-32-32-5 of 3 or
    4 bits (``--tagger``): there each unit saturates, and without a price of choices the estimate was 5 to 13 % too low.

    Args:
        carries, full_adders, gates, kept, choices, blocks: see :class:`AdderCounts`; that of blocks, between which LUTs
            choose too, is of six small networks.
        half_width: of the 90 % interval of LUTs of a design without gates, in log(LUTs + 100).
        gates_above, gates_below: by how many half-widths more for a design of gates and tables alone: above, and below,
            where values of few bits leave less logic than their widths say (24 designs of a trained network).
        fewest_registers: log of the share of the pipeline's registers that stays in 95 % of networks: Yosys drops those
            that nothing depends on, and builds delays out of LUTs.
        per_adder_cost: Yosys' LUTs over da4ml's cost, in the median of the 113 networks from 100 LUTs on; for nine in
            ten between 0.9 and 1.2.
    """

    carries: float = 1.005
    full_adders: float = 0.885
    gates: float = 0.218
    kept: float = 1.146
    choices: float = 3.223
    blocks: float = 1.6
    half_width: float = 0.06
    gates_above: float = 2.0
    gates_below: float = 11.0
    fewest_registers: float = -0.67
    per_adder_cost: float = 1.045

    def lut(self, counts: AdderCounts) -> float:
        """Return the LUTs."""
        return sum(getattr(self, name) * count for name, count in vars(counts).items())

    def range(self, counts: AdderCounts) -> tuple[float, float]:
        """Return the 90 % interval of the LUTs."""
        low, high = ((self.lut(counts) + OFFSET) * exp(side) - OFFSET for side in self.logarithms(counts))
        return max(0.0, low), high

    def logarithms(self, counts: AdderCounts) -> tuple[float, float]:
        """Return how far the interval's ends are from the estimate, in log(LUTs + 100)."""
        bits = sum(vars(counts).values())
        share = (counts.gates + counts.kept + counts.blocks) / bits if bits else 0.0
        return -self.half_width * (1 + self.gates_below * share), self.half_width * (1 + self.gates_above * share)


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
    shape = pipeline_shape(graph, adder_levels_per_stage)
    adders = graph if isinstance(graph, AdderGraph) else graph.front
    tables = 0.0 if adders is graph else float(graph.at(adder_levels_per_stage).lut)
    counts = AdderCounts() if adders is None else adder_counts(adders, adder_levels_per_stage)
    resources = Resources(lut=tables + prices.lut(counts), ff=shape.register_bits)
    ranges = {}
    if adders is not None:
        low, high = prices.range(counts)
        ranges["lut"] = (float(floor(tables + low)), float(ceil(tables + high)))
        fewest = (shape.register_bits + _REGISTERS_OFFSET) * exp(prices.fewest_registers) - _REGISTERS_OFFSET
        ranges["ff"] = (float(max(0, floor(fewest))), float(shape.register_bits))
    return HardwareCost(resources, resources, shape.latency_cycles, 1), ranges
