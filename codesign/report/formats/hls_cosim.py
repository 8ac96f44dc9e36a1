"""``*_cosim.rpt``: cycles that Vivado HLS or Vitis HLS measured in a simulation of the RTL. It holds no resources."""

import re

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import optional_whole, table_rows

_HEAD = re.compile(r"^\+\s*RTL\s*\+\s*Status\s*\+", re.MULTILINE)
_LANGUAGES = ("Verilog", "VHDL", "SystemC")


def is_hls_cosim(text: str) -> bool:
    """Whether the text is a report of co-simulation, judged by the head of its table."""
    return _HEAD.search(text[:5000]) is not None


def parse_hls_cosim(text: str) -> DesignReport:
    """Read the worst case of the language that was simulated.

    Raises:
        ReportError: if it is truncated, nothing was simulated, or the outputs were wrong.
    """
    table = text[_HEAD.search(text).start() :]
    rows = [cells for cells in table_rows(table) if cells[0] in _LANGUAGES]
    if not rows or not re.search(r"^\+[-+]+\+\s*\Z", table, re.MULTILINE):
        raise ReportError("cosim.rpt: the table is not complete; the file is truncated, run the co-simulation again")
    run = next((cells for cells in rows if cells[1] != "NA"), None)
    if run is None:
        raise ReportError("cosim.rpt: no language was simulated (NA); run the co-simulation first")
    if run[1] != "Pass" or len(run) < 8:
        raise ReportError(f"cosim.rpt: expected a simulation that passed. Received: {run[0]} {run[1]}")
    simulator = re.search(r"^Simulation tool\s*:\s*(\S+?)\.?\s*$", text, re.MULTILINE)
    return DesignReport(
        "rtl-sim",
        tool=f"HLS co-simulation ({simulator[1]})" if simulator else "HLS co-simulation",
        latency_cycles_min=optional_whole(run[2], "Latency min"),
        latency_cycles=optional_whole(run[4], "Latency max"),
        initiation_interval=optional_whole(run[7], "Interval max"),
    )
