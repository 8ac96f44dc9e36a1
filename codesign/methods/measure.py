"""What a trained network is worth on events held out, and what it costs in each pipeline."""

import contextlib
from dataclasses import dataclass, replace

import numpy as np

from codesign.data import Dataset
from codesign.data.events import Events
from codesign.errors import DataError
from codesign.fpga import Budget, Design, Grid, estimate
from codesign.fpga.design.budget import metric_of
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.metrics import DEFAULT_METRIC, Measured, Metric, find_metric
from codesign.network import Network

LEVELS_PER_STAGE = (2, 3, 5)


@dataclass(frozen=True, eq=False)
class Judge:
    """Measures networks on events that no training sees.

    Args:
        held: the events.
        metric: that designs are chosen by.
        others: that are measured too: those that the budget bounds, and the accuracy of a classifier.
        clock_period_ns, part: of the designs.
    """

    held: Events
    metric: Metric
    others: tuple[Metric, ...]
    clock_period_ns: float
    part: str

    @classmethod
    def of(
        cls, data: Dataset, held: Events, budget: Budget, metric: str | None, *, clock_period_ns: float, part: str
    ) -> "Judge":
        """Return the judge of a data set.

        Raises:
            ConfigError: for a metric that is unknown, or of another task.
            DataError: for events held out on which the metric, or one that the budget bounds, says nothing.
        """
        names = {"classes": data.classes, "targets": data.targets, "task": data.task}
        chosen = find_metric(metric or DEFAULT_METRIC[data.task], **names)
        bounded = [metric_of(name).text for name, _ in budget.limits_on_metrics()]
        outputs = np.zeros((len(held.x), 1 if data.n_classes == 2 else data.n_outputs))
        others = {name: find_metric(name, **names) for name in bounded}
        for one in (chosen, *others.values()):
            one.evaluate(outputs, held.y, held.weights)  # before the minutes of a training
        for name in ("accuracy", "auc") if data.classes else ("rmse",):
            with contextlib.suppress(DataError):  # too few events of a class to say anything
                one = find_metric(name, **names)
                one.evaluate(outputs, held.y, held.weights)
                others[name] = one
        return cls(held, chosen, tuple(others.values()), clock_period_ns, part)

    def measured(self, outputs: np.ndarray) -> dict[str, Measured]:
        """Return every metric of outputs on the events held out, by its name."""
        metrics = {one.name: one for one in (self.metric, *self.others)}
        return {name: one.evaluate(outputs, self.held.y, self.held.weights) for name, one in metrics.items()}

    def designs(self, network: Network, method: str, precision: str) -> list[Design]:
        """Return a network's unrolled designs, one for each pipeline that adder levels between registers make."""
        graph = trace_circuit(network)
        found = self.measured(network.emulate(self.held.x))
        grid = Grid(
            implementations=("unrolled",),
            adder_levels_per_stage=LEVELS_PER_STAGE,
            clock_period_ns=self.clock_period_ns,
            part=self.part,
        )
        accuracy = found.get("accuracy")
        known = {"method": method, "metrics": found, "events": len(self.held.x)}
        designs = {}
        for setting in grid.hardware_settings():
            design = replace(setting.design(network, precision), **known)
            report = estimate(design, graph=graph)
            pipeline = report.latency_cycles, report.ff
            designs.setdefault(pipeline, design.with_report(report, None if accuracy is None else accuracy.value))
        return list(designs.values())
