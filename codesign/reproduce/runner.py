"""The one runner of all studies: train what is not trained yet, print the tables and goals, write figures and JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from os import PathLike
from pathlib import Path

from rich.console import Console

from codesign._folders import made_files
from codesign.jobs import Runner, running
from codesign.report.figure import save_figures, style
from codesign.report.result import write_json
from codesign.report.table import make_console, print_goals, print_table
from codesign.reproduce.columns import Table
from codesign.reproduce.result_cache import ResultCache
from codesign.reproduce.seeds import checked_seeds
from codesign.reproduce.side_by_side import PARTS, do_side_by_side, key_of
from codesign.reproduce.study import Run, Study
from codesign.train.progress import StepProgress


def run_study(
    study: Study,
    *,
    json_path: str | PathLike | None = None,
    quick: bool = False,
    seeds: Sequence[int] | None = None,
    out: str | PathLike | None = None,
    settings: object = None,
    console: Console | None = None,
    jobs: int | Runner = 1,
) -> dict:
    """Do every job that is not done yet, print tables and goals, and write figures and JSON.

    Args:
        study: what to run.
        json_path: where to write the JSON.
        quick: a reduced run, without goals.
        seeds: of the trainings, in place of the study's.
        out: folder of finished results, figures and what the jobs write; by default ``build/reproduce/NAME``, or
            ``NAME-quick``.
        settings: in place of the standard or quick ones.
        console: where tables go.
        jobs: processes, -1 for all cores, or a :class:`codesign.Runner`: seeds are done side by side, what measures
            times alone.

    Returns:
        dict: ``rows``, ``goals``, and what the study adds to the JSON.

    Raises:
        ConfigError: for seeds that repeat or are negative.
        DataError: for an output folder with results of another study, other settings or another version, or files of
            the user.
        ToolError: if a tool that a job needs is missing.
        TrainingError: if a training diverges.
    """
    seeds = checked_seeds(seeds, study.quick_seeds if quick else study.seeds)
    settings, console = settings or (study.quick if quick else study.settings), console or make_console()
    folder = Path(out or f"build/reproduce/{study.name}{'-quick' if quick else ''}")
    with ResultCache(folder / "results.jsonl", {"study": study.name, **asdict(settings)}) as cache:
        with StepProgress() as shown:
            shown.step(f"{study.name}: reading or making the events")
            run = Run(study, settings, seeds, study.load(settings), folder, cache.get)
            kept = _do_jobs(run, cache, jobs, shown)
            shown.step(f"{study.name}: tables")
            run.rows.extend(study.rows(run))
            goals, tables = [] if quick else list(study.goals(run)), list(study.tables(run))
        _print_tables(run, tables, console)
        print_goals(goals, console=console, quick=quick)
        with StepProgress() as shown, made_files(folder) as partial, style():
            shown.step(f"{study.name}: figures")
            save_figures({name: draw(run) for name, draw in study.figures.items()}, partial)
    console.print(f"{', '.join(['plots', *kept])} and finished results: {folder}", markup=False)
    extra = study.extra(run)  # nosec B610  # a dict of the study; no Django here
    if json_path is not None:
        more = {"title": study.title, "settings": asdict(settings), "quick": quick, "origin": run.data.origin}
        more |= {"test_events": len(run.data.y_test), **extra}
        write_json(json_path, study.name, run.data.kind, run.rows, goals, seeds=seeds, **more)
    return {"rows": run.rows, "goals": goals, **extra}


def _do_jobs(run: Run, cache: ResultCache, processes: int | Runner, shown: StepProgress) -> list[str]:
    """Do what is not done yet, and return the folders that the jobs write to."""
    jobs = list(run.study.jobs(run))
    files = [name for job in jobs for name in job.files]
    cache.reserve([*files, PARTS], run.study.figures)
    with running(processes) as runner:
        if runner.count > 1 or (run.folder / PARTS).exists():

            def tell(done: float, n_parts: int) -> None:
                shown.step(f"{runner.workers}, {n_parts} seeds", done, n_parts)

            do_side_by_side(run, cache, jobs, runner, tell)
        for index, job in enumerate(jobs):
            if key_of(job) not in cache:
                shown.step(f"{job.method}, seed {job.seed}", index, len(jobs))
            found = cache.get(key_of(job), job.compute)
            run.results.setdefault(job.method, {})[job.seed] = found
    return sorted({Path(name).parts[0] for name in files})


def _print_tables(run: Run, tables: Sequence[Table], console: Console) -> None:
    for table in tables:
        kind = table.data_kind or run.data.kind
        if table.rows:
            print_table(table.title, kind, table.cells(), console=console, notes=table.notes)
        else:
            console.print(" ".join([f"{table.title}: {table.empty}.", *table.notes]), style="dim", soft_wrap=True)
