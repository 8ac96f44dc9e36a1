"""Yosys ``stat -json`` of a netlist mapped to AMD cells (``synth_xilinx``).

LUTs are lookup tables plus the tables used as shift registers and memory, as Vivado counts them; an inverter (``INV``)
is no LUT: placement folds it into its neighbour. The file knows no part, no clock and no latency.
"""

import re
from collections.abc import Mapping

from codesign.errors import ReportError
from codesign.fpga.design_report import DesignReport
from codesign.report.fields import load_json, whole

# cell -> (resource, how many of it)
_CELLS = {
    **{f"LUT{inputs}": ("lut", 1) for inputs in range(1, 7)},
    **dict.fromkeys(("SRL16E", "SRLC32E", "RAM32X1S", "RAM64X1S"), ("lut", 1)),
    **dict.fromkeys(("RAM32X1D", "RAM64X1D", "RAM128X1S"), ("lut", 2)),
    **dict.fromkeys(("RAM32M", "RAM64M", "RAM128X1D", "RAM256X1S"), ("lut", 4)),
    **dict.fromkeys(("RAM32M16", "RAM64M8", "RAM64X8SW", "RAM256X1D", "RAM512X1S"), ("lut", 8)),
    **dict.fromkeys(("FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1", "LDCE", "LDPE"), ("ff", 1)),
    **dict.fromkeys(("DSP48E1", "DSP48E2"), ("dsp", 1)),
    **dict.fromkeys(("RAMB18E1", "RAMB18E2"), ("bram_18k", 1)),
    **dict.fromkeys(("RAMB36E1", "RAMB36E2"), ("bram_18k", 2)),
    "URAM288": ("uram", 1),
}
_FREE = re.compile(r"CARRY[48]|MUXF[5789]|INV|GND|VCC|BUFG\w*|I?O?BUF\w*|INBUF|\$scopeinfo")


def is_yosys_stat(text: str) -> bool:
    """Whether the text is the output of ``stat -json``; Yosys may log a few lines before it."""
    return re.search(r'\{\s*"creator":\s*"Yosys ', text[:5000]) is not None


def parse_yosys_stat(text: str) -> DesignReport:
    """Read the totals of the design, submodules included.

    Raises:
        ReportError: if it is truncated, has no top module, or holds cells that are not AMD's.
    """
    report = load_json(text[text.index("{") :], "yosys stat")
    design, modules = report.get("design"), report.get("modules")
    cells = design.get("num_cells_by_type") if isinstance(design, dict) else None
    if not isinstance(cells, dict) or not isinstance(modules, dict):
        raise ReportError("yosys stat: no totals of the design; name the top module: stat -json -top NAME")
    version = re.match(r"Yosys (\S+)", str(report.get("creator")))
    submodules = {name.lstrip("\\") for name in modules}
    leaves = {cell: whole(count, cell) for cell, count in cells.items() if cell.lstrip("\\") not in submodules}
    # Versions differ in whether an instance of a submodule is itself a cell.
    sums = {sum(leaves.values()), sum(whole(count, cell) for cell, count in cells.items())}
    if "num_cells" in design and whole(design["num_cells"], "num_cells") not in sums:
        raise ReportError(f"yosys stat: the cells by type do not add up to num_cells {design['num_cells']}; the file is damaged")
    return DesignReport("yosys", tool="Yosys", tool_version=version[1] if version else "", **count_cells(leaves))


def count_cells(cells: Mapping[str, int]) -> dict[str, int]:
    """Return the resources that AMD cells take, by our names.

    Raises:
        ReportError: for a cell that is not known: a count without it would be wrong.
    """
    counts = dict.fromkeys(("lut", "ff", "dsp", "bram_18k", "uram"), 0)
    for cell, count in cells.items():
        if cell in _CELLS:
            resource, factor = _CELLS[cell]
            counts[resource] += factor * count
        elif not _FREE.fullmatch(cell):
            raise ReportError(f"yosys stat: cell {cell} is not a known AMD cell; map the design with synth_xilinx before stat")
    return counts
