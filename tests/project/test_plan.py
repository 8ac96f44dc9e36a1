"""Trials in files: what is gathered is as if done here; what is damaged, missing or of another plan is said."""

import json
import subprocess

import numpy as np
import pytest
import yaml

from codesign.cli.main import main
from codesign.errors import DataError
from codesign.network import DenseLayer, Network
from codesign.network.quantize import NetworkQuantizer
from codesign.project import check_project, read_project
from codesign.project.candidates import sweep_model
from codesign.project.plan import collect_trials, plan_project, run_trial, runners


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(runners, "_SECONDS_PER_TRIAL", 0.0)  # each precision is a trial
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    x = rng.normal(size=(240, 4)) + 2 * np.eye(3, 4)[y]
    np.savez(tmp_path / "events.npz", x_train=x[:120], y_train=y[:120], x_test=x[120:], y_test=y[120:])
    layers = [DenseLayer("fc", np.eye(4, 5), np.zeros(5), "relu"), DenseLayer("out", np.eye(5, 3), np.zeros(3))]
    Network.chain(layers).save(tmp_path / "tagger.json")
    content = {
        "data": {"source": "events.npz", "kind": "GENERATED", "standardize": False},
        "model": {"path": "tagger.json"},
        "grid": {"weights": [3, 4], "activations": [5, 6], "implementations": ["hls4ml-latency"]},
        "budget": {"min_accuracy": 0.6},
        "cpu": False,
    }
    (tmp_path / "project.yml").write_text(yaml.safe_dump(content))
    return tmp_path


def path_of(folder, trial):
    return folder / "jobs" / "trials" / f"{trial.name}.json"


def test_a_sweep_in_trials_is_the_sweep_done_here(project):
    planned = plan_project(project, project / "jobs")
    assert len(planned.trials) == 4
    first, *rest = planned.trials
    result = run_trial(path_of(project, first))
    before = result.stat().st_mtime_ns
    assert run_trial(path_of(project, first)) == result and result.stat().st_mtime_ns == before
    half = collect_trials(project / "jobs")
    assert half.finished == (first.name,) and set(half.missing) == {trial.name for trial in rest}
    assert len(plan_project(project, project / "jobs").trials) == 3  # those without a result
    for trial in rest:
        run_trial(path_of(project, trial))
    for _ in range(2):
        assert len(collect_trials(project / "jobs").finished) == 4
    assert plan_project(project, project / "jobs").trials == ()
    checked = check_project(read_project(project))
    lines = (checked.out / "sweep.jsonl").read_text()
    gathered = sweep_model(checked, jobs=1).designs
    assert (checked.out / "sweep.jsonl").read_text() == lines  # nothing was done again
    here = sweep_model(check_project(read_project(project), out=project / "here"), jobs=1).designs
    assert [one.as_dict() for one in gathered] == [one.as_dict() for one in here]


def test_a_trial_quantises_its_own_precisions_alone(project, monkeypatch):
    (trial, *_) = plan_project(project, project / "jobs").trials
    quantise, seen = NetworkQuantizer.quantize, []

    def counted(self, choice):
        seen.append(str(choice))
        return quantise(self, choice)

    monkeypatch.setattr(NetworkQuantizer, "quantize", counted)
    run_trial(path_of(project, trial))
    assert len(trial.precisions) == 1 and seen == list(trial.precisions)


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


def test_two_at_once_leave_one_whole_result(project):
    (trial, *_) = plan_project(project, project / "jobs").trials
    from codesign.project.plan.trial import _keep

    made = project / "made"
    for content in ("first", "second"):
        made.write_text(content)
        _keep(made, project / "jobs" / "results" / trial.name)
    assert [path.name for path in (project / "jobs" / "results").iterdir()] == [trial.name]


def test_batch_systems_get_one_job_for_each_trial(project):
    planned = plan_project(project, project / "jobs")
    condor, slurm = (path.read_text() for path in planned.submit)
    assert f"queue trial from {project / 'jobs' / 'round-1.txt'}" in condor and "#SBATCH --array=1-4\n" in slurm
    names = (project / "jobs" / "round-1.txt").read_text().split()
    assert names == [trial.name for trial in planned.trials]
    for script in (project / "jobs" / "run_trial.sh", planned.submit[1]):
        subprocess.run(["sh", "-n", script], check=True)
    assert f"{project / 'jobs' / 'trials'}" in (project / "jobs" / "run_trial.sh").read_text()


def edit(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_plans_of_others_are_refused_in_one_line(project, tmp_path_factory, capsys):
    (trial, *_) = plan_project(project, project / "jobs").trials
    path, jobs = path_of(project, trial), project / "jobs"
    other = tmp_path_factory.mktemp("other")
    for name in ("project.yml", "events.npz", "tagger.json"):
        (other / name).write_bytes((project / name).read_bytes())
    with pytest.raises(DataError, match="expected a new folder, or one of the same project"):
        plan_project(other, jobs)
    with pytest.raises(DataError, match="expected a folder that codesign plan wrote"):
        collect_trials(other)
    text = (project / "project.yml").read_text()
    (project / "project.yml").write_text(text + "seed: 1\n")
    for act in (lambda: run_trial(path), lambda: collect_trials(jobs)):
        with pytest.raises(DataError, match=r"project.yml has changed since; plan into another folder"):
            act()
    with pytest.raises(DataError, match="same text of project.yml"):
        plan_project(project, jobs)
    (project / "project.yml").write_text(text)
    network = Network.chain([DenseLayer("fc", 2 * np.eye(4, 3), np.zeros(3))])
    (project / "tagger.json").unlink()
    network.save(project / "tagger.json")
    with pytest.raises(DataError, match="its events or its model have changed since the plan"):
        run_trial(path)
    for changes, line in (({"version": "0.0.1"}, "of codesign 0.0.1; plan again"), ({"names": ["x"]}, "been changed")):
        kept = path.read_text()
        edit(path, **changes)
        assert main(["run-trial", str(path)]) == 1
        assert line in capsys.readouterr().err
        path.write_text(kept)
    edit(jobs / "plan.json", version="0.0.1")
    assert main(["collect", str(jobs)]) == 1
    assert "DIR: expected a plan of codesign" in capsys.readouterr().err
    path.write_text("[]")
    assert main(["run-trial", str(path)]) == 1
    assert "FILE: expected a file that codesign plan wrote" in capsys.readouterr().err


@pytest.mark.slow
def test_trainings_in_rounds_end_where_a_run_here_ends(project):
    train = {"hidden": [4], "epochs": 2, "method": "posterior"}
    content = yaml.safe_load((project / "project.yml").read_text()) | {
        "model": {"train": train},
        "budget": {"lut": 200},
    }
    content.pop("grid")
    (project / "project.yml").write_text(yaml.safe_dump(content))
    rounds = 0
    while trials := plan_project(project, project / "jobs").trials:
        rounds += 1
        for trial in trials:
            run_trial(path_of(project, trial))
        assert not collect_trials(project / "jobs").missing
    assert rounds >= 2  # teachers, then designs
    from codesign.project.candidates import train_candidates

    ours, here = (
        train_candidates(check_project(read_project(project), out=project / out), jobs=1).designs
        for out in ("build", "here")
    )
    assert [one.as_dict() for one in ours] == [one.as_dict() for one in here]
