"""Trials in files: what is gathered is as if done here; what is damaged, missing or of another plan is said."""

import json
import shlex
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
from codesign.project.plan import collect_trials, plan_project, run_trial
from codesign.project.plan.results import keep_result
from tests.project.plan_examples import make_project, path_of


@pytest.fixture
def project(tmp_path, monkeypatch):
    return make_project(tmp_path, monkeypatch)


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


def test_what_is_said_next_can_be_pasted(project, capsys):
    """Commands of each round run as they are printed, in folders with spaces, to an output folder of one's own."""
    here = project / "my project"
    here.mkdir()
    for name in ("project.yml", "events.npz", "tagger.json"):
        (project / name).rename(here / name)
    content = yaml.safe_load((here / "project.yml").read_text())
    content["grid"] |= {"weights": [3], "activations": [5]}
    (here / "project.yml").write_text(yaml.safe_dump(content))
    jobs, out = project / "my jobs", project / "my output"
    assert main(["plan", str(here), "--jobs-dir", str(jobs), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1 trial: ") and shlex.split(said)[3].rstrip(",") == str(jobs / "round-1.sub")
    (trial,) = (jobs / "trials").iterdir()
    for act in (lambda: None, lambda: run_trial(trial)):
        act()
        assert main(["collect", str(jobs)]) == 0
        said = capsys.readouterr().out
        command = shlex.split(said.partition("codesign plan ")[2].partition("\n")[0])
        assert command == [str(here), "--jobs-dir", str(jobs), "--out", str(out)]
        assert main(["plan", *command]) == 0
        assert "codesign synthesize" not in said or f"codesign synthesize '{here}' --out '{out}'\n" in said
    assert capsys.readouterr().out.splitlines() == [
        "nothing is left to plan",
        f"next: codesign collect '{jobs}'",
        f"then: codesign synthesize '{here}' --out '{out}'",
    ]
    assert not (here / "build").exists()


@pytest.mark.parametrize(
    "jobs_dir, line",
    [
        (".", "a folder for trials alone. Received: .*, the folder of the project"),
        ("build", "a folder for trials alone. Received: .*, its output folder"),
        ("events.npz", "a new or an empty folder, or one of a plan. Received: .*events.npz, which is a file"),
        ("other", "a new or an empty folder, or one of a plan. Received: .*other, which holds report.json"),
    ],
)
def test_trials_get_a_folder_of_their_own(project, jobs_dir, line):
    (project / "other").mkdir()
    (project / "other" / "report.json").write_text("{}")
    before = sorted(project.rglob("*"))
    with pytest.raises(DataError, match=f"jobs-dir: expected {line}"):
        plan_project(project, project / jobs_dir)
    assert sorted(project.rglob("*")) == before
    with pytest.raises(DataError, match="which has no plan.json"):
        collect_trials(project)


@pytest.mark.parametrize("content", ["{}", "[]", '{"names": 1}', "3", '{"trials": [{"name": "x"}]}'])
def test_another_json_is_no_trial(project, content, capsys):
    (project / "j1.json").write_text(content)
    assert main(["run-trial", str(project / "j1.json")]) == 1
    said = capsys.readouterr().err
    assert "FILE: expected a file that codesign plan wrote" in said and "(it is no trial)" in said


def test_two_at_once_leave_one_whole_result(project):
    (trial, *_) = plan_project(project, project / "jobs").trials
    made = project / "made"
    for content in ("first", "second"):
        made.write_text(content)
        keep_result(made, project / "jobs" / "results" / trial.name)
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
