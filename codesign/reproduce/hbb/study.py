"""The study of node pruning and feature selection during one training, for boosted H -> bb against QCD jets.

After M. Mascione, F. A. Di Luca et al., AutoPruner (slides without public code), on GENERATED data: what is compared is
methods, not the authors' numbers.
"""

from dataclasses import replace

import numpy as np

from codesign.data import Dataset, load_dataset
from codesign.errors import DataError
from codesign.reproduce.hbb.goals import make_goals
from codesign.reproduce.hbb.jobs import jobs
from codesign.reproduce.hbb.plots import FIGURES
from codesign.reproduce.hbb.rows import make_rows
from codesign.reproduce.hbb.settings import QUICK, HbbSettings
from codesign.reproduce.hbb.tables import make_tables
from codesign.reproduce.study import Study


def make_study() -> Study:
    """Return the study."""
    return Study(
        name="hbb",
        title="Node pruning and feature selection, boosted H -> bb against QCD jets",
        settings=HbbSettings(),
        quick=QUICK,
        load=_load,
        jobs=jobs,
        rows=make_rows,
        tables=lambda run: make_tables(run.rows),
        goals=make_goals,
        figures=FIGURES,
        seeds=(0, 1, 2, 3, 4),
        quick_seeds=(0, 1),
    )


def _load(settings: HbbSettings) -> Dataset:
    """Return the standardised sample, or as many of its events as the settings say; a test half as large."""
    data = load_dataset("hbb").standardized()
    if data.n_features < max(settings.counts):
        raise DataError(f"counts: expected at most the {data.n_features} features. Received: {max(settings.counts)}")
    if settings.n_events is None:
        return data
    drawn = np.random.default_rng(0)
    train = drawn.permutation(len(data.y_train))[: settings.n_events]
    test = drawn.permutation(len(data.y_test))[: settings.n_events // 2]
    trained = {"x_train": data.x_train[train], "y_train": data.y_train[train]}
    return replace(data, **trained, x_test=data.x_test[test], y_test=data.y_test[test])
