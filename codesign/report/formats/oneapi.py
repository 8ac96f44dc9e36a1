"""Reports of Intel oneAPI (hls4ml's oneAPI back end).

``quartus.ndjson`` after the Fitter, ``summary.ndjson`` before it. Intel's blocks are not AMD's, and the field names
here are AMD's: `lut` holds ALUTs (a fracturable 8-input table, two per ALM, is not a LUT6), `bram_18k` holds M20K
blocks (20 kb, one each). `tool` says so: compare such reports with care.
"""

import math

from codesign.errors import ReportError
from codesign.fpga.design.module_cost import ModuleCost
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal, load_json, whole
from codesign.report.formats.kernel_symbols import kernel_name

_SUMS = ("Kernel Subtotal", "Total", "Available")
_COLUMNS = {"ALUTs": "lut", "FFs": "ff", "RAMs": "bram_18k", "DSPs": "dsp"}


def is_quartus_ndjson(text: str) -> bool:
    """Whether the text is a ``quartus.ndjson`` with resources.

    Before the Fitter has run the file has none, and is no report.
    """
    return text.lstrip().startswith("{") and "quartusFit" in text[:2000] and '"alut"' in text


def is_oneapi_summary(text: str) -> bool:
    """Whether the text is a ``summary.ndjson``."""
    return text.lstrip().startswith("{") and '"summary_type"' in text[:2000]


def parse_quartus_ndjson(text: str) -> DesignReport:
    """Read the Fitter's resources of the whole device image, and its clock.

    Raises:
        ReportError: if it is truncated, or a number is missing.
    """
    report = load_json(text, "quartus.ndjson")
    resources = _nodes(report, "quartusFitResourceUsageSummary")
    clock = _nodes(report, "quartusFitClockSummary")[0]
    image = next((node for node in resources if node.get("type") == "system"), resources[0])
    fmax_mhz = decimal(clock.get("clock fmax"), "clock fmax")
    if not fmax_mhz:
        raise ReportError("quartus.ndjson: clock fmax: expected a frequency above 0 MHz. Received: 0")
    return DesignReport(
        source="post-route",
        tool="Quartus (oneAPI)",
        lut=whole(image.get("alut"), "alut"),
        ff=whole(image.get("reg"), "reg"),
        dsp=whole(image.get("dsp"), "dsp"),
        bram_18k=whole(image.get("ram"), "ram"),
        clock_estimated_ns=1000 / fmax_mhz,
        modules=tuple(_kernel(node) for node in resources if node.get("type") == "kernel"),
    )


def parse_oneapi_summary(text: str) -> DesignReport:
    """Read the compiler's resource estimate: the Total, pipes included, and what the device has.

    A fractional DSP is 1 / ``dsp_packing_factor`` of a block, and the compiler counts it apart from whole ones.

    Raises:
        ReportError: if it is truncated.
    """
    lines = [load_json(line, "summary.ndjson") for line in text.splitlines() if line.strip()]
    table = next((line for line in lines if line.get("summary_type") == "estimatedResources"), None)
    listed = [line for line in lines if line.get("parent") == "estimatedResources"]
    rows = {line.get("name"): line.get("data") for line in listed}
    if table is None or not {"Total", "Available"} <= set(rows):
        raise ReportError(
            "summary.ndjson: no Total and Available of estimatedResources; the file is truncated, compile again"
        )
    columns = [str(column).strip() for column in table.get("columns", [])][1:]
    total, available = _cells(columns, rows["Total"]), _cells(columns, rows["Available"])
    packing = whole(table.get("dsp_packing_factor", 1), "dsp_packing_factor")
    if packing < 1:
        raise ReportError("summary.ndjson: dsp_packing_factor: expected at least 1. Received: 0")
    kernels, rest = _kernels(lines, [line for line in listed if line.get("name") not in _SUMS])
    cells = [(name, _packed(_cells(columns, line.get("data")), packing)) for name, line in kernels]
    others = [(str(line.get("name")), _counts(_cells(columns, line.get("data")))) for line in rest]
    return DesignReport(
        source="csynth",
        tool="oneAPI",
        **_packed(total, packing),
        available=_counts(available),
        modules=tuple(ModuleCost(name, **counts) for name, counts in cells),
        notes=tuple(_note(*one) for one in others),
    )


def _kernels(lines: list[dict], listed: list[dict]) -> tuple[list[tuple[str, dict]], list[dict]]:
    """Return the rows of kernels, each with its name, and the rows of what no kernel has, such as pipes.

    The compiler cuts what it prints as a name at the last ``::`` of a signature, so that layers share ``bias_t)``; the
    symbol of each is in the kernel summary, in the same order.
    """
    symbols: dict[object, list[str]] = {}
    for line in lines:
        if line.get("parent") == "performanceSummary":
            symbols.setdefault(line.get("name"), []).append(str(line.get("compiler_name") or ""))
    kernels, rest = [], []
    for line in listed:
        own = symbols.get(line.get("name"))
        if symbols and not own:
            rest.append(line)
        else:
            kernels.append((kernel_name(own.pop(0) if own else "") or str(line.get("name")), line))
    return kernels, rest


def _note(name: str, counts: dict[str, int]) -> str:
    """What is in the Total and in no kernel."""
    used = ", ".join(f"{counts[key]:,} {column}" for column, key in _COLUMNS.items() if counts[key])
    return f"in the sum, but in no module: {name}, {used or 'nothing'}"


def _packed(cells: dict[str, object], packing: int) -> dict[str, int]:
    """The counts of a row, with the blocks that its fractional DSPs fill."""
    counts = _counts(cells)
    counts["dsp"] += math.ceil(whole(cells.get("Frac. DSPs", 0), "Frac. DSPs") / packing)
    return counts


def _kernel(node: dict) -> ModuleCost:
    keys = {"lut": "alut", "ff": "reg", "dsp": "dsp", "bram_18k": "ram"}
    return ModuleCost(str(node.get("name")), **{name: whole(node.get(key), key) for name, key in keys.items()})


def _nodes(report: dict, key: str) -> list[dict]:
    block = report.get(key)
    nodes = block.get("nodes") if isinstance(block, dict) else None
    if not isinstance(nodes, list) or not nodes or not all(isinstance(node, dict) for node in nodes):
        raise ReportError(f"quartus.ndjson: no nodes in {key}; expected the report of a full compilation (make fpga)")
    return nodes


def _cells(columns: list[str], data: object) -> dict[str, object]:
    if not isinstance(data, list) or len(data) != len(columns):
        raise ReportError(f"summary.ndjson: expected {len(columns)} numbers in a row. Received: {data!r:.60}")
    return dict(zip(columns, data))


def _counts(cells: dict[str, object]) -> dict[str, int]:
    return {name: whole(cells.get(column), column) for column, name in _COLUMNS.items()}
