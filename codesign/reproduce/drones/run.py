"""Train, compare, time, print, plot: one task of drones."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from rich.console import Console

from codesign._folders import made_files
from codesign.data import Dataset, load_dataset
from codesign.drone import paper_teacher
from codesign.reproduce.drones.experiment import DronesExperiment, teachers
from codesign.reproduce.drones.plots import PLOTS, save_plots
from codesign.reproduce.drones.settings import DronesSettings
from codesign.reproduce.drones.summary import Results, drone_columns, make_goals, make_rows, time_columns, time_ratios
from codesign.reproduce.drones.timing import time_rows
from codesign.reproduce.result import write_json
from codesign.reproduce.result_cache import ResultCache
from codesign.reproduce.seeds import checked_seeds
from codesign.reproduce.table import make_console, print_goals, print_table
from codesign.train.progress import progress_bar

_SEEDS = (0, 1, 2)
_NOTES = (
    "Teachers learn from labels of the training half, drones from the teacher on the same events; all numbers are of "
    "the other half.",
    "C++ - float64: largest difference of the generated C++ to numpy in double precision, 1,000 events. Errors are "
    "over seeds.",
)


def run(
    task: str,
    *,
    json_path: str | PathLike | None = None,
    quick: bool = False,
    seeds: Sequence[int] | None = None,
    out: str | PathLike | None = None,
    settings: DronesSettings | None = None,
    console: Console | None = None,
) -> dict:
    """Train every teacher and its drone, print tables and goals, write drones, plots and JSON.

    Args:
        task: ``b_decay`` or ``quark_gluon``.
        json_path: where to write the JSON.
        quick: a reduced run.
        seeds: of teachers and drones; 0, 1, 2, or 0 in a quick run.
        out: folder of finished results, drones and plots.
        settings: in place of the standard or quick ones.
        console: where tables go.

    Returns:
        dict: ``rows``, ``times`` and ``goals``.

    Raises:
        ConfigError: for seeds that repeat or are negative.
        DataError: for an output folder with results of other settings.
        ToolError: without g++.
    """
    seeds = checked_seeds(seeds, _SEEDS[:1] if quick else _SEEDS)
    settings, console = settings or DronesSettings.of(task, quick=quick), console or make_console()
    directory = Path(out or f"build/reproduce/{task}{'-quick' if quick else ''}")
    with ResultCache(directory / "results.jsonl", settings.as_dict()) as cache:
        data = _load(settings)
        experiment = DronesExperiment(data, settings, directory / "drones")
        cache.reserve(
            [f"drones/{experiment.drone_path(name, seed).name}" for name in teachers() for seed in seeds], PLOTS
        )
        results, times = _train(experiment, cache, seeds)
        rows = make_rows(results)
        n_inputs, units = data.n_features, settings.max_units
        goals = [] if quick else make_goals(rows, times, units * (n_inputs + 2) + 1, with_times=task == "b_decay")
        _print(rows, times, data, console)
        print_goals(goals, console=console, quick=quick)
        with made_files(directory) as partial:
            save_plots(results, times, data, partial)
    console.print(f"plots, drones and finished results: {directory}", markup=False)
    if json_path:
        more = {"settings": settings.as_dict(), "quick": quick, "times": times, "test_events": len(data.x_test)}
        write_json(json_path, task, data.kind, rows, goals, seeds=seeds, **more)
    return {"rows": rows, "times": times, "goals": goals}


def _load(settings: DronesSettings) -> Dataset:
    data = load_dataset(settings.task)
    if settings.n_events is None:
        return data
    kept = slice(None, None, max(1, len(data.x_train) // settings.n_events))
    return replace(data, x_train=data.x_train[kept], y_train=data.y_train[kept])


def _train(experiment: DronesExperiment, cache: ResultCache, seeds: Sequence[int]) -> tuple[Results, list[dict]]:
    results: dict[str, dict[int, dict]] = {name: {} for name in teachers()}
    with progress_bar() as bar:
        task = bar.add_task("", total=len(results) * len(seeds) + 1)
        for seed in seeds:
            for name in results:
                bar.update(task, description=f"{name}, seed {seed}")
                results[name][seed] = cache.get(
                    f"{name}/{seed}", lambda name=name, seed=seed: experiment.run(name, seed)
                )
                bar.advance(task)
        bar.update(task, description="timing")
        times = cache.get("times", lambda: {"rows": _time(experiment, seeds[0])})["rows"]
        bar.advance(task)
    return results, times


def _time(experiment: DronesExperiment, seed: int) -> list[dict]:
    teacher = paper_teacher(experiment.data.n_features)  # its time does not depend on what it has learnt
    return time_rows(teacher, experiment.load_drone("paper", seed), experiment.settings)


def _print(rows: Sequence[dict], times: Sequence[dict], data: Dataset, console: Console) -> None:
    print_table(
        f"Drones, {data.name}, {len(data.x_test):,} test events",
        data.kind,
        drone_columns(rows),
        console=console,
        notes=_NOTES,
    )
    ratios = {name: "not measured" if value is None else f"{value:,.0f}" for name, value in time_ratios(times).items()}
    note = (
        f"One event, teacher in Keras over drone in C++: {ratios['in_all']}; of this, leaving Keras brings "
        f"{ratios['leaving_keras']} (the teacher in its fastest other runtime), the drone in C++ the other "
        f"{ratios['drone']}. The paper's drone in Keras brought 8."
    )
    print_table("CPU time per event, one thread, median", data.kind, time_columns(times), console=console, notes=[note])
