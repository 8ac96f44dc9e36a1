"""The mean of weights, one state of a model after the other."""

from collections.abc import Sequence

import numpy as np

RunningMean = list  # [number of states, arrays]: plain, so that a training that was stopped keeps it


def add_state(mean: RunningMean | None, weights: Sequence[np.ndarray]) -> RunningMean:
    """Return the mean with one more state, in float64; of counters and other whole numbers it has the newest."""
    count, old = mean or (0, weights)
    means = [
        before + (now.astype(np.float64) - before) / (count + 1) if now.dtype.kind == "f" else now
        for before, now in zip(old, weights, strict=True)
    ]
    return [count + 1, means]
