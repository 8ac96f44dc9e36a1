"""What the closed forms are told besides the layer."""

from dataclasses import dataclass, field

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.toolchain import Toolchain

_USUAL_WIDTH = 16  # bits of the adders that the delays are for


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

    @property
    def adder_ns(self) -> float:
        """Of an adder level."""
        if not self.toolchain.is_seven_series:
            return self.constants.adder_ns
        is_vitis = self.toolchain.is_vitis
        return self.constants.adder_ns_7series_vitis if is_vitis else self.constants.adder_ns_7series_vivado

    @property
    def dsp_ns(self) -> float:
        """Of a product in a DSP block of the 7 series."""
        is_slow = self.toolchain.speed_grade == 1
        return self.constants.dsp_ns_7series_slow if is_slow else self.constants.dsp_ns_7series

    def adder_levels(self, width: int = _USUAL_WIDTH) -> float:
        """Return the adder levels between two registers; on the 7 series one at least, however short the clock.

        Args:
            width: bits of an adder, whose carry takes longer the wider it is.
        """
        if not self.toolchain.is_seven_series:
            return self.usable_clock_ns / self.adder_ns
        carry = self.constants.carry_ns_per_bit_7series * max(0, width - _USUAL_WIDTH)
        return max(1.0, self.usable_clock_ns / (self.adder_ns + carry))
