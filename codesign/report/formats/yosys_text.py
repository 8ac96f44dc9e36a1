"""What Yosys' ``stat`` prints: ``Number of cells:  9`` with ``LUT6  4`` (to 0.50), or ``9 cells`` with ``4 LUT6``."""

import re

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.fpga.rtl.yosys import count_cells

_HEAD = re.compile(r"^=== (.+?) ===\s*$", re.MULTILINE)
_TOTAL = re.compile(r"^\s+(?:Number of cells:\s+(\d+)|(\d+)(?:\s+[\d.e+]+)? cells)\s*$", re.MULTILINE)
_OLD, _NEW = re.compile(r"\s+(\S+)\s+(\d+)\s*"), re.compile(r"\s+(\d+)(?:\s+[\d.e+-]+)?\s+(\S+)\s*")
_WHOLE = "design hierarchy"


def is_yosys_text(text: str) -> bool:
    """Whether the text has what ``stat`` prints; a whole log of Yosys may be around it."""
    return _HEAD.search(text) is not None and _TOTAL.search(text) is not None


def parse_yosys_text(text: str) -> DesignReport:
    """Read the totals of the design, submodules included; of several ``stat`` the last one.

    Raises:
        ReportError: if it is truncated, has no totals, or holds cells that are not AMD's.
    """
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    blocks = [(head[1], text[head.end() : end]) for head, end in zip(heads, ends)]
    if blocks[-1][0] != _WHOLE and len(blocks) > 1 and blocks[-2][0] not in (_WHOLE, blocks[-1][0]):
        raise ReportError("yosys stat: no totals of the design; name the top module: stat -top NAME")
    total = _TOTAL.search(blocks[-1][1])
    if total is None:
        raise ReportError("yosys stat: no number of cells at its end; the file is truncated, write it again")
    cells = _cells(blocks[-1][1][total.end() :], old=total[1] is not None)
    submodules = {name.lstrip("\\") for name, _ in blocks}
    leaves = {cell: count for cell, count in cells.items() if cell.lstrip("\\") not in submodules}
    if int(total[1] or total[2]) not in (sum(leaves.values()), sum(cells.values())):
        raise ReportError("yosys stat: the cells do not add up to their number; the file is truncated or damaged")
    version = re.search(r"\bYosys (\d\S*)", text)
    described = {"tool": "Yosys", "tool_version": version[1] if version else ""}
    notes = () if blocks[-1][0] == _WHOLE else (f"of the module {blocks[-1][0]} alone",)
    return DesignReport("yosys", **described, **count_cells(leaves), notes=notes)


def _cells(text: str, *, old: bool) -> dict[str, int]:
    """The lines below the number of cells, to the first that is none of a cell."""
    found = {}
    for line in text.strip("\n").splitlines():
        row = (_OLD if old else _NEW).fullmatch(line)
        if row is None or row[2] == "submodules":
            break
        name, count = (row[1], row[2]) if old else (row[2], row[1])
        found[name] = int(count)
    return found
