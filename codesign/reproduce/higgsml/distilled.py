"""The drone of the recipe's ensemble, and its design in gates."""

import time
from pathlib import Path

import numpy as np

from codesign.data import Dataset, HiggsML
from codesign.drone import Drone, train_drone
from codesign.estimators import EnsembleClassifier
from codesign.fpga import Budget
from codesign.methods import train_designs
from codesign.reproduce.higgsml.events import Split, as_dataset, split
from codesign.reproduce.higgsml.recipe import classifier
from codesign.reproduce.higgsml.scores import score
from codesign.reproduce.higgsml.settings import ENSEMBLE, HiggsSettings
from codesign.train import Ensemble

_JITTER = 0.1  # standard deviations of each input


def trained(found: HiggsML, settings: HiggsSettings, seed: int, folder: Path) -> tuple[Ensemble, Split, dict]:
    """Return the recipe's ensemble that was saved, the events, and what the networks take of each part."""
    cut = split(found, seed)
    model: EnsembleClassifier = classifier(found, settings, ENSEMBLE, seed).prepare(cut.train.x)
    inputs = {part: model.inputs(getattr(cut, part).x) for part in ("train", "validation", "test")}
    return Ensemble.load(folder / f"{ENSEMBLE}-{seed}.keras"), cut, inputs


def train_the_drone(found: HiggsML, settings: HiggsSettings, seed: int, folder: Path) -> dict:
    """Train one small network that gives what the ensemble gives."""
    ensemble, cut, inputs = trained(found, settings, seed, folder)
    rng, x = np.random.default_rng(seed), inputs["train"]
    beside = [x + _JITTER * x.std(0) * rng.standard_normal(x.shape) for _ in range(settings.copies)]
    begun = time.process_time()
    drone = train_drone(
        ensemble.predict,
        np.concatenate([x, *beside]).astype(np.float32),
        hidden=settings.drone_hidden,
        max_units=settings.drone_units,
        seed=seed,
        progress=False,
    )
    row = {"train_cpu_s": time.process_time() - begun, "parameters": drone.n_parameters}
    drone.save(folder / f"drone-{seed}.keras")
    return row | score(cut, *(drone.predict(inputs[part])[:, 0] for part in ("validation", "test")))


def drone_of(folder: Path, seed: int) -> Drone:
    """Return a drone that was trained before."""
    return Drone.load(folder / f"drone-{seed}.keras")


def train_the_design(found: HiggsML, settings: HiggsSettings, seed: int, folder: Path) -> dict:
    """Grow tables of thresholds on words of the ensemble's inputs, taught by the ensemble, within the budget."""
    ensemble, cut, inputs = trained(found, settings, seed, folder)
    names = tuple(f"input_{index}" for index in range(inputs["train"].shape[1]))
    data: Dataset = as_dataset(found.data, cut, (inputs["train"], inputs["test"]), names).in_words()
    begun = time.process_time()
    budget = Budget(lut=settings.max_lut, latency_ns=settings.max_latency_ns)
    options = {"teacher": lambda x: ensemble.predict(x.astype(np.float32)), "metric": "auc", "seed": seed}
    front = train_designs(data, budget, methods=("tables",), jobs=1, progress=False, **options)
    design = front.picked.best
    row = {"train_cpu_s": time.process_time() - begun, "lut": design.report.lut}
    row |= {"fpga_latency_ns": design.report.latency_ns, "lut_source": design.report.source}
    design.network.save(folder / f"fpga-{seed}.json")
    validation = data.words.encode(inputs["validation"])
    return row | score(cut, *(_probability(design.network.emulate(x)) for x in (validation, data.x_test)))


def _probability(outputs: np.ndarray) -> np.ndarray:
    logits = outputs[:, 0] if outputs.shape[1] == 1 else outputs[:, 1] - outputs[:, 0]
    return 1 / (1 + np.exp(-logits))
