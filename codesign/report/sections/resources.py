"""Resources of the picks beside the part: the share of what it holds."""

import math
from collections.abc import Mapping

from codesign.errors import ReportError
from codesign.fpga import DesignReport
from codesign.report.compare import capacity
from codesign.report.formats.own_json import pick_report
from codesign.report.sections.values import picked_rows, role

_LABELS = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram_18k": "BRAM 18 kb"}
_DECADES = 4  # of the bars: from 0.01 % to all of it


def resources_section(report: Mapping) -> list[dict] | None:
    """Return for each resource a bar per pick, logarithmic; None if the part's capacities are not known."""
    part = str(report.get("part") or "")
    picks = [(role(pick), _costs(pick)) for pick in picked_rows(report)]
    found = []
    for name, label in _LABELS.items():
        bars = []
        for title, one in picks:
            limit, count = (capacity(one, name, part), getattr(one, name)) if one is not None else (None, None)
            if limit and count is not None:
                width = 100 * (1 + math.log10(max(count / limit, 10.0**-_DECADES)) / _DECADES)
                bars.append({"role": title, "count": count, "share": count / limit, "width": min(100.0, width)})
                bars[-1] |= {"source": one.sources.get(name), "limit": limit}
        if bars:
            found.append({"label": label, "bars": bars})
    return found or None


def _costs(pick: Mapping) -> DesignReport | None:
    """What a pick costs; None if it names no source, or none that anybody knows."""
    try:
        return pick_report(pick)
    except ReportError:
        return None
