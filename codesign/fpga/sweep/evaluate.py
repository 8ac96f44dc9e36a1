"""What sweeps and searches find out about quantised networks: one emulation each, and an estimate of each layout."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from codesign._threads import one_thread
from codesign.data.checks import check_weights
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.estimate import estimate_layouts
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.sweep.cache import Evaluation, sweep_fingerprint
from codesign.fpga.sweep.decide import check_labels, check_values, measure, metrics_of_one_task
from codesign.fpga.sweep.grid import HardwareSetting
from codesign.jobs import Context, Runner
from codesign.metrics import Measured, Metric
from codesign.metrics.names import CLASSIFICATION
from codesign.network import Network
from codesign.network.layout import Events


@dataclass(frozen=True, eq=False)
class Layouts:
    """A network with every type, and how it is laid out.

    Args:
        network: with types.
        settings: at least one.
        precision: what the types are called in plans.
    """

    network: Network
    settings: Sequence[HardwareSetting]
    precision: str = ""


@dataclass(frozen=True, eq=False)
class Evaluator:
    """What all networks share; it goes to every worker process.

    Args:
        network: without types; what is evaluated shares its arrays, which so travel once.
        x: (n_events, n_inputs) events to measure on.
        y: (n_events,) labels, or (n_events, n_targets) values.
        weights: (n_events,) of the events; None: all alike.
        metrics: to measure.
        constants: of the estimate.
        toolchain: of hls4ml's designs; None: Vitis HLS and the family of the part.
    """

    network: Network
    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None
    metrics: Sequence[Metric]
    constants: CostConstants
    toolchain: Toolchain | None = None

    @classmethod
    def of(
        cls,
        network: Network,
        x: Events,
        y: np.ndarray,
        *,
        metrics: Sequence[str | Metric],
        weights: np.ndarray | None,
        constants: CostConstants | None,
        toolchain: Toolchain | None = None,
    ) -> Self:
        """Return the evaluator of what a user gives.

        Raises:
            DataError: for events, labels or weights of the wrong shape, or NaN.
            ConfigError: for an unknown metric, or metrics of different tasks.
        """
        found, x = metrics_of_one_task(metrics), network.check_events(x)
        y = (check_labels if found[0].task == CLASSIFICATION else check_values)(network, x, y)
        weights = None if weights is None else check_weights("weights", weights, len(x))
        return cls(network, x, y, weights, found, constants or CostConstants(), toolchain)

    def fingerprint(self, settings: Sequence[HardwareSetting]) -> str:
        """Return a hash of all that networks in these settings share."""
        arrays = (self.x, self.y) if self.weights is None else (self.x, self.y, self.weights)
        names, estimated = [one.name for one in self.metrics], (self.constants, self.toolchain)
        return sweep_fingerprint(arrays, names, settings, *estimated)

    def quick(self, most: int) -> Self:
        """Return the evaluator of the first metric, on every so many events that they are no more than `most`."""
        every = slice(None, None, -(-len(self.x) // most))
        weights = None if self.weights is None else self.weights[every]
        return replace(self, x=self.x[every], y=self.y[every], weights=weights, metrics=self.metrics[:1])

    def measure(self, network: Network) -> dict[str, Measured]:
        """Return the metrics of a quantised network."""
        return measure(network, network.emulate(self.x), self.y, self.metrics, self.weights)

    def evaluate(self, layouts: Layouts) -> Evaluation:
        """Return the metrics of a network, with the report of each of its layouts."""
        network = layouts.network
        with one_thread():  # the processes share the cores
            metrics = self.measure(network)
            designs = [setting.design(network) for setting in layouts.settings]
            reports = estimate_layouts(designs, self.constants, toolchain=self.toolchain)
        return Evaluation(metrics, tuple(reports))

    def evaluate_all(
        self, pending: Mapping[str, Layouts], runner: Runner, *, is_kept: bool = False
    ) -> Iterator[tuple[str, Evaluation]]:
        """Yield each evaluation with its key when it is ready, in any order.

        Args:
            pending: by key.
            runner: of all.
            is_kept: whether the caller keeps what is finished, in a file.

        Raises:
            ToolError: if a worker process is killed.
        """
        keys = list(pending)
        names = keys if is_kept else None
        for index, evaluation in runner.map(self._evaluate_one, [pending[key] for key in keys], names=names):
            yield keys[index], evaluation

    def _evaluate_one(self, layouts: Layouts, context: Context) -> Evaluation:
        return self.evaluate(layouts)
