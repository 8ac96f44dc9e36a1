"""Curves of quality over cost, read between their points: both ways linear in the logarithm of the cost."""

from collections.abc import Sequence

import numpy as np


def value_at(costs: Sequence[float], values: Sequence[float], cost: float) -> float | None:
    """Return the value of a curve at a cost; None outside of its points."""
    order = np.argsort(costs)
    costs, values = np.asarray(costs, np.float64)[order], np.asarray(values, np.float64)[order]
    if not costs[0] <= cost <= costs[-1]:
        return None
    return float(np.interp(np.log(cost), np.log(costs), values))


def cost_at(costs: Sequence[float], values: Sequence[float], value: float) -> float | None:
    """Return what a curve pays for a value: None beyond its last point, the first point's cost before that.

    Args:
        costs: a cost of nothing counts as 1.
        values: rising.
    """
    if not len(values) or value > values[-1]:
        return None
    logs = np.log(np.maximum(1, costs))
    above = int(np.searchsorted(values, value))
    if above == 0:
        return float(np.exp(logs[0]))
    share = (value - values[above - 1]) / (values[above] - values[above - 1])
    return float(np.exp((1 - share) * logs[above - 1] + share * logs[above]))
