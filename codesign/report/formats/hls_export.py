"""``export_syn.rpt``, ``export_impl.rpt`` and ``*_export.rpt``: Vivado, run by ``export_design`` of an HLS compiler.

A BRAM is a block of 18 kb, one of 36 kb counts as two. The clock reached is that after the last step that was run.
"""

import re

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import nanoseconds, optional_whole, whole

_STEPS = {"Post-Implementation": ("post-route", "post-implementation"), "Post-Synthesis": ("vsynth", "post-synthesis")}
_LAST_LINE = re.compile(r"^\s*(Timing met|Timing not met|No Sequential Path)\s*$", re.MULTILINE)


def is_hls_export(text: str) -> bool:
    """Whether the text is such a report, judged by its head."""
    return re.search(r"^Implementation tool:", text[:1000], re.MULTILINE) is not None


def parse_hls_export(text: str) -> DesignReport:
    """Read resources and clock, after synthesis or after place and route.

    Raises:
        ReportError: if it is truncated, or a number is missing.
    """
    step = re.search(r"^#=== (Post-\w+) Resource usage ===", text, re.MULTILINE)
    if step is None or step[1] not in _STEPS or not _LAST_LINE.search(text, step.end()):
        raise ReportError("export report: no resource usage or no timing at its end; the file is truncated")
    source, achieved = _STEPS[step[1]]
    values = dict(re.findall(r"^\s*(?:- )?(\w[\w -]*?):\s+(\S.*?)\s*$", text, re.MULTILINE))
    version = re.search(r"Vivado v\.?(\S+)", values.get("Implementation tool", ""))
    return DesignReport(
        source,
        tool="Vivado",
        tool_version=version[1] if version else "",
        part=values.get("Device target", ""),
        lut=whole(values.get("LUT"), "LUT"),
        ff=whole(values.get("FF"), "FF"),
        dsp=optional_whole(values.get("DSP"), "DSP"),
        bram_18k=optional_whole(values.get("BRAM"), "BRAM"),
        uram=optional_whole(values.get("URAM"), "URAM"),
        clock_target_ns=nanoseconds(values.get("CP required"), "CP required"),
        clock_estimated_ns=nanoseconds(values.get(f"CP achieved {achieved}"), f"CP achieved {achieved}"),
    )
