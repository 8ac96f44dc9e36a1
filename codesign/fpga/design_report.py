"""DesignReport: what a design costs, in units, and who says so."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from codesign._printable import printable
from codesign.errors import ReportError

SOURCES = (
    "estimate",  # codesign's closed forms: no tool was run
    "csim",  # hls4ml C simulation
    "rtl-sim",  # Verilator
    "csynth",  # HLS compiler
    "vsynth",  # vendor logic synthesis
    "yosys",  # open logic synthesis
    "nextpnr",  # open place and route
    "post-route",  # vendor place and route
)
RESOURCES = ("lut", "ff", "dsp", "bram_18k", "uram")


@dataclass(frozen=True)
class DesignReport:
    """Numbers of one design from one tool; None where the tool does not say.

    Args:
        source: one of :data:`SOURCES`, so that an estimate can never pass for a synthesis.
        tool, tool_version, part: as the tool prints them, control codes written out; empty if it does not.
        lut, ff, dsp, bram_18k, uram: counts; a 36 kb block counts as two of 18 kb.
        latency_cycles, latency_cycles_min: from the first input to the last output, worst and best case.
        initiation_interval: cycles between events.
        clock_target_ns: the clock period asked for.
        clock_estimated_ns: the clock period that the tool says it reaches.
        available: capacities of the part as the report prints them, by resource.
    """

    source: str
    tool: str = ""
    tool_version: str = ""
    part: str = ""
    lut: int | None = None
    ff: int | None = None
    dsp: int | None = None
    bram_18k: int | None = None
    uram: int | None = None
    latency_cycles: int | None = None
    latency_cycles_min: int | None = None
    initiation_interval: int | None = None
    clock_target_ns: float | None = None
    clock_estimated_ns: float | None = None
    available: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ReportError(f"source: expected one of {', '.join(SOURCES)}. Received: {self.source}")
        for name in ("tool", "tool_version", "part"):
            object.__setattr__(self, name, printable(getattr(self, name)))

    @property
    def latency_ns(self) -> float | None:
        """Latency at the target clock."""
        if self.latency_cycles is None or self.clock_target_ns is None:
            return None
        return self.latency_cycles * self.clock_target_ns

    def as_dict(self) -> dict:
        """Return the numbers for JSON, `latency_ns` included, missing ones as None."""
        return {**asdict(self), "available": dict(self.available), "latency_ns": self.latency_ns}
