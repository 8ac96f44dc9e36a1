"""DesignSubject: designs of a network, with a precision and a reuse factor for each layer, as what is searched."""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import Design
from codesign.fpga.search.choices import Point
from codesign.fpga.search.foretold import Noise
from codesign.fpga.search.judged import judged_design, names_of_losses
from codesign.fpga.search.noise import noise_of_choices
from codesign.fpga.search.space import Space
from codesign.fpga.sweep.cache import Evaluation, evaluation_entry, network_key, read_entry
from codesign.fpga.sweep.evaluate import Evaluator, Layouts
from codesign.fpga.sweep.precisions import check_design_network
from codesign.jobs import Runner
from codesign.metrics import parse_metric
from codesign.network import Network
from codesign.network.quantize import NetworkQuantizer

_EVENTS = 20_000  # that the quality of what may be next is measured on


@dataclass(eq=False)
class DesignSubject:
    """Designs of a network; see :class:`codesign.fpga.search.run.Subject`.

    Args:
        network: in floating point.
        ranges: events to find ranges on.
        choices: of designs.
        evaluator: of networks.
        budget: that comes first.
    """

    network: Network
    ranges: np.ndarray
    choices: Space
    evaluator: Evaluator
    budget: Budget
    at_once = 8
    unit = "designs"
    about = "this network, these events and this grid"

    def __post_init__(self) -> None:
        self._quantizer = NetworkQuantizer(self.network, self.ranges)
        self._metric = parse_metric(self.evaluator.metrics[0].name)
        self.names = names_of_losses(self._metric)

    def fingerprint(self) -> str:
        """Return a hash of network, events, grid and budget."""
        settings = tuple(self.choices.grid.hardware_settings())
        chosen = f"{dict(self.choices.shared)} {self.budget.limits()}"
        return network_key(self.evaluator.fingerprint(settings) + chosen, self.network)

    def noise(self) -> Noise:
        """Return the noise of each width of each layer."""
        return noise_of_choices(self.choices, self._quantizer, self.ranges)

    def measure(self, points: Sequence[Point]) -> list[float]:
        """Return the loss of each network, on some of the events where there are many."""
        evaluator = self.evaluator.quick(_EVENTS)
        return [self._loss(point, evaluator) for point in points]

    def evaluate(self, points: Sequence[Point], runner: Runner) -> Iterator[tuple[Point, Design]]:
        """Emulate each network once, and yield its designs as soon as it is known; none of a type too narrow."""
        same: dict[str, list[Point]] = {}
        networks: dict[str, Network] = {}
        for point in points:
            with contextlib.suppress(PrecisionError, UnsupportedLayerError):
                network = self._network(point)
                key = network_key("", network)
                networks[key] = network
                same.setdefault(key, []).append(point)
        pending = {
            key: Layouts(networks[key], tuple(map(self.choices.setting, listed))) for key, listed in same.items()
        }
        for key, evaluation in self.evaluator.evaluate_all(pending, runner):
            for point, report in zip(same[key], evaluation.reports):
                yield point, self._design(point, networks[key], Evaluation(evaluation.metrics, (report,)))

    def judge(self, found: Design) -> tuple[tuple[float, float, float], dict[str, float]]:
        """Return the losses of a design, and by how much it misses each limit."""
        return judged_design(found, self._metric, self.budget)

    def entry(self, found: Design) -> dict:
        """Return its metrics and its report as plain data."""
        return evaluation_entry("", Evaluation(found.metrics, (found.report,)))

    def read(self, point: Point, entry: Mapping) -> Design:
        """Return a design with metrics and report from plain data."""
        return self._design(point, self._network(point), read_entry(entry)[1])

    def _loss(self, point: Point, evaluator: Evaluator) -> float:
        """Infinite of a network that cannot be built."""
        try:
            network = self._quantizer.quantize(self.choices.precision(point), quiet=True)
        except (PrecisionError, UnsupportedLayerError):
            return math.inf
        (found,) = evaluator.measure(network).values()
        return self._metric.loss(found.value) if math.isfinite(found.value) else math.inf

    def _network(self, point: Point) -> Network:
        choice = self.choices.precision(point)
        network = self._quantizer.quantize(choice)
        check_design_network(network, self.ranges, [self.choices.setting(point).implementation])
        return network

    def _design(self, point: Point, network: Network, evaluation: Evaluation) -> Design:
        design = self.choices.setting(point).design(network, str(self.choices.precision(point)))
        return design.with_metrics(evaluation.metrics).with_report(evaluation.reports[0])
