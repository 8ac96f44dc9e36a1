"""Three ways to choose k of the features, and one way to judge what they chose."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_selection import mutual_info_classif

from codesign.layers import CancelOut
from codesign.reproduce.hbb.training import Trainer


def rank_by_mutual_information(trainer: Trainer, seed: int) -> dict:
    """Return all features by mutual information with the label (Kraskov et al. 2004, arXiv:cond-mat/0305641)."""
    x, y = (array[: trainer.settings.mutual_information_events] for array in trainer.events(seed))
    counted = _is_counted(x)
    x = np.where(counted, _codes(x), x)
    information = mutual_info_classif(x, y.astype(int), discrete_features=counted, random_state=seed)
    return {"ranking": np.argsort(-information, kind="stable").tolist()}


def rank_by_cancel_out(trainer: Trainer, seed: int) -> dict:
    """Return all features, the widest gate first, from one training with CancelOut as published with PyTorch."""
    layer = CancelOut(penalty="sigmoid")
    model = trainer.network(seed, n_features=trainer.data.n_features, hidden=trainer.settings.hidden, first=[layer])
    trainer.fit(model, seed)
    return {"ranking": layer.ranking.tolist()}


def select_by_gate(trainer: Trainer, seed: int, count: int) -> dict:
    """Return the features that a training with a TopKGate at the input kept, and the measure of that network."""
    gate = trainer.gate(count)
    model = trainer.network(seed, n_features=trainer.data.n_features, hidden=trainer.settings.hidden, first=[gate])
    trainer.fit_gated(model, seed)
    return {"features": gate.get_support(indices=True).tolist(), **trainer.measure(model)}


def mean_jaccard(choices: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Return the mean over all pairs of ``|A and B| / |A or B|``, and its jackknife error over the choices.

    Pairs share choices, so that their spread over sqrt(pairs) would be too small: the jackknife leaves out one choice
    at a time. A single choice agrees with itself; with fewer than three, the error is 0 for lack of a better one.
    """
    sets = [set(choice) for choice in choices]
    table = np.array([[len(one & other) / len(one | other) for other in sets] for one in sets])
    n = len(sets)
    if n < 2:
        return 1.0, 0.0
    total = table.sum() - n
    mean = float(total / (n * (n - 1)))
    if n < 3:
        return mean, 0.0
    without = (total - 2 * (table.sum(0) - 1)) / ((n - 1) * (n - 2))
    return mean, float(np.sqrt((n - 1) / n * np.square(without - without.mean()).sum()))


def _is_counted(x: np.ndarray) -> np.ndarray:
    """Return which features take so few values that they are counts, (n_features,)."""
    return np.array([len(np.unique(column)) <= 64 for column in x.T])


def _codes(x: np.ndarray) -> np.ndarray:
    """Return each value's rank among the different values of its feature, shape as x."""
    return np.stack([np.unique(column, return_inverse=True)[1] for column in x.T], axis=1)
