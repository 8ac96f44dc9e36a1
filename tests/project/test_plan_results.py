"""Results of trials are whole, or removed and done again; where none can be written, no work is done."""

import os
import shutil
from functools import partial

import numpy as np
import pytest

from codesign.errors import DataError
from codesign.methods.trained import Place, Trained
from codesign.network import Network, quantize_network
from codesign.project import read_project
from codesign.project.plan import collect_trials, plan_project, results, run_trial
from codesign.project.plan.jobs_dir import JobsDir
from codesign.project.plan.results import keep_result
from tests.project.plan_examples import make_project, path_of


@pytest.fixture
def project(tmp_path, monkeypatch):
    return make_project(tmp_path, monkeypatch)


def test_half_a_result_is_removed_and_planned_again(project):
    trials = plan_project(project, project / "jobs").trials
    for content, trial in zip(("", "no result", "{"), trials):
        (project / "jobs" / "results").mkdir(exist_ok=True)
        (project / "jobs" / "results" / trial.name).write_text(content)
    result = run_trial(path_of(project, trials[3]))
    result.write_text(result.read_text()[:-30])
    found = collect_trials(project / "jobs")
    assert set(found.damaged) == {trial.name for trial in trials} and not list((project / "jobs" / "results").iterdir())
    assert len(plan_project(project, project / "jobs").trials) == 4


DAMAGES = {
    "network_0.json": (lambda old: old[: len(old) // 2], None, lambda old: old.replace(b"1", b"2", 1)),
    "noisy_1.npz": (lambda old: old[:-10], None, lambda old: b"\x00" + old[1:]),
    "noisy_1.json": (lambda old: old[:-1], None, lambda old: old.replace(b"0.5", b"0.6")),
    "trained.json": (lambda old: old[:-1], None, lambda old: old.replace(b"0.25", b"0.26")),
    "files.json": (lambda old: old[:-1], None, lambda old: b"[]"),
}


def test_a_training_that_is_no_more_what_was_written_is_removed(project):
    """Each of its files cut, gone, or edited; so are one too many, and a file or a link in the folder's place."""
    (project / "project.yml").write_text((project / "project.yml").read_text() + "name: trainings\n")
    folder = JobsDir.of_project(project / "jobs", read_project(project), project / "build")
    trial, made = folder.trial("training", ("aim-1",), ()), project / "made"
    folder.add(trial)
    network = quantize_network(Network.load(project / "tagger.json"), np.eye(4), weights=4, activations=5)
    place = Place(made)
    place.keep_arrays("noisy_1", [np.arange(3.0)])
    place.keep_entries("noisy_1", [{"loss": 0.5}])
    place.keep_trained(Trained("posterior", 0.25, (network,)))
    result, path = folder.result(trial), path_of(project, trial)

    def changed(name, change):
        old = (result / name).read_bytes()
        (result / name).unlink()
        if change is not None:
            (result / name).write_bytes(change(old))

    damages = [partial(changed, name, change) for name, changes in DAMAGES.items() for change in changes]
    damages.append(lambda: (result / "more.npz").write_bytes(b""))
    damages.append(lambda: (shutil.rmtree(result), result.write_text("{}")))
    damages.append(lambda: (shutil.rmtree(result), result.symlink_to(made)))
    damages.append(lambda: (shutil.rmtree(result), result.symlink_to(project / "nowhere")))
    for damage in damages:
        keep_result(made, result)
        assert results.remove_damaged(result, trial) is False
        damage()
        assert collect_trials(project / "jobs").damaged == (trial.name,)
        assert collect_trials(project / "jobs").missing == (trial.name,) and not os.path.lexists(result)
    keep_result(made, result)
    assert run_trial(path) == result and collect_trials(project / "jobs").finished == (trial.name,)
    kept = project / "build" / "training" / "trainings" / "aim-1"
    assert {one.name for one in kept.iterdir()} == {one.name for one in made.iterdir()}
    (kept / "network_0.json").write_text("{")  # what the project has may be damaged as well
    assert collect_trials(project / "jobs").finished and Place(kept).trained().networks


def test_a_folder_where_the_file_of_a_sweep_should_be_is_done_again(project):
    (trial, *_) = plan_project(project, project / "jobs").trials
    place = project / "jobs" / "results" / trial.name
    for _ in range(2):
        (place / "inside").mkdir(parents=True)
        assert collect_trials(project / "jobs").damaged == (trial.name,) and not place.exists()
    place.mkdir()
    assert run_trial(path_of(project, trial)).is_file()


def test_a_folder_that_cannot_be_written_is_found_out_before_the_work(project, monkeypatch):
    (trial, *_) = plan_project(project, project / "jobs").trials
    (project / "jobs" / "results").write_text("")
    monkeypatch.setattr("codesign.project.plan.trial.check_project", None)  # no work is done
    with pytest.raises(DataError, match="trial: expected a trial in a folder that can be written"):
        run_trial(path_of(project, trial))
