"""One row of the ladder: an ensemble trained, saved, scored and timed; and which of them the recipe is."""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from codesign.data import HiggsML
from codesign.data.higgsml import MISSING
from codesign.estimators import EnsembleClassifier
from codesign.reproduce.higgsml.events import Split, jet_column, momenta, split
from codesign.reproduce.higgsml.scores import METRICS, score
from codesign.reproduce.higgsml.settings import LADDER, RECIPE, HiggsSettings
from codesign.reproduce.study import Run

_JET_NUMBERS = 4
_KEPT = ("keras", "npz")  # suffixes of the files of a row


def classifier(found: HiggsML, settings: HiggsSettings, method: str, seed: int) -> EnsembleClassifier:
    """Return the classifier of a row, not trained."""
    options = dict(LADDER[method])
    jets = jet_column(found.data)
    categories = {jets: _JET_NUMBERS} if options.pop("embeds") else None
    if options["symmetry"] == "align":
        options |= {"reference": "lep", "other": "tau"}
    return EnsembleClassifier(
        members=settings.members,
        epochs=settings.epochs,
        missing=MISSING,
        vectors=momenta(found.data.features),
        strata=jets,
        categories=categories,
        random_state=seed,
        **options,
    )


def train_row(found: HiggsML, settings: HiggsSettings, method: str, seed: int, folder: Path) -> dict:
    """Train a row, save the ensemble and its test predictions, and return what was measured."""
    cut = split(found, seed)
    model, begun = classifier(found, settings, method, seed), time.process_time()
    model.fit(cut.train.x, cut.train.y, cut.train.weights)
    row = {"train_cpu_s": time.process_time() - begun}
    validation = model.predict_proba(cut.validation.x)[:, 1]
    model.predict_proba(cut.test.x)  # TensorFlow warms up
    begun = time.process_time()
    test = model.predict_proba(cut.test.x)[:, 1]
    row["test_us_per_event"] = (time.process_time() - begun) / len(test) * 1e6
    row |= score(cut, validation, test) | _members(model, cut)
    folder.mkdir(parents=True, exist_ok=True)
    model.ensemble_.save(folder / f"{method}-{seed}.keras")
    np.savez(folder / f"{method}-{seed}.npz", validation=validation, test=test)
    losses = model.ensemble_.trained.losses
    return row | {"losses": losses.mean(1).tolist(), "parameters": int(model.ensemble_.model.count_params())}


def choose_recipe(rows: Mapping[str, Mapping], seed: int, folder: Path) -> dict:
    """Take the row of one seed with the highest weighted AUC on its validation events, and keep its files.

    Args:
        rows: method -> what was measured; the test's numbers are not looked at.
        seed: of all.
        folder: of their files.

    Returns:
        Its row, and ``chosen``, its method.
    """
    chosen = max(rows, key=lambda method: rows[method]["validation_auc_weighted"])
    for suffix in _KEPT:
        shutil.copyfile(folder / f"{chosen}-{seed}.{suffix}", folder / f"{RECIPE}-{seed}.{suffix}")
    return {**rows[chosen], "chosen": chosen}


def chosen_of(run: Run, seed: int) -> str:
    """Return which row of the ladder the recipe of a seed is."""
    return run.results[RECIPE][seed]["chosen"]


def _members(model: EnsembleClassifier, cut: Split) -> dict:
    """What its members score on their own, of one copy of each event."""
    each = [model.ensemble_.predict_members(model.inputs(part.x))[:, 0].T for part in (cut.validation, cut.test)]
    found = [score(cut, *member) for member in zip(*each)]
    return {f"one_net_{name}": float(np.mean([one[name] for one in found])) for name in METRICS}
