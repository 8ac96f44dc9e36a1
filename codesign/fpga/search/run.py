"""SearchRun: one search between its proposals, its evaluations and its journal."""

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import Design
from codesign.fpga.design.standing import loss_of, part_share
from codesign.fpga.search.descent import Descent
from codesign.fpga.search.journal import Journal
from codesign.fpga.search.proposals import DescentProposals, Proposal, SampledProposals
from codesign.fpga.search.space import Point, Space
from codesign.fpga.sweep.cache import Evaluation, network_key
from codesign.fpga.sweep.evaluate import Evaluator, Layouts
from codesign.fpga.sweep.precisions import check_design_network
from codesign.jobs import Runner
from codesign.metrics import parse_metric
from codesign.network import Network
from codesign.network.quantize import NetworkQuantizer

_AT_ONCE = 8  # proposals between two looks at what came out, whatever the number of processes
_PATIENCE = 50  # rounds of proposals that are all known already
_MIXED_DESCENT = 0.5  # of the designs of a mixed search
_MOST_MISSED = 1e6  # of a limit on what is not known


@dataclass(eq=False)
class SearchRun:
    """What a search has proposed, refused and found.

    Args:
        network: in floating point.
        ranges: events to find ranges on.
        space: to choose from.
        evaluator: of networks.
        budget: that comes first.
        method: of the proposals.
        seed: of the proposals.
        wanted: how many designs.
        found: designs, in the order in which they were proposed.
    """

    network: Network
    ranges: np.ndarray
    space: Space
    evaluator: Evaluator
    budget: Budget
    method: str
    seed: int
    wanted: int
    found: dict[Point, Design] = field(default_factory=dict)

    def open(self, storage: str | PathLike | None) -> None:
        """Begin, or go on from what a journal holds.

        Raises:
            DataError, ToolError: as :class:`Journal`.
        """
        self._quantizer = NetworkQuantizer(self.network, self.ranges)
        self._metric = parse_metric(self.evaluator.metrics[0].name)
        names = (self._metric.text, "share of the part", "latency_ns")
        self._journal = None if storage is None else Journal(storage, self._fingerprint(), names)
        for point, evaluation in [] if self._journal is None else self._journal.finished(self.space):
            self.found[point] = self._design(point, self._network(point), evaluation)
        self._proposals, self._idle = self._begun(len(names)), 0

    def round(self, runner: Runner) -> bool:
        """Evaluate a few more designs; return whether there is more to do."""
        missing = min(self.wanted, self.space.count) - len(self.found)
        proposals = self._proposals.ask(min(_AT_ONCE, missing)) if missing > 0 else []
        if not proposals:
            return False
        new = self._evaluated({one.point: one for one in proposals if one.point not in self.found}, runner)
        for proposal in proposals:
            if proposal.point in new:
                self.found[proposal.point] = new[proposal.point]
            design = self.found.get(proposal.point)
            losses, limits = (None, {}) if design is None else self._judged(design)
            is_known = losses is not None and np.isfinite(losses).all()
            self._proposals.tell(proposal, losses if is_known else None, limits)
        self._idle = 0 if new else self._idle + 1
        return self._idle < _PATIENCE

    def _fingerprint(self) -> str:
        settings = tuple(self.space.grid.hardware_settings())
        chosen = f"{dict(self.space.shared)} {self.budget.limits()}"
        return network_key(self.evaluator.fingerprint(settings) + chosen, self.network)

    def _begun(self, n_losses: int) -> DescentProposals | SampledProposals:
        """Proposals that know what was found."""
        seed, trials = self.seed + len(self.found), [] if self._journal is None else self._journal.trials
        descent = Descent(self.space, seed, self.wanted)
        for point, design in self.found.items():
            losses, limits = self._judged(design)
            descent.tell(point, losses, sum(limits.values()))
        if self.method == "descent":
            return DescentProposals(descent)
        first = (None, 0)
        if self.method == "mixed":
            first = (descent, max(0, round(_MIXED_DESCENT * self.wanted) - len(self.found)))
        return SampledProposals(self.space, self.method, seed, n_losses, trials, *first)

    def _evaluated(self, proposals: Mapping[Point, Proposal], runner: Runner) -> dict[Point, Design]:
        """Emulate each network once, and keep each design as soon as it is known."""
        points: dict[str, list[Point]] = {}
        networks: dict[str, Network] = {}
        for point in proposals:
            with contextlib.suppress(PrecisionError, UnsupportedLayerError):  # a type too narrow: no design
                network = self._network(point)
                key = network_key("", network)
                networks[key] = network
                points.setdefault(key, []).append(point)
        pending = {
            key: Layouts(networks[key], tuple(map(self.space.setting, listed))) for key, listed in points.items()
        }
        new = {}
        for key, evaluation in self.evaluator.evaluate_all(pending, runner):
            for point, report in zip(points[key], evaluation.reports):
                own = Evaluation(evaluation.metrics, (report,))
                new[point] = self._design(point, networks[key], own)
                self._keep(proposals[point], new[point], own)
        return new

    def _keep(self, proposal: Proposal, design: Design, evaluation: Evaluation) -> None:
        losses, limits = self._judged(design)
        if self._journal is not None and np.isfinite(losses).all():
            self._journal.add(self.space, proposal, evaluation, (losses, limits))

    def _network(self, point: Point) -> Network:
        choice = self.space.precision(point)
        network = self._quantizer.quantize(choice)
        check_design_network(network, self.ranges, [self.space.setting(point).implementation])
        return network

    def _design(self, point: Point, network: Network, evaluation: Evaluation) -> Design:
        design = self.space.setting(point).design(network, str(self.space.precision(point)))
        return design.with_metrics(evaluation.metrics).with_report(evaluation.reports[0])

    def _judged(self, design: Design) -> tuple[tuple[float, float, float], dict[str, float]]:
        """The losses of a design, and by how much it misses each limit."""
        missed = self.budget.excesses(design)
        limits = {name: min(missed.get(name, 0.0), _MOST_MISSED) for name, _ in self.budget.limits()}
        latency_ns = math.inf if design.report.latency_ns is None else design.report.latency_ns
        return (loss_of(design, self._metric), part_share(design), latency_ns), limits
