"""Small runs of each kind that keeps something in a folder."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

_PROJECT = """
name: tiny
data: {source: ../events.npz, kind: GENERATED, standardize: false}
model: {train: {hidden: [6], activation_bits: 6, epochs: 6, batch_size: 100, sparsity: 0.5}}
grid: {weights: [3], activations: [6], implementations: [hls4ml-latency], reuse_factors: [1, 2]}
budget: {lut: 200000}
seed: 3
"""
_THEIRS = (
    "notes.txt",
    "project/notes.txt",
    "out/notes.txt",
    "out/models/own.h5",
    "out/drones/own.keras",
    "out/plots.svg",
)


def prepare(folder: Path) -> None:
    """Make a folder with events, a project, and files of the user in the places where runs write."""
    for name in _THEIRS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} is the user's")
    (folder / "project" / "project.yml").write_text(_PROJECT)
    x, y = _events()
    np.savez(folder / "events.npz", x_train=x[:800], y_train=y[:800], x_test=x[800:], y_test=y[800:])


def in_folder(job: Callable[[Path], None], folder: str) -> None:
    """Run a job, what it prints going to a file, as the command line does: an error is one line and status 1."""
    from codesign.errors import CodesignError

    with open(Path(folder, "printed.txt"), "a") as printed:
        for stream in (1, 2):
            os.dup2(printed.fileno(), stream)
    try:
        job(Path(folder))
    except CodesignError as error:
        print(error, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def synthesize(folder: Path) -> None:
    """A training with pruning, a sweep, and a build with C simulation."""
    from codesign.project import run_project

    run_project(folder / "project", out=folder / "out", jobs=1)


def train_front(folder: Path) -> None:
    """Two trainings with noise, and two collapses."""
    from codesign import keras
    from codesign.layers import PosteriorDense
    from codesign.posterior import train_front

    x, y = _events()
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), PosteriorDense(3), keras.layers.Softmax()])
    settings = {"epochs": 6, "settle_epochs": 4, "collapse_epochs": 5, "batch_size": 100, "collapse_batch_size": 100}
    train_front(model, x, y, cost_weights=(1e-4, 3e-3), directory=folder / "out", progress=False, **settings)


def reproduce(folder: Path) -> None:
    """A ternary and a variational network of one seed, with tables and plots."""
    from codesign.reproduce import jets, run_study
    from codesign.reproduce.jets.settings import JetsSettings

    settings = JetsSettings(hidden=(6,), n_events=2000, zeros=(0.6,), kl_weights=(1.0,), baseline_epochs=3)
    study, out = jets.make_study(methods=("ternary", "variational")), folder / "out"
    run_study(study, quick=True, seeds=[0], out=out, json_path=out / "result.json", settings=settings)


def drone(folder: Path) -> None:
    """A drone of a logistic regression, in C++ and JSON."""
    from sklearn.linear_model import LogisticRegression

    from codesign.data import load_dataset
    from codesign.distill import run_drone
    from codesign.drone import as_teacher

    data = load_dataset(str(folder / "events.npz"), kind="GENERATED")
    data = replace(
        data, y_train=(data.y_train == 1).astype(int), y_test=(data.y_test == 1).astype(int), classes=("0", "1")
    )
    teacher = as_teacher(LogisticRegression().fit(data.x_train, data.y_train), positive=1)
    run_drone(teacher, data, folder / "out", max_epochs=40, max_units=6, fine_tune_iterations=100)


JOBS = {one.__name__: one for one in (synthesize, train_front, reproduce, drone)}


def _events() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 1000)
    return (rng.normal(size=(1000, 6)) + 1.5 * np.eye(3, 6)[y]).astype(np.float32), y
