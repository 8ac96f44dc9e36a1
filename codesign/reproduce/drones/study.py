"""The study of drones on one task: teachers, their drones, and what leaving Keras brings."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from codesign.data import Dataset, load_dataset
from codesign.drone import paper_teacher
from codesign.reproduce.columns import Column, Table
from codesign.reproduce.drones.experiment import DronesExperiment, teachers
from codesign.reproduce.drones.plots import FIGURES
from codesign.reproduce.drones.rows import TIMES, make_goals, make_rows, time_ratios
from codesign.reproduce.drones.settings import QUICK, SETTINGS, TITLES, DronesSettings
from codesign.reproduce.drones.timing import time_rows
from codesign.reproduce.study import Job, Run, Study

_NOTES = (
    "Teachers learn from labels of the training half, drones from the teacher on the same events; all numbers are of "
    "the other half.",
    "C++ - float64: largest difference of the generated C++ to numpy in double precision, 1,000 events. Errors are "
    "over seeds.",
)
_DRONES = (
    Column("teacher", "teacher", TITLES.get),
    Column("teacher_parameters", "its parameters", ","),
    Column("auc_teacher", "AUC of teacher", ".4f", error="auc_teacher_error"),
    Column("auc_drone", "AUC of drone", ".4f", error="auc_drone_error"),
    Column("largest_auc_difference", "largest |difference|", ".5f"),
    Column("mean_difference", "mean |t - d|", ".4f", error="mean_difference_error"),
    Column("max_difference", "max |t - d|", ".2f", error="max_difference_error"),
    Column("agreement", "same decision", ".4f", error="agreement_error"),
    Column("hidden_units", "hidden units", ".1f"),
    Column("parameters", "parameters", ".0f"),
    Column("drone_cpu_s", "CPU s", ".1f"),
    Column("cpp_difference", "C++ - float64", ".1g"),
)
_TIMES = (
    *(Column(key, key) for key in ("network", "runtime", "call")),
    Column("batch", "events per call", ","),
    Column("ns_per_event", "ns per event", ",.1f"),
)


def make_study(task: str) -> Study:
    """Return the study of a task: ``b_decay`` or ``quark_gluon``."""
    return Study(
        name=task,
        title=f"Drones, {task}",
        settings=SETTINGS[task],
        quick=QUICK[task],
        load=_load,
        jobs=_jobs,
        rows=lambda run: make_rows(run.results),
        tables=_tables,
        goals=_goals,
        figures=FIGURES,
        extra=lambda run: {"times": _times(run)},
    )


def _load(settings: DronesSettings) -> Dataset:
    data = load_dataset(settings.task)
    if settings.n_events is None:
        return data
    kept = slice(None, None, max(1, len(data.x_train) // settings.n_events))
    return replace(data, x_train=data.x_train[kept], y_train=data.y_train[kept])


def _jobs(run: Run) -> Iterator[Job]:
    """Yield every teacher with its drone, then the times of both: a teacher's does not depend on what it has learnt."""
    experiment = DronesExperiment(run.data, run.settings, run.folder / "drones")
    for seed in run.seeds:
        for name in teachers():
            path = experiment.drone_path(name, seed)
            yield Job(name, seed, partial(experiment.run, name, seed), (f"drones/{path.name}",))
    yield Job(TIMES, run.seeds[0], lambda: {"rows": _time(experiment, run.seeds[0])}, alone=True)


def _time(experiment: DronesExperiment, seed: int) -> list[dict]:
    teacher = paper_teacher(experiment.data.n_features)
    return time_rows(teacher, experiment.load_drone("paper", seed), experiment.settings)


def _times(run: Run) -> list[dict]:
    return run.results[TIMES][run.seeds[0]]["rows"]


def _goals(run: Run) -> list[dict]:
    parameters = run.settings.max_units * (run.data.n_features + 2) + 1
    return make_goals(run.rows, _times(run), parameters, with_times=run.settings.task == "b_decay")


def _tables(run: Run) -> list[Table]:
    times = _times(run)
    ratios = {name: "not measured" if value is None else f"{value:,.0f}" for name, value in time_ratios(times).items()}
    note = (
        f"One event, teacher in Keras over drone in C++: {ratios['in_all']}; of this, leaving Keras brings "
        f"{ratios['leaving_keras']} (the teacher in its fastest other runtime), the drone in C++ the other "
        f"{ratios['drone']}. The paper's drone in Keras brought 8."
    )
    drones = f"{run.study.title}, {len(run.data.x_test):,} test events"
    return [
        Table(drones, _DRONES, run.rows, _NOTES),
        Table("CPU time per event, one thread, median", _TIMES, times, [note]),
    ]
