"""Cost of an unrolled adder graph, which da4ml knows before any Verilog is written."""

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.verilog import pipeline_shape


def estimate_unrolled(graph: AdderGraph, adder_levels_per_stage: int, constants: CostConstants) -> HardwareCost:
    """Estimate a pipelined adder graph after place and route.

    LUT = lut_per_adder_cost x the graph's cost; FF = its pipeline's registers; no DSP; an event per cycle.

    Args:
        graph: the traced network.
        adder_levels_per_stage: adders between two registers.
        constants: see :class:`codesign.fpga.estimate.constants.CostConstants`.
    """
    shape = pipeline_shape(graph, adder_levels_per_stage)
    return HardwareCost(
        lut=constants.lut_per_adder_cost * graph.adder_cost,
        ff=shape.register_bits,
        dsp=0,
        bram_18k=0,
        latency_cycles=shape.latency_cycles,
        initiation_interval=1,
    )
