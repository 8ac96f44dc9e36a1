"""DesignReport: what a design costs, in units, and who says each number."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from math import inf
from types import MappingProxyType

from codesign._arguments import check_range, check_type
from codesign._printable import printable
from codesign.errors import ReportError
from codesign.fpga.design.module_cost import ModuleCost

# Who may say what a design costs, and of what kind that is. The best-founded comes first: the nearer to the device the
# better, and cycles that were measured before those that were only scheduled.
SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "post-route": "place and route",  # by the vendor
        "vsynth": "logic synthesis",  # by the vendor
        "yosys": "logic synthesis",
        "rtl-sim": "a simulation",  # by Verilator
        "csynth": "an HLS compiler",
        "estimate": "an estimate",  # codesign's closed forms: no tool was run
    }
)
RESOURCES = ("lut", "ff", "dsp", "bram_18k", "uram")
_CYCLES = ("latency_cycles", "latency_cycles_min", "initiation_interval")
NUMBERS = (*RESOURCES, *_CYCLES, "clock_estimated_ns")
CSYNTH = "csynth_"  # before the name of a resource, in `intervals`: of the figure that an HLS compiler will report
_CHANCES = ("failure_probability", "clock_probability")
_SEES = {"yosys": RESOURCES, "rtl-sim": _CYCLES}  # the others may know all


@dataclass(frozen=True)
class DesignReport:
    """Numbers of one design, each with its source; None where nobody says.

    `part` and `clock_target_ns` were asked for, and have no source. The report of a tool has one source; what several
    say of one design is put together by :func:`merge_reports`.

    Args:
        source: who counted the resources, one of :data:`SOURCES`, so that an estimate can never pass for a synthesis.
        tool, tool_version, part: as the tool prints them, control codes written out; empty if it does not.
        lut, ff, dsp, bram_18k, uram: counts; a 36 kb block counts as two of 18 kb.
        latency_cycles, latency_cycles_min: from the first input to the last output, worst and best case.
        initiation_interval: cycles between events.
        clock_target_ns: the clock period asked for.
        clock_estimated_ns: the clock period that the tool says it reaches.
        available: capacities of the part as the report prints them, by resource.
        sources: who says each of :data:`NUMBERS` that is known; `source` where it is left out.
        csynth: of an estimate: the resources that the HLS compiler's report will say, by name; its own `lut` and so on
            are those behind logic synthesis, which are fewer.
        intervals: (low, high) of estimated numbers by name, those of `csynth` as ``csynth_lut``: the true one lies
            within in 9 of 10 designs of kinds that the estimate has not seen. A number without one is exact, or its
            error is not known.
        failure_probability: of an estimate: that the tool finishes without a result.
        clock_probability: of an estimate: that the HLS compiler reports a clock within the target.
        notes: of an estimate: what it knew of the design, one sentence each.
        modules: what each module costs, where the report lists them; reports of equal numbers are equal without.

    Raises:
        ReportError: for a source that is not known, or one that cannot have seen its number, an interval that is none,
            or a probability outside of 0 to 1.

    Example:
        >>> from codesign import DesignReport
        >>> report = DesignReport(source="csynth", lut=1200, latency_cycles=6, clock_target_ns=2.5)
        >>> report.latency_ns, report.ff, report.sources["lut"]
        (15.0, None, 'csynth')
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
    sources: Mapping[str, str] = field(default_factory=dict)
    csynth: Mapping[str, int] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    failure_probability: float | None = None
    clock_probability: float | None = None
    notes: tuple[str, ...] = ()
    modules: tuple[ModuleCost, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        _check_source("source", self.source)
        for one in fields(self):
            check_type(getattr(self, one.name), one.type, one.name, error=ReportError)
        for name in ("tool", "tool_version", "part"):
            object.__setattr__(self, name, printable(getattr(self, name)))
        object.__setattr__(self, "notes", tuple(map(printable, self.notes)))
        object.__setattr__(self, "sources", self._checked_sources())
        object.__setattr__(self, "csynth", _checked_counts(self.csynth))
        modules = (one if one.source else replace(one, source=self.source) for one in self.modules)
        object.__setattr__(self, "modules", tuple(modules))
        for one in self.modules:
            _check_source("modules: source", one.source)
        object.__setattr__(self, "intervals", self._checked_intervals())
        for name in _CHANCES:
            if getattr(self, name) is not None:
                check_range(getattr(self, name), name, 0, 1, error=ReportError)

    def _checked_sources(self) -> dict[str, str]:
        """Who says each number that is known."""
        for name, source in self.sources.items():
            if name not in NUMBERS:
                raise ReportError(f"sources: expected some of {', '.join(NUMBERS)}. Received: {name!r:.60}")
            _check_source(f"sources.{name}", source)
        known = [name for name in NUMBERS if getattr(self, name) is not None]
        sources = {name: self.sources.get(name, self.source) for name in known}
        for name, source in sources.items():
            if not can_see(source, name):
                raise ReportError(f"{name}: expected a source that can see it, or None. Received: {source}")
        if sources.get("lut", self.source) != self.source:
            raise ReportError(f"source: expected that of lut, {sources['lut']}. Received: {self.source}")
        return sources

    def _checked_intervals(self) -> dict[str, tuple[float, float]]:
        """The intervals of what is known: a report that leaves a number out has none of it."""
        known, found = {*self.sources, *(CSYNTH + name for name in self.csynth)}, {}
        for name, (low, high) in self.intervals.items():
            if name not in NUMBERS and name.removeprefix(CSYNTH) not in RESOURCES:
                raise ReportError(f"intervals: expected names such as lut and csynth_lut. Received: {name!r:.60}")
            if not 0 <= low <= high < inf:
                raise ReportError(f"intervals.{name}: expected 0 <= low <= high. Received: {low!r} and {high!r}")
            if name in known:
                found[name] = (float(low), float(high))
        return found

    def interval(self, number: str) -> tuple[float, float] | None:
        """Return (low, high) of a number, of `latency_ns` too; None where it has none."""
        if number != "latency_ns":
            return self.intervals.get(number)
        cycles = self.intervals.get("latency_cycles")
        if cycles is None or not self.latency_cycles or self.latency_ns is None:
            return None
        return tuple(bound * self.latency_ns / self.latency_cycles for bound in cycles)

    @property
    def latency_clock(self) -> str | None:
        """Which clock `latency_ns` is at: ``target``, or ``reached`` if no target is known; None without a latency."""
        if self.latency_cycles is None:
            return None
        if self.clock_target_ns is not None:
            return "target"
        return None if self.clock_estimated_ns is None else "reached"

    @property
    def latency_ns(self) -> float | None:
        """Latency at `latency_clock`."""
        clocks_ns = {"target": self.clock_target_ns, "reached": self.clock_estimated_ns}
        return self.latency_cycles * clocks_ns[self.latency_clock] if self.latency_clock else None

    def as_dict(self) -> dict:
        """Return the numbers for JSON, `latency_ns` and its clock included, missing ones as None."""
        own = asdict(self)
        own |= {"intervals": {name: list(one) for name, one in self.intervals.items()}, "notes": list(self.notes)}
        own |= {"modules": [asdict(one) for one in self.modules]}
        return {**own, "latency_ns": self.latency_ns, "latency_clock": self.latency_clock}


def can_see(source: str, number: str) -> bool:
    """Whether a source can know a number: Yosys sees neither clock nor cycles, and a simulation sees only cycles."""
    return number in _SEES.get(source, NUMBERS)


def rank(source: str) -> int:
    """Return the place of a source in :data:`SOURCES`: 0 is the best-founded."""
    return tuple(SOURCES).index(source)


def foundation(report: DesignReport) -> tuple[bool, int]:
    """Return what sorts reports, the best-founded first; those that count LUTs come before those that do not."""
    return report.lut is None, rank(report.source)


def best_report(reports: Iterable[DesignReport]) -> DesignReport:
    """Return the best-founded report that counts LUTs, or if none does the best-founded one; the first of equal ones.

    Raises:
        ReportError: without reports.
    """
    best = min(reports, key=foundation, default=None)
    if best is None:
        raise ReportError("reports: expected at least one of a design. Received none")
    return best


def merge_reports(reports: Iterable[DesignReport]) -> DesignReport:
    """Return what is known about a design: each number from the best-founded report that has it.

    Of equally founded ones the first counts. `source` and tool are those of the :func:`best_report`; the part and the
    target clock are the best-founded report's that names them. A number that stays an estimate keeps its interval; what
    else an estimate says is kept while nobody has counted LUTs, and its notes while one of its numbers stands.

    Args:
        reports: of one design; merged ones too.

    Raises:
        ReportError: without reports.
    """
    reports = tuple(reports)
    best, settled = best_report(reports), sorted(reports, key=foundation)
    chosen: dict[str, DesignReport] = {}
    for name in NUMBERS:
        known = [report for report in reports if getattr(report, name) is not None]
        if known:
            chosen[name] = min(known, key=lambda report: rank(report.sources[name]))
    found = {name: getattr(one, name) for name, one in chosen.items()}
    sources = {name: one.sources[name] for name, one in chosen.items()}
    part = next((report.part for report in settled if report.part), "")
    clocks = (report.clock_target_ns for report in settled if report.clock_target_ns is not None)
    available = {name: count for report in reversed(settled) for name, count in report.available.items()}
    modules = next((report.modules for report in settled if report.modules), ())
    asked = {"modules": modules, "part": part, "clock_target_ns": next(clocks, None), "available": available}
    return replace(best, **asked, **found, sources=sources, **_estimated(best, chosen))


def _estimated(best: DesignReport, chosen: Mapping[str, DesignReport]) -> dict:
    """What is kept of the estimates in a merge."""
    kept = best if best.source == "estimate" else DesignReport(best.source)
    intervals = {name: one for name, one in kept.intervals.items() if name.startswith(CSYNTH)}
    intervals |= {name: one.intervals[name] for name, one in chosen.items() if name in one.intervals}
    notes = dict.fromkeys(note for one in (best, *chosen.values()) for note in one.notes)
    found = {"csynth": kept.csynth, **{name: getattr(kept, name) for name in _CHANCES}}
    return {**found, "intervals": intervals, "notes": tuple(notes)}


def _checked_counts(counts: Mapping[str, int]) -> dict[str, int]:
    for name, count in counts.items():
        if name not in RESOURCES or count < 0:
            raise ReportError(
                f"csynth: expected counts of some of {', '.join(RESOURCES)}. Received: {name!r:.60}: {count!r:.60}"
            )
    return dict(counts)


def _check_source(name: str, source: object) -> None:
    if not isinstance(source, str) or source not in SOURCES:
        raise ReportError(f"{name}: expected one of {', '.join(SOURCES)}. Received: {source!r:.60}")
