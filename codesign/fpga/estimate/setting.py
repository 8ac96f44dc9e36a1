"""Hls4mlSetting: what besides the layers decides what hls4ml's design costs."""

from dataclasses import dataclass

from codesign.fpga.design.design import Design
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.hls4ml import layer_costs
from codesign.fpga.estimate.op_statistics import GraphStatistics
from codesign.fpga.estimate.toolchain import Toolchain


@dataclass(frozen=True)
class Hls4mlSetting:
    """How hls4ml and its compiler build layers.

    Args:
        strategy: ``latency`` or ``resource``.
        toolchain: compiler and family of the part.
        clock_period_ns: target clock period.
        part: FPGA part.
    """

    strategy: str
    toolchain: Toolchain
    clock_period_ns: float
    part: str

    def costs(self, counted: GraphStatistics, constants: CostConstants | None = None) -> tuple[HardwareCost, ...]:
        """Return what each layer costs."""
        return layer_costs(
            counted.layers,
            counted.reuse_factors,
            self.strategy,
            self.toolchain,
            clock_period_ns=self.clock_period_ns,
            constants=constants,
            sources=counted.sources,
        )


def setting_of(design: Design, toolchain: Toolchain | None = None) -> Hls4mlSetting:
    """Return the setting of a design; without a toolchain Vitis HLS for the family of its part."""
    chosen = toolchain or Toolchain.of(design.part)
    return Hls4mlSetting(design.strategy, chosen, design.clock_period_ns, design.part)
