"""The dictionary of hls4ml's ``parse_vivado_report``, written as JSON: strings, and one report per stage.

hls4ml writes Vivado's *Block RAM Tile* (36 kb) under the name BRAM_18K in ``VivadoSynthReport``: it is doubled here.
"""

from codesign.errors import ReportError
from codesign.fpga.design.report import DesignReport
from codesign.report.formats.fields import decimal, load_json, nanoseconds, optional_whole, whole
from codesign.report.formats.vivado_hls import capacities, resources

_STAGES = ("ImplementationReport", "VivadoSynthReport", "CosimReport", "CSynthesisReport")


def is_hls4ml_json(text: str) -> bool:
    """Whether the text is such a dictionary."""
    return text.lstrip().startswith("{") and any(f'"{stage}"' in text for stage in _STAGES)


def parse_hls4ml_json(text: str) -> dict[str, DesignReport]:
    """Return the report of each stage by its source, such as ``vsynth`` and ``csynth``, as far as they are there.

    The stages stay apart: logic synthesis knows no latency, and the compiler's LUTs are not those of logic synthesis.
    A stage that hls4ml found no numbers for is an empty dictionary, and none here.

    Raises:
        ReportError: if it is truncated, or a number is missing.
    """
    report = load_json(text, "hls4ml report")
    stages = {stage: report[stage] for stage in _STAGES if stage in report}
    for stage, values in stages.items():
        if not isinstance(values, dict):
            raise ReportError(f"hls4ml report: {stage}: expected an object. Received: {type(values).__name__}")
    stages = {stage: values for stage, values in stages.items() if values}
    if not stages:
        raise ReportError(
            f"hls4ml report: expected {' or '.join(_STAGES)}. Received: {', '.join(map(str, report))[:80]}"
        )
    readers = {"ImplementationReport": _routed, "VivadoSynthReport": _vsynth}
    readers |= {"CosimReport": _cosim, "CSynthesisReport": _csynth}
    found = [readers[stage](values) for stage, values in stages.items()]
    return {one.source: one for one in found}


def _csynth(values: dict) -> DesignReport:
    available = {key.removeprefix("Available"): value for key, value in values.items() if key.startswith("Available")}
    return DesignReport(
        source="csynth",
        tool="Vivado/Vitis HLS",  # hls4ml's dictionary does not say which
        **resources(values),
        latency_cycles=optional_whole(values.get("WorstLatency"), "WorstLatency"),
        latency_cycles_min=optional_whole(values.get("BestLatency"), "BestLatency"),
        initiation_interval=optional_whole(values.get("IntervalMax"), "IntervalMax"),
        clock_target_ns=nanoseconds(values.get("TargetClockPeriod"), "TargetClockPeriod"),
        clock_estimated_ns=nanoseconds(values.get("EstimatedClockPeriod"), "EstimatedClockPeriod"),
        available=capacities(available),
    )


def _vsynth(values: dict) -> DesignReport:
    tiles = decimal(values.get("BRAM_18K"), "VivadoSynthReport BRAM_18K")
    return DesignReport(
        source="vsynth",
        tool="Vivado",
        lut=whole(values.get("LUT"), "VivadoSynthReport LUT"),
        ff=whole(values.get("FF"), "VivadoSynthReport FF"),
        dsp=whole(values.get("DSP48E", values.get("DSP")), "VivadoSynthReport DSP48E"),
        bram_18k=whole(2 * tiles, "VivadoSynthReport BRAM_18K"),
        uram=optional_whole(values.get("URAM"), "VivadoSynthReport URAM"),
    )


def _cosim(values: dict) -> DesignReport:
    return DesignReport(
        source="rtl-sim",
        tool="HLS co-simulation",
        latency_cycles=optional_whole(values.get("LatencyMax"), "CosimReport LatencyMax"),
        latency_cycles_min=optional_whole(values.get("LatencyMin"), "CosimReport LatencyMin"),
        initiation_interval=optional_whole(values.get("IntervalMax"), "CosimReport IntervalMax"),
    )


def _routed(values: dict) -> DesignReport:
    blocks = {key: whole(values.get(key), f"ImplementationReport {key}") for key in ("RAMB36s", "RAMB18s")}
    return DesignReport(
        source="post-route",
        tool="Vivado",
        lut=whole(values.get("TotLUTs"), "ImplementationReport TotLUTs"),
        ff=whole(values.get("FFs"), "ImplementationReport FFs"),
        dsp=whole(values.get("DSPs"), "ImplementationReport DSPs"),
        bram_18k=2 * blocks["RAMB36s"] + blocks["RAMB18s"],
        uram=optional_whole(values.get("URAMs"), "ImplementationReport URAMs"),
    )
