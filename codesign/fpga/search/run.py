"""SearchRun: one search between its proposals, its evaluations and its journal."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Generic, Protocol, TypeVar

from codesign._arguments import check_seed
from codesign.errors import ConfigError, nearest
from codesign.fpga.search.choices import Choices, Point
from codesign.fpga.search.descent import Descent
from codesign.fpga.search.foretold import Noise
from codesign.fpga.search.journal import Journal
from codesign.fpga.search.proposals import METHODS, DescentProposals, SampledProposals
from codesign.jobs import Runner

_PATIENCE = 50  # rounds of proposals that are all known already
_MIXED_DESCENT = 0.5  # of the points of a mixed search
Found = TypeVar("Found")


class Subject(Protocol[Found]):
    """What is searched.

    Attributes:
        choices: to choose from.
        names: of the losses, the quality first.
        at_once: points that are proposed between two looks at what came out, whatever the number of processes.
        unit: what is counted.
        about: what a journal must be of, for its errors.
    """

    choices: Choices
    names: Sequence[str]
    at_once: int
    unit: str
    about: str

    def fingerprint(self) -> str:
        """Return a hash of all that decides what a point gives."""

    def noise(self) -> Noise:
        """Return what each choice does to the outputs; see :class:`codesign.fpga.search.foretold.Foretold`."""

    def evaluate(self, points: Sequence[Point], runner: Runner) -> Iterator[tuple[Point, Found]]:
        """Yield what points give as soon as it is known, in any order; nothing of those that cannot be built."""

    def judge(self, found: Found) -> tuple[Sequence[float], Mapping[str, float]]:
        """Return what should be low, costs behind the quality, and by how much each limit is missed."""

    def entry(self, found: Found) -> dict:
        """Return it as plain data."""

    def read(self, point: Point, entry: Mapping) -> Found:
        """Return what a point gave from plain data."""


@dataclass(eq=False)
class SearchRun(Generic[Found]):
    """What a search has proposed, refused and found.

    Args:
        subject: what is searched.
        method: of the proposals.
        seed: of the proposals.
        wanted: how many points.
        found: in the order in which they were proposed.

    Raises:
        ConfigError: for an unknown method, or no seed.
    """

    subject: Subject[Found]
    method: str
    seed: int
    wanted: int
    found: dict[Point, Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            hint = nearest(self.method, METHODS)
            raise ConfigError(f"method: expected one of {', '.join(METHODS)}. Received: {self.method}{hint}")
        check_seed(self.seed)

    def open(self, storage: str | PathLike | None) -> None:
        """Begin, or go on from what a journal holds.

        Raises:
            DataError, ToolError: as :class:`Journal`.
        """
        subject = self.subject
        self._journal = None
        if storage is not None:
            self._journal = Journal(storage, subject.fingerprint(), subject.names, subject.about)
            self.found |= self._journal.finished(subject.choices, subject.read)
        self._proposals, self._idle = self._begun(), 0

    def rounds(self, runner: Runner) -> Iterator[None]:
        """Evaluate a few points at a time, until there is no more to do.

        Raises:
            ToolError: if a worker process is killed.
        """
        while self._round(runner):
            yield

    def _round(self, runner: Runner) -> bool:
        """Evaluate a few more points; return whether there is more to do."""
        missing = min(self.wanted, self.subject.choices.count) - len(self.found)
        proposals = self._proposals.ask(min(self.subject.at_once, missing)) if missing > 0 else []
        if not proposals:
            return False
        first, new = {}, {}
        for one in proposals:
            if one.point not in self.found:
                first.setdefault(one.point, one)
        for point, found in self.subject.evaluate(list(first), runner):
            new[point] = found
            judged = self._judged(found)
            if self._journal is not None and judged[0] is not None:
                self._journal.add(self.subject.choices, first[point], self.subject.entry(found), judged)
        for proposal in proposals:
            if proposal.point in new:
                self.found[proposal.point] = new[proposal.point]
            found = self.found.get(proposal.point)
            self._proposals.tell(proposal, *((None, {}) if found is None else self._judged(found)))
        self._idle = 0 if new else self._idle + 1
        return self._idle < _PATIENCE

    def _judged(self, found: Found) -> tuple[Sequence[float] | None, Mapping[str, float]]:
        """The losses, None where one is not known; and the limits."""
        losses, limits = self.subject.judge(found)
        return (losses if all(map(math.isfinite, losses)) else None), limits

    def _begun(self) -> DescentProposals | SampledProposals:
        """Proposals that know what was found."""
        seed, trials = self.seed + len(self.found), [] if self._journal is None else self._journal.trials
        descends = self.method in ("descent", "mixed")
        descent = Descent(self.subject.choices, seed, self.wanted, self.subject.noise()) if descends else None
        for point, found in self.found.items() if descends else ():
            losses, limits = self._judged(found)
            if losses is not None:
                descent.tell(point, losses, sum(limits.values()))
        if self.method == "descent":
            return DescentProposals(descent)
        n_descent = max(0, round(_MIXED_DESCENT * self.wanted) - len(self.found)) if descends else 0
        given = (self.subject.choices, self.method, seed, len(self.subject.names), trials)
        return SampledProposals(*given, descent, n_descent)
