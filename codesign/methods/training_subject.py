"""TrainingSubject: trainings, each with hidden sizes and a cost weight of its own, as what is searched."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from codesign._version import __version__
from codesign.errors import DataError
from codesign.fpga import Budget, Design
from codesign.fpga.design.standing import loss_of, part_share
from codesign.fpga.search.choices import Point
from codesign.fpga.search.foretold import Noise
from codesign.fpga.search.judged import judged_design, names_of_losses
from codesign.jobs import Runner
from codesign.methods.measure import Judge
from codesign.methods.posterior import PosteriorTraining
from codesign.methods.settings import MethodSettings
from codesign.methods.task import Task
from codesign.methods.trained import Place, Trained
from codesign.methods.training import folder_name
from codesign.methods.training_search import COST_WEIGHT, TrainingSearch, hidden_of
from codesign.metrics import parse_metric


@dataclass(frozen=True, eq=False)
class Finished:
    """A training that is over, and the designs of its networks; none where all became constants."""

    trained: Trained
    designs: Sequence[Design]


@dataclass(eq=False)
class TrainingSubject:
    """Trainings towards a front; see :class:`codesign.fpga.search.run.Subject`.

    Of a training counts its best design within the budget, or the one that misses it least.

    Args:
        asked: what is searched.
        task: with the targets of a teacher, if there is one.
        settings: of the trainings, hidden sizes apart.
        seed: of each training.
        budget: that comes first.
        judge: of networks.
        folder: of the trainings' folders; None: they are not kept.
        run: trains, and yields the number of each training that is finished, what it gave, and its designs.
        judged: returns the designs of a training.
    """

    asked: TrainingSearch
    task: Task
    settings: MethodSettings
    seed: int
    budget: Budget
    judge_networks: Judge
    folder: Path | None
    run: Callable[[Sequence[PosteriorTraining]], Iterator[tuple[int, Trained, list[Design]]]]
    judged: Callable[[Trained], list[Design]]
    at_once = 4
    unit = "trainings"
    measure = None  # trainings are not cheap
    about = "these events, this teacher, this budget and these settings"

    def __post_init__(self) -> None:
        self.choices = self.asked.choices
        self._metric = parse_metric(self.judge_networks.metric.name)
        self.names = names_of_losses(self._metric)

    def fingerprint(self) -> str:
        """Return a hash of events, settings, budget and choices."""
        judge = self.judge_networks
        judged = [judge.metric.name, judge.clock_period_ns, judge.part, self.budget.limits()]
        chosen = [dict(self.choices.shared), list(self.choices.layouts.items())]
        parts = [__version__, self.task.digest, asdict(self.settings), self.seed, judged, chosen]
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()

    def noise(self) -> Noise:
        """Return nothing: what a choice does, only trainings tell."""
        return {}

    def evaluate(self, points: Sequence[Point], runner: Runner) -> Iterator[tuple[Point, Finished]]:
        """Train at each point, and yield what that gave; trainings that their folders hold are not done again."""
        for index, trained, designs in self.run([self._training(point) for point in points]):
            yield points[index], Finished(trained, designs)

    def judge(self, found: Finished) -> tuple[tuple[float, float, float], dict[str, float]]:
        """Return the losses of the design that counts, infinite where there is none, and what it misses limits by."""
        if not found.designs:
            return (math.inf, math.inf, math.inf), {}

        def standing(design: Design) -> tuple[float, ...]:
            return sum(self.budget.excesses(design).values()), loss_of(design, self._metric), part_share(design)

        return judged_design(min(found.designs, key=standing), self._metric, self.budget)

    def entry(self, found: Finished) -> dict:
        """Return what people are told of it; its networks are in its folder."""
        return {"label": found.trained.label, "cpu_s": found.trained.cpu_s, "designs": len(found.designs)}

    def read(self, point: Point, entry: Mapping) -> Finished:
        """Return a training from its folder.

        Raises:
            DataError: if it is not there.
        """
        place = Place.at(self.folder, folder_name(self._training(point)))
        trained = place.trained()
        if trained is None:
            raise DataError(f"directory: expected the networks of {entry['label']}. Received: none in {place.path}")
        return Finished(trained, self.judged(trained))

    def _training(self, point: Point) -> PosteriorTraining:
        settings = replace(self.settings, hidden=hidden_of(point))
        return PosteriorTraining(self.task, None, settings, self.seed, cost_weight=dict(point)[COST_WEIGHT])
