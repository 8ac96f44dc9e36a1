"""What a project chooses among: the designs that its methods find, or a sweep of the model in its file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from codesign.data import Dataset
from codesign.errors import DataError
from codesign.fpga import Design, Picked, pick, search, sweep
from codesign.fpga.design.standing import loss_of
from codesign.fpga.sweep.decide import decide, n_scores
from codesign.jobs import Runner
from codesign.methods import train_designs
from codesign.methods.teaching import Taught
from codesign.metrics import parse_metric
from codesign.project.check import CheckedProject
from codesign.project.models import load_network
from codesign.project.sweep_checks import qkeras_settings
from codesign.project.train_section import DEPLOYED

KEPT = SWEEP, SEARCH, TRAINING = "sweep.jsonl", "search.journal", "training"  # for the next run to go on from
_HELD_OUT = 0.1
_CALIBRATION_EVENTS = 20_000


@dataclass(frozen=True, eq=False)
class Reference:
    """A model that the picks stand beside.

    Args:
        name: as tables show it.
        kind: ``float`` or ``teacher``.
        scores: (n_events, n_outputs) on the test events, before any softmax; of a regression values.
        decisions: (n_events,) the classes that it decides for; None of a regression.
    """

    name: str
    kind: str
    scores: np.ndarray
    decisions: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Candidates:
    """Designs, and those picked.

    Args:
        designs: all that were compared.
        picked: those to build.
        n_held_out: events that they were compared on.
        reference: the float model, or the teacher; None where there is none.
        history: how each was trained, as report.json has it.
    """

    designs: tuple[Design, ...]
    picked: Picked
    n_held_out: int
    reference: Reference | None = None
    history: Sequence[Mapping[str, object]] = ()

    @property
    def best_of_others(self) -> tuple[Design, ...]:
        """The best design of each method of which none was picked."""
        metric = parse_metric(self.picked.metric)
        taken = {one.method for one in (self.picked.smallest, self.picked.fastest, self.picked.best)}
        others = dict.fromkeys(design.method for design in self.designs if design.method not in taken)
        return tuple(
            min((one for one in self.designs if one.method == method), key=lambda one: loss_of(one, metric))
            for method in others
        )


def sweep_model(checked: CheckedProject, *, jobs: int | Runner) -> Candidates:
    """Sweep the network of ``model.path``, or search its designs, and pick.

    Raises:
        BudgetError: if no design is within the budget.
        CodesignError: as :func:`codesign.fpga.sweep`.
    """
    config = checked.config
    data, held = checked.data.hold_out(_HELD_OUT, seed=config.seed)
    model = load_network(config, data)
    given = (model.network, held.x, held.y, config.grid)
    shared = {"weights": held.weights, "metrics": checked.metrics, "jobs": jobs}
    shared |= {"calibration": data.x_train[:_CALIBRATION_EVENTS], "toolchain": config.toolchain}
    with _kept_in_out():
        if config.search is None:
            designs = sweep(*given, **shared, cache=checked.out / SWEEP, label=f"sweep of {model.name}")
        else:
            shared |= {"designs": config.search.designs, "method": config.search.method, "seed": config.seed % 2**31}
            shared |= {"budget": config.budget, "storage": checked.out / SEARCH}
            designs = search(*given, **shared, label=f"search of {model.name}")
    decisions = decide(model.network, model.outputs) if data.classes else None
    scores = model.network.predict(data.x_test)[:, : n_scores(model.network)]
    reference = Reference(model.name, "float", scores, decisions)
    picked = pick(designs, config.budget, metric=checked.metrics[0].name)
    return Candidates(tuple(designs), picked, len(held.x), reference)


def train_candidates(checked: CheckedProject, *, jobs: int | Runner) -> Candidates:
    """Train by the project's methods, within its budget.

    Raises:
        BudgetError: for a budget that none can meet; it says the least that was reached.
        CodesignError: as :func:`codesign.methods.train_designs`.
    """
    config, data, train = checked.config, checked.data, checked.config.model.train
    teacher = checked.deployed.as_teacher(data.task) if train.teacher == DEPLOYED else train.teacher
    with _kept_in_out():
        front = train_designs(
            data,
            config.budget,
            methods=train.methods,
            teacher=teacher,
            metric=checked.metrics[0].name,
            hidden=train.hidden,
            epochs=train.epochs,
            qkeras=qkeras_settings(config) if "qkeras" in train.methods else None,
            clock_period_ns=config.grid.clock_period_ns,
            part=config.grid.part,
            directory=checked.out / TRAINING,
            seed=config.seed,
            jobs=jobs,
            search=train.search,
        )
    reference = None if front.teacher is None else _taught_by(front.teacher, data)
    history = tuple(_history_row(entry) for entry in front.history)
    return Candidates(front.designs, front.picked, front.picked.best.events, reference, history)


@contextmanager
def _kept_in_out() -> Iterator[None]:
    """Say ``out`` of files whose places the user of a project gives by no other name."""
    try:
        yield
    except DataError as error:
        argument, colon, rest = str(error).partition(":")
        if argument not in ("cache", "storage", "directory"):
            raise
        raise DataError(f"out{colon}{rest}") from None


def _taught_by(teacher: Taught, data: Dataset) -> Reference:
    """The teacher on the test events."""
    scores = teacher.scores(data.x_test)
    decisions = None
    if data.classes:
        decisions = scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.int64)
    return Reference(teacher.name, "teacher", scores, decisions)


def _history_row(entry: Mapping[str, object]) -> dict:
    """Return how a network was trained, of :attr:`codesign.methods.Front.history`, as report.json has it."""
    epochs = entry["epochs"]
    names = dict.fromkeys(name for one in epochs for name in one if name not in ("stage", "epoch"))
    stages = [one.get("stage", "training") for one in epochs]
    begun = [index for index, stage in enumerate(stages) if not index or stage != stages[index - 1]]
    return {
        "method": entry["method"],
        "name": ", ".join(filter(None, (entry["method"], entry["label"]))),
        "cpu_s": entry["cpu_s"],
        "values": {name: [one.get(name) for one in epochs] for name in names},
        "phases": [{"name": stages[index], "start": index} for index in begun],
    }
