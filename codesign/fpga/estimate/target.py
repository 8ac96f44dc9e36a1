"""What the closed forms are told besides the layer."""

from dataclasses import dataclass, field

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.toolchain import Toolchain


@dataclass(frozen=True)
class Target:
    """Compiler, part and clock, and the constants that go with them.

    Args:
        toolchain: compiler and part.
        clock_period_ns: the target.
        constants: see :class:`codesign.fpga.estimate.constants.CostConstants`.
    """

    toolchain: Toolchain = field(default_factory=Toolchain)
    clock_period_ns: float = 5.0
    constants: CostConstants = field(default_factory=CostConstants)

    @property
    def usable_clock_ns(self) -> float:
        """What the compiler plans with: Vivado HLS keeps back an eighth of the period, Vitis HLS 27 %."""
        return self.clock_period_ns * self.constants.usable_clock(self.toolchain.is_vitis)
