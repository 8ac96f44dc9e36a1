"""Open logic synthesis of the pipelined Verilog by Yosys: LUT, FF, DSP and BRAM of AMD parts, no clock frequency."""

import re
from collections.abc import Mapping
from pathlib import Path

from codesign._untrusted import parse_json
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design.report import DesignReport
from codesign.fpga.rtl.project import RtlProject
from codesign.tools.find import require_tool
from codesign.tools.run import run_tool

# AMD cell -> (resource, how many of it); a LUT used as shift register or memory is a LUT, as in Vivado's reports.
_CELLS = {
    **{f"LUT{inputs}": ("lut", 1) for inputs in range(1, 7)},
    "LUT6_2": ("lut", 1),  # two functions of the same five inputs in one LUT
    **dict.fromkeys(("SRL16E", "SRLC32E", "RAM32X1S", "RAM64X1S"), ("lut", 1)),
    **dict.fromkeys(("RAM32X1D", "RAM64X1D", "RAM128X1S"), ("lut", 2)),
    **dict.fromkeys(("RAM32M", "RAM64M", "RAM128X1D", "RAM256X1S"), ("lut", 4)),
    **dict.fromkeys(("RAM32M16", "RAM64M8", "RAM64X8SW", "RAM256X1D", "RAM512X1S"), ("lut", 8)),
    **dict.fromkeys(
        ("FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1", "LDCE", "LDPE"), ("ff", 1)
    ),
    **dict.fromkeys(("DSP48E1", "DSP48E2"), ("dsp", 1)),
    **dict.fromkeys(("RAMB18E1", "RAMB18E2"), ("bram_18k", 1)),
    **dict.fromkeys(("RAMB36E1", "RAMB36E2"), ("bram_18k", 2)),
    "URAM288": ("uram", 1),
}
# Beside the LUTs of a slice, at its pins, or folded into its neighbour by placement, as an inverter is. Only before
# a carry chain an inverter, or a value that is passed, does take a LUT, and the count leaves it out: scripts that trade
# other LUTs for these (each addition a carry chain of its own instead of trees of full adders: a quarter less) count
# less, and take no less.
_FREE = re.compile(r"CARRY[48]|MUXF[5789]|INV|GND|VCC|BUFG\w*|I?O?BUF\w*|INBUF|\$scopeinfo")
# Tables are to be LUTs, in a word that Yosys knows: it has no cell for the "distributed" that da4ml writes for Vivado.
_SCRIPT = """read_verilog -defer {sources}
hierarchy -top {top}
proc
setattr -set rom_style "logic" m:*
synth_xilinx -family {family} -nodsp -flatten -top {top}
tee -o {stat} stat -json
"""


def synthesize_verilog(project: RtlProject, *, timeout_s: float = 600.0) -> DesignReport:
    """Synthesize a project's Verilog, its top module if it has one; log and counts go to its folder ``yosys``.

    A native Yosys on the PATH is used if there is one, and is several times faster than the wheel. The wheel takes
    about 10 s for 2,000 LUTs, and at its first call compiles itself for about a minute, within the time limit.
    Yosys sees resources only: cycles are the simulation's to say, and a clock that is reached only place and route's.

    Args:
        project: from :func:`codesign.fpga.rtl.verilog.write_verilog`.
        timeout_s: limit in seconds of wall time.

    Raises:
        ToolError: if Yosys is missing, fails, or is not finished in time.
        ReportError: if it did not map the design to AMD cells.
    """
    yosys = require_tool("yosys")
    folder = project.directory / "yosys"
    folder.mkdir(exist_ok=True)
    stat = folder / "stat.json"
    stat.unlink(missing_ok=True)
    # Run where the tables are; all paths are relative, because the wheel has a /tmp of its own.
    script = _SCRIPT.format(
        sources=" ".join(f"../../{source.as_posix()}" for source in project.sources),
        family=yosys_family(project.part),
        top=project.top or project.name,
        stat="../../yosys/stat.json",
    )
    (folder / "synthesis.ys").write_text(script)
    command, tables = [*yosys.command, "-s", "../../yosys/synthesis.ys"], project.directory / "src/memfiles"
    run_tool(command, cwd=tables, log=folder / "yosys.log", timeout_s=timeout_s, name="yosys")
    return DesignReport("yosys", tool="Yosys", tool_version=yosys.version, part=project.part, **parse_stat(_read(stat)))


def parse_stat(text: str) -> dict[str, int]:
    """Return the lut, ff, dsp, bram_18k and uram in what ``stat -json`` prints after ``synth_xilinx -flatten``.

    Raises:
        ReportError: if the text is truncated, not such a report, or holds a cell that is not known.
    """
    try:
        counts = parse_json(text[max(0, text.find("{")) :])["design"]["num_cells_by_type"]
        strange = [count for count in counts.values() if type(count) is not int or count < 0]
    except (UnreadableError, KeyError, TypeError, AttributeError) as error:
        received = f"{type(error).__name__} {error}"
        raise ReportError(f"yosys: expected what 'stat -json' prints. Received: {received}; run it again") from None
    if strange:
        raise ReportError(f"yosys: expected whole numbers of cells. Received: {strange[0]!r:.60}; run it again")
    return count_cells(counts)


def count_cells(cells: Mapping[str, int]) -> dict[str, int]:
    """Return the resources that AMD cells take.

    Raises:
        ReportError: for a cell that is not known: a count without it would be wrong.
    """
    counts = dict.fromkeys(("lut", "ff", "dsp", "bram_18k", "uram"), 0)
    for cell, count in cells.items():
        if cell in _CELLS:
            resource, factor = _CELLS[cell]
            counts[resource] += factor * count
        elif not _FREE.fullmatch(cell):
            raise ReportError(
                f"yosys: expected cells of AMD parts. Received: {cell}; map with synth_xilinx before stat"
            )
    return counts


def yosys_family(part: str) -> str:
    """Return the name that ``synth_xilinx`` has for a part's family: xcup (UltraScale+), xcu (UltraScale) or xc7."""
    family = re.split(r"[-_]", part.lower())[0]
    if family.startswith("xc7"):
        return "xc7"
    return "xcu" if re.match(r"xc[kv]u\d+$", family) else "xcup"


def _read(report: Path) -> str:
    if not report.exists():
        raise ReportError(f"yosys: expected {report.name}. Received: none; see yosys.log beside it")
    return report.read_text()
