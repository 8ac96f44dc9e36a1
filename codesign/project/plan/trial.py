"""run_trial: do one trial; again and again, or twice at once, it leaves one whole result."""

import shutil
import tempfile
from os import PathLike
from pathlib import Path

from codesign._folders import claim
from codesign.errors import DataError
from codesign.project.candidates import SWEEP, TRAINING, sweep_model, train_candidates
from codesign.project.check import check_project
from codesign.project.config import read_project
from codesign.project.plan.jobs_dir import JobsDir, Trial, check_unchanged, read_trial
from codesign.project.plan.results import check_writable, keep_result, remove_damaged
from codesign.project.plan.runners import OneTrial, TrialDone

TRAININGS = "trainings"


def run_trial(path: str | PathLike) -> Path:
    """Do what a trial's file says, unless its result is there, and return where its result is.

    Args:
        path: of the file, in the folder ``trials`` of a plan.

    Raises:
        DataError: for another file, a folder that cannot be written, or a project that has changed since the plan.
        CodesignError: of the work itself.
    """
    trial = read_trial(path)
    folder = JobsDir.open(Path(path).absolute().parents[1])
    result = folder.result(trial)
    if not remove_damaged(result, trial) and result.exists():
        return result
    check_writable(result.parent)
    config = read_project(trial.project)
    check_unchanged(config, trial.project_sha256)
    with tempfile.TemporaryDirectory(prefix="codesign-") as temporary:
        out = Path(temporary)
        if trial.kind == "training":
            _bring(Path(folder.about["out"]) / TRAINING / TRAININGS, out / TRAINING)
        _do(check_project(config, out=out, precisions=trial.kind == "training"), trial)
        keep_result(out / (SWEEP if trial.kind == "sweep" else f"{TRAINING}/{TRAININGS}/{trial.names[0]}"), result)
    return result


def _bring(finished: Path, training: Path) -> None:
    """Copy what was collected of earlier rounds, such as the teacher."""
    claim(training, [TRAININGS], argument="directory")
    if finished.is_dir():
        shutil.copytree(finished, training / TRAININGS)


def _do(checked: object, trial: Trial) -> None:
    try:
        (train_candidates if trial.kind == "training" else sweep_model)(
            checked, jobs=OneTrial(trial.names, trial.precisions)
        )
    except TrialDone as done:
        if done.args[0] == len(trial.names):
            return
    raise DataError(
        f"trial: expected work that the project still asks for. Received: {trial.name}; its events or its model have "
        "changed since the plan: plan into another folder"
    )
