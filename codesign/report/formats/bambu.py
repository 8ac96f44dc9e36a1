"""``bambu_results.xml`` of the open HLS compiler Bambu (Ferrandi et al., DAC 2021), run with ``--evaluation``.

Area and period come from the vendor's back end that Bambu runs. The file does not say whether that back end routed, so
the source is the weaker claim, ``vsynth``. Cycles come from Bambu's simulation of the RTL; the file has no interval.
"""

from codesign._untrusted import parse_xml
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal, whole


def is_bambu_xml(text: str) -> bool:
    """Whether the text is a results file of Bambu."""
    return "<bambu_results" in text[:500]


def parse_bambu_xml(text: str) -> DesignReport:
    """Read a results file. One BRAMS counts as one block of 18 kb.

    Raises:
        ReportError: if it is truncated, or was written without synthesis.
    """
    try:
        root = parse_xml(text)
    except UnreadableError as error:
        raise ReportError(
            f"bambu_results: not complete XML ({error}); the file is truncated, run Bambu again"
        ) from None
    values = {child.tag: child.get("value") for child in root}
    if "SLICE_LUTS" not in values:
        raise ReportError("bambu_results: no SLICE_LUTS; run Bambu with --evaluation and a synthesis tool")
    period_ns = decimal(values["PERIOD"], "PERIOD") if "PERIOD" in values else None
    slack_ns = values.get("CLOCK_SLACK")
    cycles = decimal(values["CYCLES"], "CYCLES") if "CYCLES" in values else None
    version = root.get("bambu_version", "").removeprefix("Version:").split(" - ")[0]
    return DesignReport(
        source="vsynth",
        tool="Bambu",
        tool_version=version.replace("PandA", "").strip(),
        lut=whole(values["SLICE_LUTS"], "SLICE_LUTS"),
        ff=whole(values.get("REGISTERS"), "REGISTERS"),
        dsp=whole(values.get("DSPS"), "DSPS"),
        bram_18k=whole(values.get("BRAMS"), "BRAMS"),
        latency_cycles=None if cycles is None else whole(cycles, "CYCLES"),
        # picoseconds: the file holds 2.1920000000000002 and 7.8079999999999998 for a clock of 10 ns
        clock_target_ns=None if period_ns is None or slack_ns is None else round(period_ns + _signed(slack_ns), 6),
        clock_estimated_ns=None if period_ns is None else round(period_ns, 6),
    )


def _signed(text: str) -> float:
    """Slack is negative where the clock is missed."""
    return -decimal(text[1:], "CLOCK_SLACK") if text.startswith("-") else decimal(text, "CLOCK_SLACK")
