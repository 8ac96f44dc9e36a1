"""Whether a teacher knows what it is to teach: its AUC on labelled events, before anything imitates it."""

import numpy as np

from codesign.drone.fidelity import auc_by_class
from codesign.drone.teachers.teacher import Teacher
from codesign.errors import DataError

_SIGMAS = 3.0
_WAY_OUT = "was it trained on standardised events (mean=..., std=...), or for the other class (positive=...)?"


def check_teacher(teacher: Teacher, x: np.ndarray, y: np.ndarray, *, force: bool = False) -> str:
    """Return a warning for a teacher that is no better than chance on labelled events, or an empty string.

    Args:
        teacher: of probabilities.
        x: (n_events, ...) events, as :meth:`Teacher.predict` takes them.
        y: (n_events,) labels from 0.
        force: return the warning for a teacher that is worse than chance too.

    Raises:
        DataError: for an AUC that is below .5 by more than three standard deviations of chance.
    """
    aucs = auc_by_class(y, teacher.predict(x))
    sizes = [np.sum(y == label) for label in ([1] if len(aucs) == 1 else range(len(aucs)))]
    sigmas = [
        np.sqrt((len(y) + 1) / (12 * n * (len(y) - n))) for n in sizes
    ]  # of the Mann-Whitney statistic without separation
    auc, sigma = float(np.mean(aucs)), float(np.mean(sigmas))
    if auc > 0.5 + _SIGMAS * sigma:
        return ""
    what = f"AUC {auc:.3f} (chance is 0.5 +- {sigma:.3f}) on {len(y):,} labelled test events"
    if auc < 0.5 - _SIGMAS * sigma and not force:
        raise DataError(
            f"teacher: expected one that separates the classes. Received: {what}; {_WAY_OUT} force=True imitates it"
        )
    return f"the teacher does not separate the classes: {what}; {_WAY_OUT}"
