"""How well failed builds are told from others, shapes being left out in turn."""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from codesign.fpga.estimate.failure import failure_probability
from codesign.fpga.estimate.fit.failures import fit_failures, read_builds

_FOLDS = 10


def failure_auc(rows: Sequence[dict[str, str]]) -> dict[str, float] | None:
    """Return the area under the curve and the mean squared error of the probability that a build fails.

    No shape is among both the builds that are fitted and those that are judged. A build of which nothing is known gets
    the share of failures of those that are fitted. None comes back for builds of one kind or one shape.
    """
    builds = read_builds(rows)
    failed = np.array([build.failed for build in builds])
    shapes = ["-".join(str(layer.n_weights) for layer in build.row.layers) for build in builds]
    if failed.all() or not failed.any() or len(set(shapes)) < 2:
        return None
    chances = np.zeros(len(builds))
    for train, test in GroupKFold(min(_FOLDS, len(set(shapes)))).split(chances, failed, shapes):
        fitted = fit_failures([builds[index] for index in train])
        for index in test:
            row = builds[index].row
            chance = failure_probability(row.layers, row.reuse_factors, row.strategy, row.toolchain, fitted=fitted)
            chances[index] = failed[train].mean() if chance is None else chance
    return {
        "designs": len(builds),
        "failed": int(failed.sum()),
        "auc": round(float(roc_auc_score(failed, chances)), 4),
        "mean_squared_error": round(float(np.mean((failed - chances) ** 2)), 4),
    }
