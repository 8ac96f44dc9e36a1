"""Which events are held out of a training."""

import numpy as np


def split_off(order: np.ndarray, count: int, labels: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the first `count` of an order, and the rest, with events of each class in both where it has two or more.

    Without those of a class, no metric could be measured on the events held out. Of few events one more, or one less,
    is held out for it.

    Args:
        order: (n_events,) permutation.
        count: to hold out.
        labels: (n_events,) whole numbers; None: of a regression.
    """
    is_held = np.zeros(len(order), bool)
    is_held[order[:count]] = True
    for label in [] if labels is None else np.unique(labels):
        places = order[labels[order] == label]
        if len(places) > 1 and not is_held[places].any():
            is_held[places[0]] = True
        elif len(places) > 1 and is_held[places].all():
            is_held[places[-1]] = False
    return order[is_held[order]], order[~is_held[order]]
