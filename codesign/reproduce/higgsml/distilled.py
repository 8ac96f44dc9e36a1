"""The drone of the recipe's ensemble."""

import time
from pathlib import Path

import numpy as np

from codesign.data import HiggsML
from codesign.drone import Drone, train_drone
from codesign.estimators import EnsembleClassifier
from codesign.reproduce.higgsml.events import Split, balanced, split
from codesign.reproduce.higgsml.recipe import chosen_of, classifier
from codesign.reproduce.higgsml.scores import score
from codesign.reproduce.higgsml.settings import DRONE, RECIPE
from codesign.reproduce.study import Run
from codesign.train import Ensemble

_JITTER = 0.1  # standard deviations of each input
_LEAST = 1e-7  # of a probability in a loss


def models_of(run: Run) -> Path:
    """Where the models of a run are."""
    return run.folder / "models"


def trained(found: HiggsML, run: Run, seed: int) -> tuple[Ensemble, EnsembleClassifier, Split]:
    """Return the recipe's ensemble that was saved, the classifier around it, and the events."""
    cut = split(found, seed)
    model = classifier(found, run.settings, chosen_of(run, seed), seed).prepare(cut.train.x)
    model.ensemble_ = Ensemble.load(models_of(run) / f"{RECIPE}-{seed}.keras")
    return model.ensemble_, model, cut


def train_the_drone(found: HiggsML, run: Run, seed: int) -> dict:
    """Train small networks that give what the ensemble gives, and keep the one with the lowest loss on validation."""
    ensemble, model, cut = trained(found, run, seed)
    rng, x, settings = np.random.default_rng(seed), model.inputs(cut.train.x), run.settings
    beside = [x + _JITTER * x.std(0) * rng.standard_normal(x.shape) for _ in range(settings.copies)]
    events = np.concatenate([x, *beside]).astype(np.float32)
    parts = {part: model.inputs(getattr(cut, part).x) for part in ("validation", "test")}
    wanted, weights = ensemble.predict(parts["validation"])[:, 0], balanced(cut.validation)
    begun, options, drones = time.process_time(), {"max_units": settings.drone_units, "progress": False}, []
    for hidden in settings.drones:
        drone = train_drone(ensemble.predict, events, hidden=hidden, seed=seed, **options)
        loss = cross_entropy(drone.predict(parts["validation"])[:, 0], wanted, weights)
        drones.append((loss, drone))
    loss, drone = min(drones, key=lambda one: one[0])
    row = {"train_cpu_s": time.process_time() - begun, "parameters": drone.n_parameters, "validation_loss": loss}
    row |= {"sizes": list(drone.sizes), "losses_of_all": [one for one, _ in drones]}
    drone.save(models_of(run) / f"{DRONE}-{seed}.keras")
    return row | score(cut, *(drone.predict(x)[:, 0] for x in parts.values()))


def drone_of(run: Run, seed: int) -> Drone:
    """Return a drone that was trained before."""
    return Drone.load(models_of(run) / f"{DRONE}-{seed}.keras")


def cross_entropy(said: np.ndarray, wanted: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted mean loss of (n_events,) probabilities, where others are wanted."""
    said = np.clip(said.astype(np.float64), _LEAST, 1 - _LEAST)
    return float(np.average(-wanted * np.log(said) - (1 - wanted) * np.log1p(-said), weights=weights))
