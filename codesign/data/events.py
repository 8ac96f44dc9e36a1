"""Events: what belongs together of some events."""

from typing import NamedTuple

import numpy as np


class Events(NamedTuple):
    """Events that belong together.

    Args:
        x: (n_events, n_features) float.
        y: (n_events,) labels, or targets, as in the Dataset that they are from.
        weights: (n_events,) float, or None where each event counts the same.
    """

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None = None
