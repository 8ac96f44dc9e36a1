"""Trial: what a change of a network leads to, before anybody makes it."""

from dataclasses import dataclass, field

import numpy as np

Change = tuple[np.ndarray, np.ndarray]  # elements and their values, (n,) and (n, n_events)
Changes = dict[str, Change]  # by node


@dataclass(eq=False)
class Trial:
    """What a change leads to; nothing is changed yet.

    Args:
        loss: the loss then.
        changes: values that change.
    """

    loss: float
    changes: Changes = field(default_factory=dict)


def shifted(values: np.ndarray, change: Change | None, shift: np.ndarray) -> Change | None:
    """Return the sums of a dense node that change, some units shifted besides.

    Args:
        values: all sums as they are, (n_places * n_out, n_events).
        change: those that change anyway, or None.
        shift: (n_out,).
    """
    if not shift.any():
        return change
    each = np.resize(shift, len(values)).astype(np.float32)
    moved = np.flatnonzero(each)
    rows = moved if change is None else np.union1d(moved, change[0])
    found = values[rows].copy()
    if change is not None:
        found[np.searchsorted(rows, change[0])] = change[1]
    return rows, found + each[rows, np.newaxis]
