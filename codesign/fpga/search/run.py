"""SearchRun: one search between its proposals, its evaluations and its journal."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Generic, Protocol, TypeVar

from codesign._arguments import check_seed
from codesign._threads import one_thread
from codesign.errors import ConfigError, nearest
from codesign.fpga.search.choices import Choices, Point
from codesign.fpga.search.descent import Descent
from codesign.fpga.search.foretold import Noise
from codesign.fpga.search.journal import Journal
from codesign.fpga.search.proposals import METHODS, DescentProposals, Proposal, SampledProposals
from codesign.fpga.search.screen import Measure, Screen
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

    @property
    def measure(self) -> Measure | None:
        """What measures the quality of points without their costs, if that is cheap."""

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

    Proposals follow from the seed and from what came of the earlier ones, and a journal only answers what they ask: a
    search that was interrupted finds what it would have found.

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

    def open(self, storage: str | PathLike | None, *, argument: str = "storage") -> None:
        """Begin from the seed; what a journal holds is taken from it as soon as it is proposed again.

        Raises:
            DataError, ToolError: as :class:`Journal`.
        """
        subject = self.subject
        self._journal, self._known = None, {}
        if storage is not None:
            self._journal = Journal(storage, subject.fingerprint(), subject.names, subject.about, argument=argument)
            self._known = dict(reversed(self._journal.finished(subject.choices, subject.read)))  # the first counts
        self._screen = None if subject.measure is None else Screen(subject.choices, subject.measure, self.wanted)
        ended = self._journal.ended(self._name, subject.choices) if self._journal else []
        self._is_over = bool(ended) and all(point in self._known for point in ended)
        if self._is_over:
            self.found = {point: self._known[point] for point in ended}
            return
        if self._journal and self._screen:
            self._screen.remember(self._journal.screened(subject.choices))
        self._proposals, self._idle = self._begun(), 0

    def rounds(self, runner: Runner) -> Iterator[bool]:
        """Evaluate a few points at a time, until there is no more to do; yield whether the journal did not hold all.

        Raises:
            ToolError: if a worker process is killed.
        """
        if self._is_over:
            yield False
            return
        while (proposals := self._asked()) and self._idle < _PATIENCE:
            points = [point for point in dict.fromkeys(one.point for one in proposals) if point not in self.found]
            pending = [point for point in points if point not in self._known]
            new = {point: self._known[point] for point in points if point in self._known}
            for point, found in self.subject.evaluate(pending, runner) if pending else ():
                new[point] = found
                self._keep(point, found)
            self.found |= {point: new[point] for point in points if point in new}
            for proposal in proposals:
                found = self.found.get(proposal.point)
                self._proposals.tell(proposal, *((None, {}) if found is None else self._judged(found)))
            self._idle = 0 if new else self._idle + 1
            yield bool(pending)
        if self._journal is not None:
            self._journal.end(self._name, self.subject.choices, list(self.found))

    @property
    def _name(self) -> str:
        return f"{self.method}, seed {self.seed}, {self.wanted} {self.subject.unit}"

    def _asked(self) -> list[Proposal]:
        """The next few proposals; on one thread, so that their numbers are the same whatever else is to be done."""
        missing = min(self.wanted, self.subject.choices.count) - len(self.found)
        if missing <= 0:
            return []
        with one_thread():
            return self._proposals.ask(min(self.subject.at_once, missing))

    def _keep(self, point: Point, found: Found) -> None:
        judged = self._judged(found)
        if self._journal is not None and judged[0] is not None:
            screened = self._screen.take_new() if self._screen else {}
            self._journal.add(self.subject.choices, point, self.subject.entry(found), judged, screened)

    def _judged(self, found: Found) -> tuple[Sequence[float] | None, Mapping[str, float]]:
        """The losses, None where one is not known; and the limits."""
        losses, limits = self.subject.judge(found)
        return (losses if all(map(math.isfinite, losses)) else None), limits

    def _begun(self) -> DescentProposals | SampledProposals:
        descent, choices = None, self.subject.choices
        if self.method in ("descent", "mixed"):
            descent = Descent(choices, self.seed, self.wanted, self.subject.noise(), self._screen)
        if self.method == "descent":
            return DescentProposals(descent)
        n_descent = 0 if descent is None else round(_MIXED_DESCENT * self.wanted)
        return SampledProposals(choices, self.method, self.seed, len(self.subject.names), descent, n_descent)
