"""What to know of events and a teacher before trusting a number."""

import numpy as np

from codesign.data import Dataset
from codesign.drone import Teacher
from codesign.drone.teachers.auc import check_teacher


def teacher_notes(teacher: Teacher, data: Dataset, *, force: bool) -> list[str]:
    """Return notes of the events, and of a teacher that is no better than chance.

    Raises:
        DataError: for one that is worse than chance, unless forced.
    """
    notes = list(data.notes)
    if data.n_classes > 1 and teacher.kind == "probability" and len(np.unique(data.y_test)) == data.n_classes:
        notes += filter(None, [check_teacher(teacher, data.x_test, data.y_test, force=force)])
    return notes
