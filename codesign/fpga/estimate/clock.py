"""How likely the HLS compiler reaches a clock: what builds like a design reported."""

from collections.abc import Mapping

from codesign.fpga.estimate.fitted import fitted_numbers
from codesign.fpga.estimate.toolchain import Toolchain

_SAFE = 0.9  # from which on nothing is said
Clocks = Mapping[str, list[list[float]]]


def clock_group(toolchain: Toolchain) -> str:
    """Return the name of the builds that tell of a toolchain's clocks: compiler, kind of part, products in LUTs."""
    part = "7series" if toolchain.is_seven_series else "ultrascale"
    return " ".join((toolchain.tool, part, *(["lut"] if toolchain.dsp_mode == "lut" else [])))


def clock_probability(toolchain: Toolchain, clock_period_ns: float, *, fitted: Clocks | None = None) -> float | None:
    """Return the probability that the HLS compiler reports a clock at least as fast as the target.

    Of builds with a target of that or shorter the share whose report is within it, each family counting as three
    builds at most, and one more of each kind (Laplace's rule): (reached + 1) / (builds + 2).

    Args:
        toolchain: compiler and family of the part.
        clock_period_ns: the target.
        fitted: as :func:`codesign.fpga.estimate.fit.clocks.fit_clocks` gives it, instead of the built-in one.

    Returns:
        The probability; None where no build like it had a target that short. Place and route is not asked.

    Example:
        >>> from codesign.fpga.estimate.clock import clock_probability
        >>> from codesign.fpga.estimate.toolchain import Toolchain
        >>> clock_probability(Toolchain("vivado_hls", family="us+"), 5.0) > 0.9
        True
        >>> clock_probability(Toolchain("vitis_hls", family="7series", dsp_mode="lut"), 5.0) < 0.5
        True
    """
    builds = _builds(toolchain, clock_period_ns, fitted)
    if not builds:
        return None
    reached = sum(weight for _, reported, weight, _ in builds if reported <= clock_period_ns)
    return round((reached + 1) / (sum(weight for _, _, weight, _ in builds) + 2), 4)


def clock_note(toolchain: Toolchain, clock_period_ns: float) -> str | None:
    """Return what is to be said of a target clock, None where builds like it reached theirs.

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
    chance, group = clock_probability(toolchain, clock_period_ns), clock_group(toolchain)
    if chance is None:
        shortest = min((target for target, *_ in fitted_numbers()["clock"].get(group, ())), default=None)
        which = "no build like it was measured" if shortest is None else f"no build below {shortest:g} ns was measured"
        return f"whether {clock_period_ns:g} ns are reached is not known: {which}"
    builds = _builds(toolchain, clock_period_ns, None)
    missed = [(count, reported) for _, reported, _, count in builds if reported > clock_period_ns]
    if chance >= _SAFE or not missed:
        return None
    said = f"{clock_period_ns:g} ns are reached with a probability of {chance:.0%}"
    return (
        f"{said}: of {sum(count for *_, count in builds):g} builds like it with such a clock "
        f"{sum(count for count, _ in missed):g} missed it, and reported up to {max(one for _, one in missed):g} ns"
    )


def _builds(toolchain: Toolchain, clock_period_ns: float, fitted: Clocks | None) -> list[list[float]]:
    """Those with a target that is no longer: target, what was reported, weight, how many."""
    clocks = fitted_numbers()["clock"] if fitted is None else fitted
    return [one for one in clocks.get(clock_group(toolchain), ()) if one[0] <= clock_period_ns]
