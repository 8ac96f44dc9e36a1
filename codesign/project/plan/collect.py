"""collect_trials: what is finished of a plan goes to the project's output folder, again and again."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign._folder_lock import FolderLock
from codesign._folders import claim
from codesign.fpga.sweep.cache import SweepCache
from codesign.methods.trained import Place
from codesign.project.candidates import KEPT, SWEEP, TRAINING
from codesign.project.config import read_project
from codesign.project.plan.jobs_dir import JobsDir, Trial, check_unchanged
from codesign.project.plan.results import copy_training, remove_damaged
from codesign.project.plan.trial import TRAININGS


@dataclass(frozen=True)
class Collected:
    """What a folder of trials holds.

    Args:
        project: that it belongs to.
        out: of the project, which has what is finished.
        finished: names of trials whose results the project has now.
        missing: names of trials without a result.
        damaged: names of trials whose result was no whole one, and was removed.
    """

    project: Path
    out: Path
    finished: tuple[str, ...]
    missing: tuple[str, ...]
    damaged: tuple[str, ...]


def collect_trials(jobs_dir: str | PathLike) -> Collected:
    """Give the project what is finished; ``codesign synthesize`` then takes it as done.

    Args:
        jobs_dir: of a plan.

    Raises:
        DataError: for a folder without a plan, of another version, or of a project that has changed since.
    """
    folder = JobsDir.open(jobs_dir)
    config = read_project(folder.about["project"])
    check_unchanged(config, folder.about["project_sha256"])
    out, found = Path(folder.about["out"]), {"finished": [], "missing": [], "damaged": []}
    with FolderLock(out):
        claim(out, KEPT)
        store = None
        for trial in folder.trials():
            result = folder.result(trial)
            if remove_damaged(result, trial):
                found["damaged"].append(trial.name)
            elif not result.exists():
                found["missing"].append(trial.name)
            else:
                if trial.kind == "sweep":
                    store = store or SweepCache(out / SWEEP)
                    _add_sweep(result, trial, store)
                else:
                    _add_training(result, out / TRAINING, trial.names[0])
                found["finished"].append(trial.name)
    return Collected(config.directory, out, *map(tuple, found.values()))


def _add_sweep(result: Path, trial: Trial, store: SweepCache) -> None:
    there = SweepCache(result)
    for name in trial.names:
        if store.get(name) is None:
            store.add(name, there.get(name))


def _add_training(result: Path, training: Path, name: str) -> None:
    if Place(training / TRAININGS / name).trained() is None:
        claim(training, [TRAININGS])
        copy_training(result, training / TRAININGS / name)
