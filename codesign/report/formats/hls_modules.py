"""What Vivado HLS and Vitis HLS say of each module: instances of a ``csynth.rpt``, modules of a ``csynth.xml``."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from codesign.fpga.design.module_cost import ModuleCost
from codesign.report.formats.fields import table_rows

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # nosec B405  # a type's name

RESOURCE_NAMES = {"LUT": "lut", "FF": "ff", "DSP": "dsp", "DSP48E": "dsp", "BRAM_18K": "bram_18k", "URAM": "uram"}
_INSTANCES = re.compile(r"^\s*\* Instance:(.*?)(?=^\s*[*+] \w|\Z)", re.MULTILINE | re.DOTALL)


def modules_of_rpt(performance: str, utilization: str) -> tuple[ModuleCost, ...]:
    """Return the instances of a ``csynth.rpt`` from its two sections, in the order of the report."""
    timed = {cells[0]: cells for cells in _rows(performance)[1:]}
    header, *rows = _rows(utilization) or [[]]
    found = []
    for cells in rows:
        latency = timed.get(cells[0])
        cycles = {"latency_cycles": _count(latency[3]), "initiation_interval": _count(latency[-2])} if latency else {}
        found.append(ModuleCost(cells[0], **_resources(dict(zip(header, cells))), **cycles))
    return tuple(found)


def modules_of_xml(root: "Element") -> tuple[ModuleCost, ...]:
    """Return the modules of a ``csynth.xml`` but the top one; Vivado HLS lists none."""
    top, found = root.findtext("UserAssignments/TopModelName"), []
    for module in root.findall("ModuleInformation/Module"):
        name = (module.findtext("Name") or "").strip()
        latency = "PerformanceEstimates/SummaryOfOverallLatency/"
        used = module.find("AreaEstimates/Resources")
        if name and name != top and used is not None:
            cycles = _count(module.findtext(f"{latency}Worst-caseLatency"))
            interval = module.findtext(f"{latency}Interval-max") or module.findtext(
                f"{latency}PipelineInitiationInterval"
            )
            counts = _resources({child.tag: child.text for child in used})
            found.append(ModuleCost(name, **counts, latency_cycles=cycles, initiation_interval=_count(interval)))
    return tuple(found)


def _rows(section: str) -> list[list[str]]:
    """The header and rows of the table of instances, without its total; nothing where there is none."""
    table = _INSTANCES.search(section)
    rows = list(table_rows(table[1])) if table else []
    start = next((index for index, cells in enumerate(rows) if cells[:2] == ["Instance", "Module"]), len(rows))
    header = rows[start : start + 1]
    return header + [row for row in rows[start + 1 :] if len(row) == len(header[0]) and row[0] != "Total"]


def _resources(cells: Mapping[str, str | None]) -> dict[str, int | None]:
    return {RESOURCE_NAMES[key]: _count(value) for key, value in cells.items() if key in RESOURCE_NAMES}


def _count(text: str | None) -> int | None:
    """A count, None for whatever else: a module's unknown number is no reason to refuse the report."""
    text = (text or "").strip()
    return int(text) if re.fullmatch(r"\d{1,15}", text) else None
