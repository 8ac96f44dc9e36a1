"""Search: the trainings of a call of train_designs, what they reach, and what is tried next."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path

from codesign._folder_lock import FolderLock
from codesign._folders import claim
from codesign.data import Dataset
from codesign.drone.teachers.teacher import Teacher
from codesign.errors import BudgetError
from codesign.fpga import Budget, Design, pareto_front, pick
from codesign.fpga.design.standing import loss_of
from codesign.fpga.search.run import SearchRun
from codesign.jobs import Runner, running
from codesign.methods import drone, qkeras
from codesign.methods.aims import Aims
from codesign.methods.drone import DroneTraining
from codesign.methods.front import Front
from codesign.methods.measure import Judge
from codesign.methods.posterior import PosteriorTraining
from codesign.methods.qkeras import QKerasSettings, QKerasTraining
from codesign.methods.settings import MethodSettings
from codesign.methods.tables import growths_of, size_label
from codesign.methods.task import Task
from codesign.methods.teaching import Taught, train_ensemble
from codesign.methods.trained import Place, Trained
from codesign.methods.training import Training, folder_name, train
from codesign.methods.training_search import TrainingSearch
from codesign.methods.training_subject import TrainingSubject
from codesign.metrics import parse_metric
from codesign.posterior.graph_budget import GraphBudget
from codesign.train.progress import progress_bar

_FOLDER, _JOURNAL = "trainings", "search.journal"
_TEACHER_SHARE = 0.2  # of the time of a network
_AT_ONCE = 2  # trainings of a round of the search, whatever the number of workers: it decides which there are
_SEEDS = 2_000_000  # whole numbers that seeds are made of, so that those of all trainings stay below 2^31


@dataclass(frozen=True)
class SearchOptions:
    """Arguments of :func:`codesign.train_designs`."""

    qkeras: QKerasSettings
    methods: tuple[str, ...]
    hidden: tuple[int, ...] | None
    epochs: int | None
    seed: int
    jobs: int | Runner
    time_limit_s: float | None
    progress: bool
    search: TrainingSearch | None


@dataclass(eq=False)
class Search:
    """Trains, judges, and goes on where a limit on a metric is not narrowed down.

    Args:
        data: whose training events are trained on.
        budget: that steers.
        judge: of networks.
        options: of the call.
    """

    data: Dataset
    budget: Budget
    judge: Judge
    options: SearchOptions
    designs: list[Design] = field(default_factory=list)
    history: list[Mapping[str, object]] = field(default_factory=list)

    def run(self, teacher: Teacher | str | None, directory: str | PathLike | None) -> Front:
        """Do all trainings that the directory does not hold yet, and return the front."""
        limit, start = self.options.time_limit_s, time.monotonic()
        self._until = None if limit is None else start + limit
        self._folder = None if directory is None else Path(directory) / _FOLDER
        self._task = Task.of(self.data)
        if "qkeras" in self.options.methods:
            qkeras.check_task(self._task)
        self._aims = Aims(self.budget, self.judge.clock_period_ns)
        _ = self._aims.largest  # what no network can meet is said now
        self._settings = MethodSettings.for_task(self._task, self.options.hidden, self.options.epochs)
        lock = None if directory is None else FolderLock(directory, argument="directory")
        try:
            if directory is not None:
                claim(directory, [_FOLDER, _JOURNAL], argument="directory")
            with progress_bar(shown=self.options.progress) as self._bar, running(self.options.jobs) as self._runner:
                self._line, self._done, self._planned = self._bar.add_task("", total=None), 0.0, 0.0
                taught = self._taught(teacher)
                self._search(taught)
        finally:
            if lock is not None:
                lock.release()
        return self._front(taught)

    def _taught(self, teacher: Teacher | str | None) -> Taught | None:
        """Train the ensemble if it is to teach, and let the teacher say its part."""
        self._teacher_metrics = None
        if teacher is None:
            return None
        source = teacher
        if isinstance(teacher, str):
            first = 1000 * (self._seed % 1_000_000 + 1)  # a seed of NumPy, whatever the one given
            train = partial(self._trained, share=_TEACHER_SHARE, judge=False)
            source = train_ensemble(self._task, self._settings, first, self.judge.held, train)
        taught = Taught(self._task, source)
        self._task = self._task.taught(taught.predict(self.data.x_train))
        self._teacher_metrics = self.judge.measured(taught.scores(self.judge.held.x))
        name = self.judge.metric.name
        self._bar.update(self._line, description=f"teacher: {name} {self._teacher_metrics[name].value:.4f}")
        return taught

    def _search(self, taught: Taught | None) -> None:
        """Train by each method: tables beside the first dense networks, so that every core has work."""
        methods, growths, aims = self.options.methods, [], ()
        decides = self.judge.metric.name == "accuracy"
        if "tables" in methods:
            growths = growths_of(self._task, taught, self.budget, self._seed, decides=decides)
        if "posterior" in methods and self.options.search is None:
            aims = self._aims.first()
        self._trained([*growths, *(self._towards(aim, number) for number, aim in enumerate(aims))])
        if self.options.search is not None:
            self._searched(self.options.search)
        elif "posterior" in methods:
            self._posterior(aims)
        if "qkeras" in methods:
            self._qkeras()
        if "drone" in methods:
            self._drone()

    def _posterior(self, first: Sequence[GraphBudget]) -> None:
        """Go on where a limit on a metric is not narrowed down, unless tables met it: they take fewer LUTs."""
        tried, index = [aim.adder_cost for aim in first], 0
        while not (self._is_late() or ("tables" in self.options.methods and self._aims.is_met(self.designs))):
            aims = self._aims.more(tried, self.designs, n=_AT_ONCE, index=index)
            if not aims:
                return
            self._trained([self._towards(aim, number + len(tried)) for number, aim in enumerate(aims)])
            tried += [aim.adder_cost for aim in aims]
            index += 1

    def _searched(self, asked: TrainingSearch) -> None:
        """Search trainings; those that the journal in the directory holds are not done again."""
        given = (asked, self._task, self._settings, self._seed, self.budget, self.judge, self._folder)
        subject = TrainingSubject(*given, self._finished, self._judged)
        run = SearchRun(subject, asked.method, self._seed, asked.trainings)
        run.open(None if self._folder is None else self._folder.parent / _JOURNAL, argument="directory")
        history, designs, done = [*self.history], [*self.designs], self._done
        self._planned = done + min(run.wanted, asked.choices.count)
        for is_new in run.rounds(self._runner):
            self._done = done + len(run.found)  # in the order proposed, whichever the journal held
            self.history = history + [one.trained.entry() for one in run.found.values()]
            self.designs = designs + [design for one in run.found.values() for design in one.designs]
            if is_new and self._is_late():
                return

    def _qkeras(self) -> None:
        settings, options, epochs = self.options.qkeras, self.options, self.options.epochs
        fit = settings.fit if epochs is None else replace(settings.fit, epochs=epochs)
        shared = {"activation_bits": settings.activation_bits, "hidden": options.hidden or self._settings.hidden}
        trainings = [
            QKerasTraining(self._task, bits, fit=fit, seed=self._seed, **shared) for bits in settings.weight_bits
        ]
        for trained in self._trained(trainings, judge=False):
            self.designs += qkeras.swept(trained, settings, self.judge, self._task.x, jobs=self._runner)

    def _drone(self) -> None:
        (grown,) = self._trained([DroneTraining(self._task, self.options.hidden, self._seed)], judge=False)
        network = grown.networks[0]
        start = drone.start_of(network, self._task)
        shape = {"method": drone.METHOD, "hidden": tuple(network.sizes[1:-1]), "start": start}
        aims = dict.fromkeys(self._aims.first())
        self._trained([self._towards(aim, number, **shape) for number, aim in enumerate(aims)])

    def _towards(self, aim: GraphBudget, number: int, **shape: object) -> PosteriorTraining:
        return PosteriorTraining(self._task, aim, self._settings, self._seed + number, **shape)

    @property
    def _seed(self) -> int:
        return self.options.seed % _SEEDS

    def _is_late(self) -> bool:
        return self._until is not None and time.monotonic() > self._until

    def _trained(self, trainings: Sequence[Training], *, share: float = 1.0, judge: bool = True) -> list[Trained]:
        """Run trainings side by side, and judge what is finished; in the order given."""
        found = {index: trained for index, trained, _ in self._finished(trainings, share=share, judge=judge)}
        return [found[index] for index in sorted(found)]

    def _finished(
        self, trainings: Sequence[Training], *, share: float = 1.0, judge: bool = True
    ) -> Iterator[tuple[int, Trained, list[Design]]]:
        """Run trainings side by side, and yield the number of each that is finished, what it gave, and its designs."""
        if not trainings:
            return
        folders = [Place.at(self._folder, folder_name(one)).path for one in trainings]
        method = ", ".join(dict.fromkeys(one.method for one in trainings))
        self._planned = max(self._planned, self._done + share * len(trainings))
        before, found, judged = self.designs, {}, {}
        self._say(method)

        def report(done: float) -> None:
            self._bar.update(self._line, completed=100 * (self._done + share * done), total=100 * self._planned)

        until = self._until if judge else None
        for index, trained in self._runner.map(train, trainings, folders=folders, report=report, until=until):
            found[index] = trained
            judged[index] = self._judged(trained) if judge else []
            self.designs = before + [one for number in sorted(judged) for one in judged[number]]
            self._say(method)
            yield index, trained, judged[index]
        self._done += share * len(trainings)
        self.history += [found[index].entry() for index in sorted(found)]

    def _judged(self, trained: Trained) -> list[Design]:
        found = [
            self.judge.designs(network, trained.method, trained.label or size_label(network))
            for network in trained.networks
        ]
        return [design for designs in found for design in designs]

    def _say(self, method: str) -> None:
        metric = parse_metric(self.judge.metric.name)
        within = [design for design in self.designs if self.budget.is_met(design)] or self.designs
        text = method
        if within:
            best = min(within, key=lambda design: loss_of(design, metric))
            text = f"best {metric.text} {best.measured(metric.text).value:.4f} at {best.report.lut:,} LUTs"
        self._bar.update(self._line, description=f"{text}, {self._runner.workers}")

    def _front(self, taught: Taught | None) -> Front:
        metric = self.judge.metric.name
        if not self.designs:
            cure = "allow more LUTs or latency" if self.options.search is None else "search lower cost weights"
            raise BudgetError(
                "budget: expected one that a network meets which tells events apart. Received: all that were trained "
                f"are constants; {cure}"
            )
        picked = pick(self.designs, self.budget, metric=metric)
        kept = {id(one): one for one in (picked.smallest, picked.fastest, picked.best)}
        for method in dict.fromkeys(design.method for design in self.designs):
            own = [design for design in self.designs if design.method == method]
            kept |= {id(one): one for one in pareto_front(own, metric)}
        designs = tuple(design for design in self.designs if id(design) in kept)
        return Front(designs, picked, metric, taught, self._teacher_metrics, tuple(self.history))
