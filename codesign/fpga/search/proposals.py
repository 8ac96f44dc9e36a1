"""Proposals: which points a search tries next, by descent, by one of Optuna's samplers, or by both."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codesign.fpga.search.choices import Choices, Point
from codesign.fpga.search.descent import Descent
from codesign.fpga.search.parameters import distributions, from_parameters, parameters, require_optuna

if TYPE_CHECKING:
    from optuna.trial import Trial

METHODS = ("descent", "mixed", "tpe", "nsga2")  # the best of benchmarks/search_front.py first
_POPULATION = 24


@dataclass(frozen=True, eq=False)
class Proposal:
    """A point, and the trial that it is of a sampler's study."""

    point: Point
    trial: "Trial | None" = None


@dataclass(eq=False)
class SampledProposals:
    """Optuna's NSGA-II, or its tree-structured Parzen estimator, on a study in memory.

    Args:
        choices: to choose from.
        method: ``nsga2``, ``tpe`` or ``mixed``: NSGA-II that begins with a descent.
        seed: of the sampler.
        n_losses: how many losses a point has.
        descent: what a mixed search begins with.
        n_descent: how many points it gives.
    """

    choices: Choices
    method: str
    seed: int
    n_losses: int
    descent: Descent | None = None
    n_descent: int = 0
    _told: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        optuna = require_optuna()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            if self.method == "tpe":
                sampler = optuna.samplers.TPESampler(seed=self.seed, multivariate=True, group=True)
            else:
                sampler = optuna.samplers.NSGAIISampler(seed=self.seed, population_size=_POPULATION)
        self._study = optuna.create_study(directions=["minimize"] * self.n_losses, sampler=sampler)

    def ask(self, n: int) -> list[Proposal]:
        """Return up to n proposals."""
        if self.descent is not None and self._told < self.n_descent:
            points = self.descent.ask(min(n, self.n_descent - self._told))
            for point in points:
                self._study.enqueue_trial(parameters(self.choices, point))
            if points:
                return [self._drawn() for _ in points]
        return [self._drawn() for _ in range(n)]

    def tell(self, proposal: Proposal, losses: Sequence[float] | None, limits: Mapping[str, float]) -> None:
        """Take in what a proposal gives; None: it cannot be built."""
        self._told += 1
        if losses is None:
            self._study.tell(proposal.trial, state=require_optuna().trial.TrialState.FAIL)
            return
        for name, missed in limits.items():
            proposal.trial.set_constraint(name, missed)
        self._study.tell(proposal.trial, list(losses))
        if self.descent is not None:
            self.descent.tell(proposal.point, losses, sum(limits.values()))

    def _drawn(self) -> Proposal:
        trial = self._study.ask()
        branch = trial.suggest_categorical(self.choices.branch, self.choices.shared[self.choices.branch])
        for name, one in distributions(self.choices, branch).items():
            if name != self.choices.branch:
                _suggest(trial, name, one)
        return Proposal(from_parameters(self.choices, trial.params), trial)


@dataclass(eq=False)
class DescentProposals:
    """A descent alone, which needs no Optuna."""

    descent: Descent

    def ask(self, n: int) -> list[Proposal]:
        """Return up to n proposals."""
        return [Proposal(point) for point in self.descent.ask(n)]

    def tell(self, proposal: Proposal, losses: Sequence[float] | None, limits: Mapping[str, float]) -> None:
        """Take in what a proposal gives; None: it cannot be built."""
        if losses is not None:
            self.descent.tell(proposal.point, losses, sum(limits.values()))


def _suggest(trial: "Trial", name: str, one: object) -> None:
    if hasattr(one, "choices"):
        trial.suggest_categorical(name, one.choices)
    else:
        trial.suggest_int(name, one.low, one.high)
