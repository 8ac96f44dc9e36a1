"""Whether the HLS compiler has been seen to reach a clock: what 1,434 measured builds say."""

from codesign.fpga.estimate.toolchain import Toolchain

# Counted in the columns clock_target_ns and clock_est_ns of fpga_truth_dev.csv and fpga_truth_modern.csv.
_SEVEN_SERIES_VITIS = (48, 112, 7.96)  # missed, builds at 3.33 and 5 ns, longest clock period that was reported (ns)
_OTHERS = (1322, 5.0)  # builds, shortest target (ns): none missed it


def clock_note(toolchain: Toolchain, clock_period_ns: float) -> str | None:
    """Return what is to be said of a target clock, None where every build like it reached it.

    Args:
        toolchain: compiler and family of the part.
        clock_period_ns: the target.

    Example:
        >>> from codesign.fpga.estimate.clock import clock_note
        >>> from codesign.fpga.estimate.toolchain import Toolchain
        >>> clock_note(Toolchain("vitis_hls", family="us+"), 5.0)
        >>> clock_note(Toolchain("vivado_hls", family="us+"), 2.0)[:41]
        'whether 2 ns are reached is not known: no'
    """
    missed, builds, longest_ns = _SEVEN_SERIES_VITIS
    if toolchain.is_vitis and toolchain.is_seven_series:
        if clock_period_ns >= longest_ns:
            return None
        return (
            f"{clock_period_ns:g} ns may not be reached: Vitis HLS missed {missed} of {builds} clocks of 3.3 and 5 ns "
            f"on the 7 series, and then reported up to {longest_ns:g} ns"
        )
    builds, shortest_ns = _OTHERS
    if clock_period_ns >= shortest_ns:
        return None
    return (
        f"whether {clock_period_ns:g} ns are reached is not known: no build below {shortest_ns:g} ns was measured; all "
        f"{builds:,} from there on reached theirs"
    )
