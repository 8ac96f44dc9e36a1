"""Fronts of accuracy against cost, compared at equal accuracy, and the goals."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.reproduce.result import goal

TARGETS = ((0.6516, 580), (0.660, 1150), (0.665, 2300), (0.670, 4800))
_GRID = np.linspace(0.640, 0.670, 31)
Points = Sequence[Mapping]


def front(points: Points) -> list[Mapping]:
    """Return the points that no other exceeds in validation accuracy at no higher cost, cheapest first."""
    kept = []
    for point in sorted(points, key=lambda one: (one["adder_cost"], -one["val_accuracy"])):
        if not kept or point["val_accuracy"] > kept[-1]["val_accuracy"]:
            kept.append(point)
    return kept


def cost_at(points: Points, accuracy: float) -> float | None:
    """Return the cost at which a front reaches a test accuracy, linear in log(cost) between its points; None beyond it.

    The front is chosen on validation events; what is read off is its test accuracy, made to rise with the cost.
    """
    found = front(points)
    if not found:
        return None
    reached = np.maximum.accumulate([point["test_accuracy"] for point in found])
    costs = np.array([point["adder_cost"] for point in found], float)
    if accuracy > reached[-1]:
        return None
    if accuracy <= reached[0]:
        return float(costs[0])
    above = int(np.searchsorted(reached, accuracy))
    low, high = reached[above - 1], reached[above]
    share = (accuracy - low) / (high - low)
    return float(np.exp((1 - share) * np.log(costs[above - 1]) + share * np.log(costs[above])))


def make_goals(ours: Mapping[int, Points], peers: Mapping[int, Points]) -> list[dict]:
    """Return the goals: costs at four accuracies, and the ratio to the peer's at every accuracy of .640 to .670.

    Args:
        ours, peers: seed -> points.
    """
    goals = []
    for accuracy, limit in TARGETS:
        goals.append(goal(f"median adder cost at {accuracy:.4f}", median_cost(ours, accuracy), "<=", limit))
    peer = [point for points in peers.values() for point in points]
    ratios = [(median_cost(ours, accuracy), cost_at(peer, accuracy)) for accuracy in _GRID]
    ratios = [np.inf if own is None else own / other for own, other in ratios if other is not None]
    goals.append(goal("largest ratio to HGQ2's best front, .640 to .670", max(ratios, default=None), "<=", 1.0))
    goals.append(goal("median ratio to HGQ2's best front, .640 to .670", float(np.median(ratios)) if ratios else None, "<=", 0.7))
    return goals


def median_cost(points: Mapping[int, Points], accuracy: float) -> float | None:
    """Return the median over seeds of the cost at an accuracy; None if half of the seeds or more do not reach it."""
    costs = sorted(np.inf if cost is None else cost for cost in (cost_at(one, accuracy) for one in points.values()))
    middle = float(np.median(costs)) if costs else np.inf
    return middle if np.isfinite(middle) else None
