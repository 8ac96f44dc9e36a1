"""LUMIN 0.9.1 and XGBoost on the same events, by an interpreter of their own environment."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from codesign.data import HiggsML
from codesign.metrics import paired_difference
from codesign.reproduce.higgsml.distilled import models_of
from codesign.reproduce.higgsml.events import split
from codesign.reproduce.higgsml.scores import score
from codesign.reproduce.higgsml.settings import LUMIN, RECIPE, XGBOOST, HiggsSettings
from codesign.reproduce.peer import call_peer
from codesign.reproduce.study import Run

PEERS = (LUMIN, XGBOOST)
_SCRIPTS = {LUMIN: "lumin_higgs.py", XGBOOST: "xgboost_higgs.py"}
_NEEDS = {LUMIN: "lumin 0.9.1 and torch", XGBOOST: "xgboost"}
_NAMES = {LUMIN: "LUMIN", XGBOOST: "XGBoost"}
_STATISTICS = {"auc": "weighted AUC", "mean_ams": "mean AMS"}


def run_peer(python: str, found: HiggsML, run: Run, seed: int, *, method: str) -> dict:
    """Return the row of LUMIN's final recipe, or XGBoost's; its predictions are kept beside the models.

    Args:
        python: interpreter that has both.
        found: the events.
        run: of the study.
        seed: of the split and the training.
        method: which.

    Raises:
        ToolError: if the interpreter is missing, fails, or takes over two hours.
    """
    cut = split(found, seed)
    arrays = {"features": np.array(found.data.features)}
    for part in ("train", "validation", "test"):
        arrays |= {f"{name}_{part}": one for name, one in getattr(cut, part)._asdict().items()}
    options = {"seed": seed, **_options(run.settings, method)}
    measured = call_peer(python, _SCRIPTS[method], arrays, options, needs=_NEEDS[method])
    validation, test = (np.array(measured.pop(part)) for part in ("validation", "test"))
    path = _file(run, method, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, validation=validation, test=test)
    return measured | score(cut, validation, test)


def _options(settings: HiggsSettings, method: str) -> dict[str, int]:
    if method == LUMIN:
        return {"nets": settings.members, "epochs": settings.epochs}
    return {"bag": settings.bag}


def _file(run: Run, method: str, seed: int) -> Path:
    return models_of(run) / f"{method}-{seed}.npz"


def paired_notes(run: Run) -> list[str]:
    """Return what the recipe and its peers differ by on the same test events, seed by seed."""
    return [
        f"Recipe minus {_NAMES[method]}, seed {seed}, {word}, paired bootstrap: {difference}."
        for method in PEERS
        for seed, statistic, difference in _differences(run, method)
        for word in (_STATISTICS[statistic],)
    ]


def _differences(run: Run, method: str) -> Iterable[tuple]:
    """Yield seed, statistic, and its difference with its error."""
    data = run.data
    for seed in run.seeds if method in run.results else ():
        files = [_file(run, RECIPE, seed), _file(run, method, seed)]
        scores = [np.load(path)["test"] for path in files]
        for statistic in _STATISTICS:
            options = {"statistic": statistic, "replicas": run.settings.replicas}
            yield seed, statistic, paired_difference(*scores, data.y_test, data.weights_test, **options)
