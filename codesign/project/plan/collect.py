"""collect_trials: what is finished of a plan goes to the project's output folder, again and again."""

import shutil
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign._folder_lock import FolderLock
from codesign._folders import claim
from codesign.errors import DataError
from codesign.fpga.sweep.cache import SweepCache
from codesign.methods.trained import Place
from codesign.project.candidates import KEPT, SWEEP, TRAINING
from codesign.project.config import read_project
from codesign.project.plan.jobs_dir import JobsDir, Trial, check_unchanged
from codesign.project.plan.trial import TRAININGS


@dataclass(frozen=True)
class Collected:
    """What a folder of trials holds.

    Args:
        project: that it belongs to.
        finished: names of trials whose results the project has now.
        missing: names of trials without a result.
        damaged: names of trials whose result was no whole one, and was removed.
    """

    project: Path
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
            if not result.exists():
                found["missing"].append(trial.name)
            elif trial.kind == "sweep":
                store = store or SweepCache(out / SWEEP)
                found["finished" if _add_sweep(result, trial, store) else "damaged"].append(trial.name)
            else:
                is_whole = _add_training(result, out / TRAINING, trial.names[0])
                found["finished" if is_whole else "damaged"].append(trial.name)
    return Collected(config.directory, *map(tuple, found.values()))


def _add_sweep(result: Path, trial: Trial, store: SweepCache) -> bool:
    try:
        there = SweepCache(result)
    except DataError:
        result.unlink()
        return False
    if any(there.get(name) is None for name in trial.names):
        result.unlink()
        return False
    for name in trial.names:
        if store.get(name) is None:
            store.add(name, there.get(name))
    return True


def _add_training(result: Path, training: Path, name: str) -> bool:
    if Place(result).trained() is None:
        shutil.rmtree(result)
        return False
    target = training / TRAININGS / name
    if Place(target).trained() is None:
        claim(training, [TRAININGS], argument="directory")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(result, target)
    return True
