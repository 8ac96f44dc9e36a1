"""How good outputs are on the test events, as report.json has it."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.data import Dataset
from codesign.errors import DataError
from codesign.metrics import Measured, Metric, parse_metric, working_point
from codesign.network import FixedPoint
from codesign.report import blocks


def quality_of(
    scores: np.ndarray,
    decisions: np.ndarray | None,
    data: Dataset,
    metrics: Mapping[str, Measured],
    *,
    precision: FixedPoint | None = None,
) -> dict:
    """Return ``metrics_test`` and, of a classification, ``roc``, ``confusion`` and ``working_points``.

    Args:
        scores: (n_events, n_outputs) on the test events, before any softmax.
        decisions: (n_events,) classes; None of a regression.
        data: with the test events.
        metrics: as measured on them.
        precision: of the scores, for thresholds as whole numbers; None for a float model.
    """
    row: dict = {"metrics_test": {name: found.as_dict() for name, found in metrics.items()}}
    if not data.classes:
        return row
    weights = data.weights_test
    row["roc"] = blocks.roc_block(scores, data.y_test, data.classes, weights=weights)
    row["confusion"] = blocks.confusion_block(decisions, data.y_test, data.classes, weights=weights)
    row["working_points"] = [
        _point(name, scores, data, precision) for name in metrics if parse_metric(name).word == "signal_efficiency"
    ]
    return row


def metrics_of(scores: np.ndarray, data: Dataset, metrics: Sequence[Metric]) -> dict[str, Measured]:
    """Return metrics of a float model on the test events, by their names."""
    return {one.name: one.evaluate(scores, data.y_test, data.weights_test) for one in metrics}


def _point(name: str, scores: np.ndarray, data: Dataset, precision: FixedPoint | None) -> dict:
    """The working point of an efficiency at a background rate; of one that no threshold reaches, why."""
    metric = parse_metric(name)
    options = {"label": metric.part or None, "classes": data.classes, "weights": data.weights_test}
    try:
        found = working_point(scores, data.y_test, metric.level, precision=precision, **options).as_dict()
    except DataError as error:
        return {"metric": name, "note": str(error)}
    return {"metric": name, "class": data.classes[found["label"]], **found}
