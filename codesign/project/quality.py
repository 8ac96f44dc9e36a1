"""How good outputs are on the test events, as report.json has it."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from codesign.data import Dataset
from codesign.errors import DataError
from codesign.metrics import Measured, Metric, WorkingPoint, parse_metric, working_point
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
        {"metric": name, **({"note": point} if isinstance(point, str) else _named(point, data))}
        for name, point in working_points(scores, data, metrics, precision=precision).items()
    ]
    return row


def working_points(
    scores: np.ndarray, data: Dataset, metrics: Iterable[str], *, precision: FixedPoint | None = None
) -> dict[str, WorkingPoint | str]:
    """Return the working point of each metric that is an efficiency at a background rate, on the test events.

    Of one that no threshold reaches, what is the least that is reached.
    """
    found: dict[str, WorkingPoint | str] = {}
    for name in metrics:
        metric = parse_metric(name)
        if metric.word != "signal_efficiency":
            continue
        options = {"label": metric.part or None, "classes": data.classes, "weights": data.weights_test}
        try:
            found[name] = working_point(scores, data.y_test, metric.level, precision=precision, **options)
        except DataError as error:
            found[name] = str(error)
    return found


def metrics_of(scores: np.ndarray, data: Dataset, metrics: Sequence[Metric]) -> dict[str, Measured]:
    """Return metrics of a float model on the test events, by their names."""
    return {one.name: one.evaluate(scores, data.y_test, data.weights_test) for one in metrics}


def _named(point: WorkingPoint, data: Dataset) -> dict:
    return {"class": data.classes[point.label], **point.as_dict()}
