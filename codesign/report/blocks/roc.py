"""ROC curves as data: the efficiency of each class against all others, with errors, at thresholds that exist."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError
from codesign.metrics import find_metric, margins, roc_curve

_POINTS = 120


@checked
def roc_block(
    outputs: np.ndarray,
    y: np.ndarray,
    classes: Sequence[str],
    *,
    weights: np.ndarray | None = None,
    points: int = _POINTS,
) -> dict:
    """Return the ROC curve of each class against all others; of two classes that of the second.

    The score is that of :func:`codesign.metrics.working_point`, so that working points lie on the curves.

    Args:
        outputs: (n_events, n_classes) before any softmax, or of two classes (n_events, 1).
        y: (n_events,) labels.
        classes: names, in the order of the labels.
        weights: (n_events,) of the events, not negative; None: all count alike.
        points: of a curve, at most.

    Returns:
        The block ``roc`` of report.json. A class without events, or with all of them, has no curve.

    Raises:
        DataError: for shapes that do not fit.

    Example:
        >>> import numpy as np
        >>> from codesign.report.blocks import roc_block
        >>> block = roc_block(np.array([[0.1], [0.4], [0.9]]), np.array([0, 0, 1]), ("background", "signal"))
        >>> block["curves"][0]["efficiency"]
        [0.0, 1.0, 1.0, 1.0]
    """
    outputs, y = np.asarray(outputs, np.float64), np.asarray(y)
    outputs = outputs[:, np.newaxis] if outputs.ndim == 1 else outputs
    n_outputs = outputs.shape[1]
    if n_outputs not in (1, len(classes)) or (n_outputs == 1 and len(classes) != 2) or len(outputs) != len(y):
        raise DataError(
            f"outputs: expected ({len(y)}, {len(classes)}), one for each event and class, or (n_events, 1) of two "
            f"classes. Received: {outputs.shape}"
        )
    labels = [1] if len(classes) == 2 else range(n_outputs)
    counted = y if weights is None else y[np.asarray(weights) > 0]
    present = [label for label in labels if 0 < np.count_nonzero(counted == label) < len(counted)]
    rows = []
    for label in present:
        curve = roc_curve(margins(outputs, label), y == label, weights).thinned(points).as_dict()
        rounded = {name: [None if one is None else float(f"{one:.6g}") for one in part] for name, part in curve.items()}
        auc = find_metric(f"auc[{label}]").evaluate(outputs, y, weights)
        rows.append({"class": str(classes[label]), "auc": auc.as_dict(), **rounded})
    return {"events": len(y), "curves": rows}
