"""`codesign reproduce jets`: train, measure, print, plot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from codesign._folders import made_files
from codesign.data import Dataset
from codesign.reproduce.jets.goals import make_goals
from codesign.reproduce.jets.methods import KEPT, Job, check_methods, jobs
from codesign.reproduce.jets.plots import PLOT, save_plots
from codesign.reproduce.jets.rows import Results, make_rows, points_of
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.tables import print_costs, print_networks
from codesign.reproduce.jets.tasks import Task, find_task
from codesign.reproduce.jets.training import Trainer
from codesign.reproduce.peer_process import check_peer
from codesign.reproduce.result import write_json
from codesign.reproduce.result_cache import ResultCache
from codesign.reproduce.seeds import checked_seeds
from codesign.reproduce.table import make_console, print_goals
from codesign.train.progress import progress_bar

_SEEDS = (0, 1, 2)


def run(
    *,
    json_path: str | None = None,
    quick: bool = False,
    seeds: Sequence[int] | None = None,
    out: str | None = None,
    task: str = "jets",
    methods: Sequence[str] | None = None,
    peer: str | None = None,
    settings: JetsSettings | None = None,
    console: Console | None = None,
) -> dict:
    """Train every method, print the tables and goals, write plots, networks and JSON.

    Args:
        json_path: where to write the JSON.
        quick: a reduced run.
        seeds: of the trainings; 0, 1, 2, or 0 in a quick run.
        out: folder of finished results, networks and plots.
        task: jets, hbb or pid: other events, everything else the same.
        methods: of posterior, pruned, ternary, variational and peer; None for all that can run.
        peer: interpreter that has HGQ2.
        settings: in place of the standard or quick ones.
        console: where tables go.

    Returns:
        dict: ``rows`` and ``goals``.

    Raises:
        ConfigError: for seeds that repeat or are negative, an unknown task or method.
        DataError: for an output folder with results of other settings or another task.
        ToolError: if the peer does not run, or da4ml is missing.
    """
    seeds = checked_seeds(seeds, _SEEDS[:1] if quick else _SEEDS)
    check_peer(peer)
    chosen, methods = find_task(task), check_methods(methods, peer)
    settings, console = settings or (JetsSettings.quick() if quick else JetsSettings()), console or make_console()
    directory = Path(out or f"build/reproduce/{chosen.label}{'-quick' if quick else ''}")
    with ResultCache(directory / "results.jsonl", settings.as_dict() | {"task": chosen.name}) as cache:
        data, *validation = _load(chosen, settings).hold_out(0.1)
        calls = [
            (seed, *job)
            for seed in seeds
            for job in jobs(Trainer(data, settings, seed), validation, directory, methods, peer)
        ]
        cache.reserve([kind.format(f"{name}-{seed}") for seed, name, _ in calls for kind in KEPT], [PLOT])
        results = _train(calls, cache)
        peer = _peer_results(results, chosen)
        rows = make_rows(results, settings)
        goals = [] if quick else make_goals(chosen, points_of(results, "posterior"), peer)
        print_networks(rows, chosen, data.kind, seeds, console)
        print_costs(results, settings, chosen, data.kind, peer=peer, console=console)
        print_goals(goals, console=console, quick=quick)
        with made_files(directory) as partial:
            save_plots(results, settings, chosen, data.kind, partial)
    console.print(f"plots, networks and finished results: {directory}", markup=False)
    if json_path:
        more = {"settings": settings.as_dict(), "quick": quick, "test_events": len(data.x_test)}
        write_json(json_path, chosen.label, data.kind, rows, goals, seeds=seeds, **more)
    return {"rows": rows, "goals": goals}


def _load(task: Task, settings: JetsSettings) -> Dataset:
    data = task.load()
    kept = slice(settings.n_events)
    return replace(data, x_train=data.x_train[kept], y_train=data.y_train[kept])


def _peer_results(results: Results, task: Task) -> list[dict] | None:
    """Return HGQ2's points, those that come with the package and those of this run; None if there are neither."""
    trained = points_of(results, "peer")
    points = [*task.reference(), *(point for found in trained.values() for point in found)]
    return points if points or trained else None


def _train(calls: Sequence[tuple[int, str, Job]], cache: ResultCache) -> Results:
    """Return job -> seed -> result."""
    results: dict[str, dict[int, dict]] = {}
    with progress_bar() as bar:
        task = bar.add_task("", total=len(calls))
        for seed, name, job in calls:
            bar.update(task, description=f"{name}, seed {seed}")
            results.setdefault(name, {})[seed] = cache.get(f"{name}/{seed}", job)
            bar.advance(task)
    return results
