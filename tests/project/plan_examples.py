"""A project of four trials, each one precision of a small network."""

import numpy as np
import yaml

from codesign.network import DenseLayer, Network
from codesign.project.plan import runners


def make_project(folder, monkeypatch):
    monkeypatch.setattr(runners, "_SECONDS_PER_TRIAL", 0.0)  # each precision is a trial
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    x = rng.normal(size=(240, 4)) + 2 * np.eye(3, 4)[y]
    np.savez(folder / "events.npz", x_train=x[:120], y_train=y[:120], x_test=x[120:], y_test=y[120:])
    layers = [DenseLayer("fc", np.eye(4, 5), np.zeros(5), "relu"), DenseLayer("out", np.eye(5, 3), np.zeros(3))]
    Network.chain(layers).save(folder / "tagger.json")
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
