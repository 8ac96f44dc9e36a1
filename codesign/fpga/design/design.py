"""Design: a network with its precision, and how it is laid out in hardware."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from codesign._arguments import check_range, checked
from codesign.errors import ConfigError, nearest
from codesign.fpga.design.parts import CAPACITIES, Part, find_part
from codesign.fpga.design.report import RESOURCES, DesignReport, merge_reports
from codesign.fpga.design.reuse import ReuseFactor, check_reuse_factor, kernel_shapes, named_factors, reuse_text
from codesign.metrics import Measured
from codesign.network import Network
from codesign.network.summary import aligned, size_text, summary_table

_SHOWN = ("accuracy", "lut", "ff", "dsp", "bram_18k", "latency_ns", "source")
_CLOCKS = ("latency_clock", "clock_target_ns", "clock_estimated_ns")
_TIMES = ("latency_cycles", "latency_ns", "initiation_interval", *_CLOCKS)
_COSTS = (*RESOURCES, *_TIMES, "source")
CLOCK_NS, LARGEST_COUNT = (0.01, 1_000_000), 2**24  # a beginning and an end of what any FPGA does
IMPLEMENTATIONS = ("hls4ml-latency", "hls4ml-resource", "unrolled")


@checked
@dataclass(frozen=True, eq=False)
class Design:
    """A network with fixed-point types, an implementation, and its costs where they are known.

    Args:
        network: with every type set.
        implementation: ``hls4ml-latency``, ``hls4ml-resource`` or ``unrolled`` (an adder graph without multipliers).
        reuse_factor: hls4ml's, one for all layers, or a mapping from layers' names to their own; a layer that is not
            in it has 1, as in hls4ml, and so has an unrolled design.
        clock_period_ns: target clock period.
        part: FPGA part, for example ``xcvu13p-flga2577-2-e``.
        adder_levels_per_stage: unrolled only: adders between two registers.
        precision: a short label for tables, for example ``w6 a8``.
        accuracy: share of right decisions of the emulated network, if it was measured.
        report: its costs, each with its source, if they are known.
        events: how many the accuracy was measured on.
        capacity: of the part, if it is not in the table; see :func:`codesign.fpga.find_part`.
        method: that trained it, for example ``posterior``.
        metrics: what else was measured of the emulated network, by the names of :func:`codesign.metrics.find_metric`.

    Raises:
        ConfigError: for an unknown implementation or part, or a clock period that is not positive.
        ReuseFactorError: if hls4ml cannot build a layer with that reuse factor.

    Example:
        >>> from codesign import DenseLayer, Design, Network, quantize_network
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.1])])
        >>> fixed = quantize_network(network, [[1.0, 2.0]], weights=4, activations=6)
        >>> Design(fixed, implementation="hls4ml-latency", clock_period_ns=2.5).label
        'hls4ml-latency reuse 1'
    """

    network: Network
    implementation: str = "unrolled"
    reuse_factor: ReuseFactor = 1
    clock_period_ns: float = 5.0
    part: str = "xcvu13p-flga2577-2-e"
    adder_levels_per_stage: int = 4
    precision: str = ""
    accuracy: float | None = None
    report: DesignReport | None = None
    events: int | None = None
    capacity: Mapping[str, int] | None = None
    method: str = ""
    metrics: Mapping[str, Measured] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.implementation not in IMPLEMENTATIONS:
            hint = nearest(self.implementation, IMPLEMENTATIONS)
            raise ConfigError(
                f"implementation: expected {', '.join(IMPLEMENTATIONS)}. Received: {self.implementation}{hint}"
            )
        check_range(self.clock_period_ns, "clock_period_ns", *CLOCK_NS)
        check_range(self.adder_levels_per_stage, "adder_levels_per_stage", 1, LARGEST_COUNT)
        find_part(self.part, self.capacity)
        kernels = kernel_shapes(self.network)
        check_reuse_factor(kernels, self.reuse_factor, self.implementation)
        if isinstance(self.reuse_factor, Mapping):
            object.__setattr__(self, "reuse_factor", named_factors(kernels, self.reuse_factor))

    @property
    def strategy(self) -> str:
        """hls4ml's Strategy, or ``distributed_arithmetic`` for an unrolled adder graph."""
        return {"hls4ml-latency": "latency", "hls4ml-resource": "resource"}.get(
            self.implementation, "distributed_arithmetic"
        )

    @property
    def capacities(self) -> Part:
        """What the part holds."""
        return find_part(self.part, self.capacity)

    @property
    def accuracy_error(self) -> float | None:
        """The standard error of the accuracy: as it was measured, or binomial; None if it is not known."""
        found = self.metrics.get("accuracy")
        return found.error if found and found.value == self.accuracy else binomial_error(self.accuracy, self.events)

    def measured(self, metric: str) -> Measured | None:
        """Return a metric by its name, the accuracy too; None if it was not measured."""
        if metric == "accuracy" and self.accuracy is not None:
            return Measured(self.accuracy, self.accuracy_error, self.events)
        return self.metrics.get(metric)

    @property
    def label(self) -> str:
        """What tells the designs of one sweep apart: method, implementation, precision, layout."""
        unrolled = self.implementation == "unrolled"
        levels, reuse = (
            f"{self.adder_levels_per_stage} adder levels per stage",
            f"reuse {reuse_text(self.reuse_factor)}",
        )
        return " ".join(
            word for word in (self.method, self.implementation, self.precision, levels if unrolled else reuse) if word
        )

    def __repr__(self) -> str:
        costs = {key: value for key, value in self.as_dict().items() if key in _SHOWN and value is not None}
        shown = ", ".join(
            f"{key} {value:.4f}" if key == "accuracy" else f"{key} {value}" for key, value in costs.items()
        )
        return f"Design({self.label}, {size_text(self.network)}{', ' if shown else ''}{shown})"

    def summary(self, print_fn: Callable[[str], object] = print) -> None:
        """Print what the design is, how good, what it costs and who says so, and the layers of its network.

        Args:
            print_fn: called with the text.
        """
        rows = [(name, _text(value)) for name, value in self.as_dict().items()]
        print_fn("\n".join([*aligned([("design", self.label), *rows]), summary_table(self.network)]))

    def with_metrics(self, metrics: Mapping[str, Measured]) -> "Design":
        """Return the design with what was measured of it, the accuracy among them in its own place too."""
        accuracy = metrics.get("accuracy")
        own = {} if accuracy is None else {"accuracy": accuracy.value, "events": accuracy.events}
        return replace(self, metrics=metrics, **own)

    def with_report(self, report: DesignReport, accuracy: float | None = None) -> "Design":
        """Return the design with its costs; of a part that was declared, the report holds the capacities too."""
        return replace(self, report=self.on_its_part(report), accuracy=self.accuracy if accuracy is None else accuracy)

    def with_reports(self, reports: Iterable[DesignReport]) -> "Design":
        """Return the design with each cost from the best-founded of its reports, the first of equal ones.

        The target clock is that of the design if no report names one.

        Raises:
            ReportError: without reports.
        """
        merged = merge_reports(reports)
        if merged.clock_target_ns is None:
            merged = replace(merged, clock_target_ns=self.clock_period_ns)
        return self.with_report(merged)

    def on_its_part(self, report: DesignReport) -> DesignReport:
        """Return a report with the capacities of the design's part, if that was declared."""
        if self.capacity is None:
            return report
        held = {name: getattr(self.capacities, name) for name in CAPACITIES}
        return replace(report, available={name: count for name, count in held.items() if count is not None})

    def as_dict(self) -> dict:
        """Return one row for report.json: what it is, how good, what it costs, and who says so."""
        row = {
            "implementation": self.implementation,
            "precision": self.precision,
            "reuse_factor": dict(self.reuse_factor) if isinstance(self.reuse_factor, Mapping) else self.reuse_factor,
            "strategy": self.strategy,
            "accuracy": self.accuracy,
            "accuracy_error": self.accuracy_error,
        }
        if self.method:
            row["method"] = self.method
        if self.metrics:
            row["metrics"] = {name: found.as_dict() for name, found in self.metrics.items()}
        if self.implementation == "unrolled":
            row["adder_levels_per_stage"] = self.adder_levels_per_stage
        costs = self.report.as_dict() if self.report else {}
        row |= {key: costs.get(key) for key in _COSTS}
        row["sources"] = {name: source for name, source in costs.get("sources", {}).items() if name in row}
        return row | (_estimated(self.report) if self.report else {})


def _estimated(report: DesignReport) -> dict:
    """What an estimate says beside its numbers, where it says it."""
    intervals = {name: list(found) for name, found in report.intervals.items()}
    latency = report.interval("latency_ns")
    found = {
        "csynth": dict(report.csynth),
        "intervals": intervals | ({} if latency is None else {"latency_ns": list(latency)}),
        "failure_probability": report.failure_probability,
        "clock_probability": report.clock_probability,
        "estimate_notes": list(report.notes),
    }
    return {key: value for key, value in found.items() if value not in ({}, [], None)}


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text}" for name, text in value.items()) or "-"
    return "-" if value is None else str(value)


def binomial_error(share: float | None, events: int | None) -> float | None:
    """Return sqrt(p (1 - p) / n), the standard error of a share p counted on n events.

    None without a share of some events.
    """
    if share is None or not events or not 0 <= share <= 1:
        return None
    return math.sqrt(share * (1 - share) / events)
