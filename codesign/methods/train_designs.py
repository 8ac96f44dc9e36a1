"""train_designs: events and a budget in, networks out, by the best methods there are."""

from collections.abc import Sequence
from os import PathLike

import numpy as np

from codesign._arguments import check_seed, checked
from codesign.data import Dataset
from codesign.drone import as_teacher
from codesign.errors import BudgetError, ConfigError, nearest
from codesign.fpga import Budget, pick
from codesign.fpga.design.pick import pareto_front
from codesign.methods.aims import aims_of
from codesign.methods.ensemble import train_member
from codesign.methods.front import Front
from codesign.methods.measure import measured_designs
from codesign.methods.posterior import train_posterior
from codesign.methods.settings import MethodSettings
from codesign.methods.task import BINARY, Task
from codesign.train.progress import progress_bar

METHODS = ("posterior", "qkeras", "drone")
ENSEMBLE = "ensemble"


@checked
def train_designs(
    data: Dataset,
    budget: Budget,
    *,
    methods: Sequence[str] = ("posterior",),
    teacher: object = ENSEMBLE,
    metric: str | None = None,
    hidden: Sequence[int] | None = None,
    clock_period_ns: float = 5.0,
    part: str = "xcvu13p-flga2577-2-e",
    directory: str | PathLike | None = None,
    seed: int = 0,
    jobs: int = -1,
    time_limit_s: float | None = None,
    progress: bool = True,
) -> Front:
    """Train networks of several sizes within a budget, and return the front of their designs.

    Args:
        data: standardised, or in words; a tenth of the training events is held out, and designs are chosen on it.
        budget: limits; its LUTs and latency steer the training.
        methods: some of ``posterior``, ``qkeras``, ``drone``.
        teacher: ``ensemble``, dense nets that are trained first; None, the labels teach; or whatever
            :func:`codesign.as_teacher` takes, such as a file.
        metric: that designs are chosen by; None takes the accuracy.
        hidden: units of each hidden layer; None chooses.
        clock_period_ns: target clock period.
        part: FPGA part.
        directory: where finished trainings are kept.
        seed: of everything random.
        jobs: processes, -1 for all cores.
        time_limit_s: no new training is begun after this time.
        progress: show a bar on standard error.

    Raises:
        BudgetError: for a budget that none can meet; it says the least that was reached.
        ConfigError: for an unknown method.
    """
    check_seed(seed)
    for name in methods:
        if name not in METHODS:
            raise ConfigError(
                f"methods: expected some of {', '.join(METHODS)}. Received: {name}{nearest(name, METHODS)}"
            )
    rest, held = data.hold_out(0.1, seed=seed)
    task = Task.of(rest)
    settings = MethodSettings.for_task(task, None if hidden is None else tuple(hidden))
    aims = aims_of(budget, clock_period_ns=clock_period_ns, n_aims=3)
    designs, history = [], []
    with progress_bar(shown=progress) as bar:
        line = bar.add_task("teacher", total=1 + len(aims))
        task, about = _taught(task, teacher, settings, seed)
        for index, aim in enumerate(aims):
            bar.update(line, description=f"posterior: {aim.adder_cost:g} adders", completed=1 + index)
            try:
                trained = train_posterior(task, aim, settings, seed + index)
            except BudgetError:
                if index:
                    continue
                raise
            history.append({"method": trained.method, "adder_cost": aim.adder_cost, "epochs": trained.history})
            for network in trained.networks:
                designs += measured_designs(network, held, clock_period_ns=clock_period_ns, part=part)
        bar.update(line, completed=1 + len(aims))
    picked = pick(designs, budget)
    return Front(tuple(pareto_front(designs)), picked, about, tuple(history))


def _taught(task: Task, teacher: object, settings: MethodSettings, seed: int) -> tuple[Task, dict | None]:
    """The task with what the teacher says, and who it is."""
    if teacher is None:
        return task, None
    if isinstance(teacher, str) and teacher == ENSEMBLE:
        outputs = [train_member(task, (), settings, 1000 * (seed + 1) + n)[0] for n in range(settings.teacher_nets)]
        return task.taught(np.mean(outputs, 0)), {"name": ENSEMBLE}
    found = as_teacher(teacher)
    outputs = found.predict(task.x)
    if task.kind == BINARY and outputs.shape[1] == 2:
        outputs = outputs[:, 1:]
    return task.taught(outputs), {"name": found.name}
