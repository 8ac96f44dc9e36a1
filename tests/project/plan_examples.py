"""A project of four trials, each one precision of a small network."""

import yaml

from codesign.project.plan import runners
from tests.project.small_project import write_events_and_network


def make_project(folder, monkeypatch):
    monkeypatch.setattr(runners, "_SECONDS_PER_TRIAL", 0.0)  # each precision is a trial
    write_events_and_network(folder)
    content = {
        "data": {"source": "events.npz", "kind": "GENERATED", "standardize": False},
        "model": {"path": "tagger.json"},
        "grid": {"weights": [3, 4], "activations": [5, 6], "implementations": ["hls4ml-latency"]},
        "budget": {"min_accuracy": 0.6},
        "cpu": False,
    }
    (folder / "project.yml").write_text(yaml.safe_dump(content))
    return folder


def path_of(folder, trial):
    return folder / "jobs" / "trials" / f"{trial.name}.json"
