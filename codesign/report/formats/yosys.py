"""Yosys ``stat -json`` of a netlist mapped to AMD cells (``synth_xilinx``).

LUTs are lookup tables plus the tables used as shift registers and memory, as Vivado counts them; an inverter (``INV``)
is no LUT: placement folds it into its neighbour. The file knows no part, no clock and no latency.
"""

import re

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.fpga.rtl.yosys import count_cells
from codesign.report.formats.fields import load_json, whole


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
        raise ReportError(
            f"yosys stat: the cells by type do not add up to num_cells {design['num_cells']}; the file is damaged"
        )
    return DesignReport("yosys", tool="Yosys", tool_version=version[1] if version else "", **count_cells(leaves))
