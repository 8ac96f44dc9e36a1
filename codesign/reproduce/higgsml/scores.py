"""What scores on validation and test events are worth: weighted AUC, AUC, AMS at the smoothed cut, mean AMS."""

import numpy as np

from codesign.errors import ConfigError
from codesign.metrics import find_metric, scan_cuts
from codesign.reproduce.higgsml.events import Split

_LEAST_SCORE = 0.9  # of the cut, as in LUMIN's recipe
METRICS = ("auc_weighted", "auc", "mean_ams", "ams_br10", "ams_br0")


def score(split: Split, validation: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Return the metrics of (n_events,) probabilities; the cut is chosen on validation events.

    ``ams_br10_public`` and the like are of one part of the test alone.
    """
    scan = scan_cuts(validation, split.validation.y, split.validation.weights)
    try:
        cut = scan.smoothed_cut(least_score=_LEAST_SCORE)
    except ConfigError:  # no event is above: of networks that are hardly trained
        cut = scan.smoothed_cut()
    area = find_metric("auc")
    found = {
        "validation_auc_weighted": area.evaluate(validation, split.validation.y, split.validation.weights).value,
        "auc_weighted": area.evaluate(test, split.test.y, split.test.weights).value,
        "auc": area.evaluate(test, split.test.y).value,
        "cut": cut,
    }
    several = len(split.parts) > 1
    for name, own in {"": np.ones(len(test), bool), **(split.parts if several else {})}.items():
        weights = split.test.weights[own] / (len(split.parts) if not name else 1)
        part = scan_cuts(test[own], split.test.y[own], weights)
        behind = f"_{name}" if name else ""
        found[f"ams_br10{behind}"], found[f"ams_br0{behind}"] = part.at(cut), part.at(cut, 0.0)
        found[f"mean_ams{behind}"] = part.mean_ams()
    return found
