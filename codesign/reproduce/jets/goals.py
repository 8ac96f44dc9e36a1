"""Fronts of accuracy against cost, compared at equal accuracy, and the goals."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.report.result import goal
from codesign.reproduce.curves import cost_at
from codesign.reproduce.jets.tasks import Task

Points = Sequence[Mapping]


def front(points: Points) -> list[Mapping]:
    """Return the points that no other reaches in validation accuracy at no higher cost, cheapest first."""
    kept: list[Mapping] = []
    for point in sorted(points, key=lambda one: (one["adder_cost"], -one["val_accuracy"])):
        if not kept or point["val_accuracy"] > kept[-1]["val_accuracy"]:
            kept.append(point)
    return kept


def cost_of(points: Points, accuracy: float, key: str = "adder_cost") -> float | None:
    """Return what a front pays for a test accuracy, linear in log(cost) between its points; None beyond its last one.

    The front is chosen on validation events; of it, points count whose test accuracy no cheaper one reaches. A network
    of constants costs nothing, and counts as 1.

    Args:
        key: ``adder_cost``, ``adder_levels`` or ``lut``.
    """
    found = _rising(points)
    return cost_at([point[key] for point in found], [point["test_accuracy"] for point in found], accuracy)


def median_at(points: Mapping[int, Points], accuracy: float, key: str = "adder_cost") -> float | None:
    """Return the median over seeds of what an accuracy costs; None if half of the seeds or more do not reach it."""
    found = [cost_of(one, accuracy, key) for one in points.values()]
    middle = float(np.median([np.inf if value is None else value for value in found])) if found else np.inf
    return middle if np.isfinite(middle) else None


def covered(fronts: Sequence[Points]) -> tuple[float, float]:
    """Return the lowest and highest test accuracy at which more than half of the fronts have points on either side."""
    reached = [[point["test_accuracy"] for point in _rising(points)] or [np.inf, -np.inf] for points in fronts]
    if not reached:
        return np.inf, -np.inf
    lows, highs = (sorted(one[end] for one in reached) for end in (0, -1))
    return lows[len(lows) // 2], highs[(len(highs) - 1) // 2]


def compared_at(task: Task, ours: Mapping[int, Points], peer: Points | None, n: int = 31) -> np.ndarray:
    """Return at most n test accuracies: in the task's range, in what both fronts cover, or the only one there is.

    Args:
        ours: seed -> points; the median of their fronts counts.
        peer: see :func:`make_goals`.
    """
    ranges = [covered(fronts) for fronts in (list(ours.values()), [] if peer is None else [peer]) if fronts]
    low, high = task.accuracies or (
        max((one[0] for one in ranges), default=1),
        min((one[1] for one in ranges), default=0),
    )
    return np.unique(np.linspace(low, high, n)) if low <= high else np.empty(0)


def make_goals(task: Task, ours: Mapping[int, Points], peer: Points | None) -> list[dict]:
    """Return the goals.

    Args:
        ours: seed -> points.
        peer: of HGQ2, all seeds and settings together: its best front counts. None if it was not run: no goal compares
            with it.
    """
    goals = [
        goal(f"adder cost at {at:.4f}, median of seeds", median_at(ours, at), "<=", limit) for at, limit in task.targets
    ]
    if peer is not None:
        goals += _ratio_goals(compared_at(task, ours, peer), ours, peer)
    wrong = [point["rtl_mismatches"] for points in ours.values() for point in points if "rtl_mismatches" in point]
    goals.append(
        goal(
            "networks that differ from their Verilog on any test event",
            sum(map(bool, wrong)) if wrong else None,
            "==",
            0,
        )
    )
    return goals


def _ratio_goals(accuracies: np.ndarray, ours: Mapping[int, Points], peer: Points) -> list[dict]:
    """Return the goals on the ratio of our median to the peer's best.

    A peer that shares no accuracy leaves them unmeasured.
    """
    name = "HGQ2's at no common accuracy"
    if len(accuracies):
        name = "HGQ2's at " + " to ".join(f"{accuracies[end]:.3f}".removeprefix("0") for end in (0, -1))
    costs, levels = (_ratios(accuracies, ours, peer, key) for key in ("adder_cost", "adder_levels"))
    return [
        goal(f"adder cost over {name}, largest", max(costs, default=None), "<=", 1.0),
        goal(f"adder cost over {name}, median", float(np.median(costs)) if costs else None, "<=", 0.7),
        goal(f"adder levels over {name}, median", float(np.median(levels)) if levels else None, "<=", 1.0),
    ]


def _ratios(accuracies: np.ndarray, ours: Mapping[int, Points], peer: Points, key: str) -> list[float]:
    pairs = [(median_at(ours, accuracy, key), cost_of(peer, accuracy, key)) for accuracy in accuracies if ours]
    return [np.inf if own is None else own / other for own, other in pairs if other is not None]


def _rising(points: Points) -> list[Mapping]:
    """Return those points of the front whose test accuracy no cheaper one reaches."""
    found: list[Mapping] = []
    for point in front(points):
        if not found or point["test_accuracy"] > found[-1]["test_accuracy"]:
            found.append(point)
    return found
