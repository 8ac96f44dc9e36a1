"""Fronts of accuracy against cost, compared at equal accuracy, and the goals."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.reproduce.result import goal

TARGETS = ((0.6516, 580), (0.660, 1150), (0.665, 2300), (0.670, 4800))
_GRID = np.linspace(0.640, 0.670, 31)
Points = Sequence[Mapping]


def front(points: Points) -> list[Mapping]:
    """Return the points that no other reaches in validation accuracy at no higher cost, cheapest first."""
    kept: list[Mapping] = []
    for point in sorted(points, key=lambda one: (one["adder_cost"], -one["val_accuracy"])):
        if not kept or point["val_accuracy"] > kept[-1]["val_accuracy"]:
            kept.append(point)
    return kept


def value_at(points: Points, accuracy: float, key: str = "adder_cost") -> float | None:
    """Return what a front pays for a test accuracy, linear in log(cost) between its points; None beyond its last one.

    The front is chosen on validation events; of it, points count whose test accuracy no cheaper one reaches.

    Args:
        key: ``adder_cost``, ``adder_levels`` or ``lut``.
    """
    found: list[Mapping] = []
    for point in front(points):
        if not found or point["test_accuracy"] > found[-1]["test_accuracy"]:
            found.append(point)
    reached = [point["test_accuracy"] for point in found]
    if not found or accuracy > reached[-1]:
        return None
    values = np.log([point[key] for point in found])
    above = int(np.searchsorted(reached, accuracy))
    if above == 0:
        return float(np.exp(values[0]))
    share = (accuracy - reached[above - 1]) / (reached[above] - reached[above - 1])
    return float(np.exp((1 - share) * values[above - 1] + share * values[above]))


def median_at(points: Mapping[int, Points], accuracy: float, key: str = "adder_cost") -> float | None:
    """Return the median over seeds of what an accuracy costs; None if half of the seeds or more do not reach it."""
    found = [value_at(one, accuracy, key) for one in points.values()]
    middle = float(np.median([np.inf if value is None else value for value in found])) if found else np.inf
    return middle if np.isfinite(middle) else None


def make_goals(ours: Mapping[int, Points], peer: Points) -> list[dict]:
    """Return the goals.

    Args:
        ours: seed -> points.
        peer: of HGQ2, all seeds and settings together: its best front counts.
    """
    goals = [goal(f"adder cost at {at:.4f}, median of seeds", median_at(ours, at), "<=", limit) for at, limit in TARGETS]
    ratios = _ratios(ours, peer, "adder_cost")
    goals.append(goal("adder cost over HGQ2's at .640 to .670, largest", max(ratios, default=None), "<=", 1.0))
    goals.append(goal("adder cost over HGQ2's at .640 to .670, median", float(np.median(ratios)) if ratios else None, "<=", 0.7))
    levels = _ratios(ours, peer, "adder_levels")
    goals.append(
        goal("adder levels over HGQ2's at .640 to .670, median", float(np.median(levels)) if levels else None, "<=", 1.0)
    )
    wrong = [point["rtl_mismatches"] for points in ours.values() for point in points if "rtl_mismatches" in point]
    goals.append(
        goal("networks that differ from their Verilog on any test event", sum(map(bool, wrong)) if wrong else None, "==", 0)
    )
    return goals


def _ratios(ours: Mapping[int, Points], peer: Points, key: str) -> list[float]:
    pairs = [(median_at(ours, accuracy, key), value_at(peer, accuracy, key)) for accuracy in _GRID]
    return [np.inf if own is None else own / other for own, other in pairs if other is not None]
