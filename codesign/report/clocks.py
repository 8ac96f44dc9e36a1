"""The clock that was asked for beside the one that was reached."""

from codesign.fpga.design.report import DesignReport


def slack_ns(report: DesignReport) -> float | None:
    """Return the clock asked for less the one reached: negative where it was missed; None if one is not known."""
    if report.clock_target_ns is None or report.clock_estimated_ns is None:
        return None
    return round(report.clock_target_ns - report.clock_estimated_ns, 6)  # of a report's picoseconds, not of floats


def missed(report: DesignReport) -> bool:
    """Whether the report says that the clock asked for was not reached."""
    slack = slack_ns(report)
    return slack is not None and slack < 0


def latency_reached_ns(report: DesignReport) -> float | None:
    """Return the latency at the clock reached; None if it is not known."""
    if report.latency_cycles is None or report.clock_estimated_ns is None:
        return None
    return report.latency_cycles * report.clock_estimated_ns


def missed_sentence(name: str, report: DesignReport) -> str:
    """Return one line that says by how much the clock was missed, and what that does to the latency."""
    asked, reached, slack = report.clock_target_ns, report.clock_estimated_ns, slack_ns(report)
    line = f"{name}: the clock was missed: {reached:.4g} ns reached, {asked:.4g} ns asked for (slack {slack:.4g} ns)"
    if report.latency_cycles is None:
        return line
    cycles = f"{report.latency_cycles:,} cycles are {latency_reached_ns(report):,.4g} ns at the clock reached"
    return f"{line}; {cycles}, {report.latency_cycles * asked:,.4g} ns at the target"
