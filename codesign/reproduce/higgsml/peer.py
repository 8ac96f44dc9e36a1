"""LUMIN 0.9.1 on the same events, by an interpreter of its own environment."""

from pathlib import Path

import numpy as np

from codesign.data import HiggsML
from codesign.metrics import paired_difference
from codesign.reproduce.higgsml.events import split
from codesign.reproduce.higgsml.scores import score
from codesign.reproduce.higgsml.settings import ENSEMBLE, HiggsSettings
from codesign.reproduce.peer import call_peer
from codesign.reproduce.study import Run

_FILE = "lumin-{}.npz"


def run_peer(python: str, found: HiggsML, settings: HiggsSettings, seed: int, folder: Path) -> dict:
    """Return the row of LUMIN's final recipe; its predictions are kept beside the models.

    Args:
        python: interpreter that has LUMIN.

    Raises:
        ToolError: if the interpreter is missing, fails, or takes over two hours.
    """
    cut = split(found, seed)
    arrays = {"features": np.array(found.data.features)}
    for part in ("train", "validation", "test"):
        arrays |= {f"{name}_{part}": one for name, one in getattr(cut, part)._asdict().items()}
    options = {"seed": seed, "nets": settings.members, "epochs": settings.epochs}
    measured = call_peer(python, "lumin_higgs.py", arrays, options, needs="lumin 0.9.1 and torch")
    validation, test = (np.array(measured.pop(part)) for part in ("validation", "test"))
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / _FILE.format(seed), validation=validation, test=test)
    return measured | score(cut, validation, test)


def paired_notes(run: Run) -> list[str]:
    """Return what the recipe and LUMIN differ by on the same test events, seed by seed."""
    folder, data, notes = run.folder / "models", run.data, []
    for seed in run.seeds:
        files = [folder / f"{ENSEMBLE}-{seed}.npz", folder / _FILE.format(seed)]
        if "lumin" not in run.results or not all(path.exists() for path in files):
            return []
        scores = [np.load(path)["test"] for path in files]
        for statistic in ("auc", "mean_ams"):
            options = {"statistic": statistic, "replicas": run.settings.replicas}
            found = paired_difference(*scores, data.y_test, data.weights_test, **options)
            word = {"auc": "weighted AUC", "mean_ams": "mean AMS"}[statistic]
            notes.append(f"Recipe minus LUMIN, seed {seed}, {word}, paired bootstrap: {found}.")
    return notes
