"""Cost of an unrolled circuit, which is known before any Verilog is written."""

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.rtl.circuits import Circuit
from codesign.fpga.rtl.verilog import pipeline_shape


def estimate_unrolled(graph: Circuit, adder_levels_per_stage: int, constants: CostConstants) -> HardwareCost:
    """Estimate a pipelined circuit after place and route.

    LUT = lut_per_adder_cost x the cost of its additions, and the LUTs of its tables as they are written; FF = its
    pipeline's registers; no DSP; an event per cycle.

    Args:
        graph: the traced network.
        adder_levels_per_stage: adders between two registers.
        constants: see :class:`codesign.fpga.estimate.constants.CostConstants`.
    """
    shape = pipeline_shape(graph, adder_levels_per_stage)
    lut = graph.lut(constants.lut_per_adder_cost, adder_levels_per_stage)
    routed = Resources(lut, shape.register_bits)
    return HardwareCost(routed, routed, shape.latency_cycles, 1)
