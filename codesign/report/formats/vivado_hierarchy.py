"""Vivado's ``report_utilization -hierarchical``: the resources of each instance.

An instance is indented below the one that it is in; a row in parentheses is what an instance has beside its parts.
"""

import re

from codesign.errors import ReportError
from codesign.fpga.design.module_cost import ModuleCost
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import optional_whole
from codesign.report.formats.vivado import SOURCES, header, unknown_state, vivado_part

_COLUMNS = {"Total LUTs": "lut", "FFs": "ff", "URAM": "uram", "DSP Blocks": "dsp", "DSP48 Blocks": "dsp"}
_TABLE = re.compile(
    r"^(?:\d+\. )?Utilization by Hierarchy\n-+\s*\n(.*?\n\+[-+]+\+ *\n.*?\n\+[-+]+\+ *\n.*?\n\+[-+]+\+) *$",
    re.MULTILINE | re.DOTALL,
)
_Row = tuple[int, dict[str, str]]


def is_vivado_hierarchy(text: str) -> bool:
    """Whether the text is such a report, judged by its head."""
    return "| Tool Version" in text[:2000] and "Utilization by Hierarchy" in text[:4000]


def parse_vivado_hierarchy(text: str) -> DesignReport:
    """Read the top instance, and as its modules the instances of the first level that has several.

    Raises:
        ReportError: if it is truncated, or of a design that is neither synthesized nor routed.
    """
    table, state = _TABLE.search(text.replace("\r\n", "\n")), header(text, "Design State")
    if state not in SOURCES:
        raise unknown_state(state)
    rows = _rows(table[1]) if table else []
    if not rows:
        raise ReportError("report_utilization: no complete table of the hierarchy; the report is truncated")
    version = re.match(r"Vivado v\.?(\S+)", header(text, "Tool Version"))
    return DesignReport(
        SOURCES[state],
        tool="Vivado",
        tool_version=version[1] if version else "",
        part=vivado_part(text),
        **_costs(rows[0][1]),
        modules=tuple(ModuleCost(row["Instance"], **_costs(row)) for row in _parts(rows)),
    )


def _rows(table: str) -> list[_Row]:
    """How far each instance is indented, and its cells by column."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    names, *cells = [line.strip().strip("|").split("|") for line in lines]
    names = [name.strip() for name in names]
    return [
        (len(one[0]) - len(one[0].lstrip()), dict(zip(names, (cell.strip() for cell in one))))
        for one in cells
        if len(one) == len(names)
    ]


def _parts(rows: list[_Row]) -> list[dict[str, str]]:
    """The instances in the first one that has several."""
    depths = sorted({depth for depth, _ in rows})
    for depth in depths[1:]:
        level = [row for at, row in rows if at == depth and not row["Instance"].startswith("(")]
        if len(level) > 1:
            return level
    return []


def _costs(row: dict[str, str]) -> dict[str, int | None]:
    counts = {column: optional_whole(re.sub(r"\s*\(.*\)$", "", cell), column) for column, cell in row.items()
              if column in (*_COLUMNS, "RAMB36", "RAMB18")}  # fmt: skip
    if None in (counts.get("Total LUTs"), counts.get("FFs"), counts.get("RAMB36"), counts.get("RAMB18")):
        raise ReportError("report_utilization: no column of LUTs, FFs, RAMB36 or RAMB18; of an unknown version")
    found = {name: counts[column] for column, name in _COLUMNS.items() if column in counts}
    return {**found, "bram_18k": 2 * counts["RAMB36"] + counts["RAMB18"]}
