"""plan_project: what comes next of a project's work, as trials and as files that batch systems take."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign._folder_lock import FolderLock
from codesign._folders import claim
from codesign.errors import ConfigError
from codesign.project.candidates import KEPT, sweep_model, train_candidates
from codesign.project.check import check_project
from codesign.project.config import ProjectConfig, read_project
from codesign.project.plan.jobs_dir import JobsDir, Trial
from codesign.project.plan.runners import Found, Planner
from codesign.project.plan.submit_files import write_submit_files


@dataclass(frozen=True)
class Planned:
    """What is to be submitted.

    Args:
        trials: that have no result yet.
        submit: the HTCondor file and the SLURM script; empty where nothing is left to do.
    """

    trials: tuple[Trial, ...]
    submit: tuple[Path, ...] = ()


def plan_project(project: str | PathLike, jobs_dir: str | PathLike, *, out: str | PathLike | None = None) -> Planned:
    """Write the trials that come next of a project, without doing them.

    A sweep is planned at once, in trials of some minutes. Trainings come in rounds, since what is trained next depends
    on what was reached: when all of one are collected, the next can be planned. Where all is done there is none.

    Args:
        project: folder with a project.yml, or the file.
        jobs_dir: new folder, or one of a plan of the same project, of which what has no result is planned again.
        out: of the project.

    Raises:
        DataError: for a folder of another project or version, or of a project that has changed since.
        CodesignError: as :func:`codesign.project.check_project`.
    """
    config = read_project(project)
    _check_stands_alone(config)
    out = config.directory / "build" if out is None else Path(out)
    folder = JobsDir.of_project(jobs_dir, config, out)
    waiting = [trial for trial in folder.trials() if folder.result(trial).exists()]
    done = [name for trial in waiting for name in trial.names]
    with FolderLock(out):
        found = _next(check_project(config, out=out), done)
    trials = tuple(folder.trial(found.kind, *items) for items in found.trials) if found else ()
    for trial in trials:
        folder.add(trial)
    _remove_others(folder, [*waiting, *trials])
    return Planned(trials, write_submit_files(folder, [trial.name for trial in trials]) if trials else ())


def _check_stands_alone(config: ProjectConfig) -> None:
    """Refuse a search, which has no trials that can be done apart."""
    cure = "follows from others; run codesign synthesize, on a cluster with --dask, or leave {} out"
    if config.search is not None:
        raise ConfigError(
            "grid.search: expected a grid to plan, whose precisions stand alone. Received: a search, where each design "
            + cure.format("grid.search")
        )
    if config.model.train and config.model.train.search is not None:
        raise ConfigError(
            "model.train.search: expected trainings to plan that the budget alone decides. Received: a search, where "
            "each training " + cure.format("model.train.search")
        )


def _next(checked: object, done: Sequence[str]) -> Found | None:
    claim(checked.out, KEPT)
    try:
        (train_candidates if checked.config.model.train else sweep_model)(checked, jobs=Planner(done))
    except Found as found:
        return found
    return None


def _remove_others(folder: JobsDir, trials: Sequence[Trial]) -> None:
    """Remove trials of rounds that are over, or that were grouped in another way."""
    kept = {trial.name for trial in trials}
    for path in (folder.path / "trials").glob("*.json"):
        if path.stem not in kept:
            path.unlink()
