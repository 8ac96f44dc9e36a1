"""The goals of the table, from the results of every seed."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.report.result import goal
from codesign.reproduce.curves import value_at
from codesign.reproduce.pid.rows import family, title
from codesign.reproduce.pid.settings import DENSE_WEIGHTS
from codesign.reproduce.study import Results

Times = Mapping[str, Mapping[str, float | None]]  # row -> times
_BUDGETS = 3
_CPP_BATCH = 10_000
_LOST_AUC = 0.001
_ABOVE_ZERO = 1e-12


def make_goals(results: Results, times: Times) -> list[dict]:
    """Return all goals; what was not run has the value None and is not met.

    Args:
        results: row -> seed -> result.
        times: row -> times, see :func:`codesign.reproduce.pid.rows.times_of`.
    """
    variational = [name for name in results if family(name)[0] == "variational"]
    return [
        *_small_and_fast(results, times, variational),
        *_above_peer(results),
        *_above_magnitude(results, variational),
        *_ternary(results),
    ]


def difference(results: Results, name: str, other: str) -> float | None:
    """Return the mean AUC of one row less that of another, seed by seed."""
    if name not in results or other not in results:
        return None
    return float(np.mean([_auc(results[name][seed]) - _auc(results[other][seed]) for seed in results[name]]))


def difference_at_equal(results: Results, name: str, kinds: Sequence[str], cost: str) -> float | None:
    """Return the mean AUC of a row less the best of other methods' curves at its own cost, seed by seed.

    Args:
        name: row that is compared.
        kinds: families of rows. Each is a curve over the cost, linear in its logarithm; so are the best points of all
            together.
        cost: ``live_weights`` or ``live_units``.

    Returns:
        None where no curve reaches the cost in every seed.
    """
    differences = []
    for seed, own in results[name].items():
        curves = [_points(results, kind, seed, cost) for kind in kinds]
        curves.append(_undominated([point for curve in curves for point in curve]))
        reached = [value_at(*zip(*curve), own[cost]) for curve in curves if curve]
        best = max((value for value in reached if value is not None), default=None)
        if best is None:
            return None
        differences.append(_auc(own) - best)
    return float(np.mean(differences))


def _points(results: Results, kind: str, seed: int, cost: str) -> list[tuple[float, float]]:
    return [(one[seed][cost], _auc(one[seed])) for name, one in results.items() if family(name)[0] == kind]


def _undominated(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points that no cheaper or equally cheap point exceeds."""
    return [(cost, value) for cost, value in points if not any(c <= cost and v > value for c, v in points)]


def _auc(result: Mapping) -> float:
    return float(np.mean(result["aucs"]))


def _small_and_fast(results: Results, times: Times, variational: Sequence[str]) -> list[dict]:
    lost = {name: difference(results, "dense-150", name) for name in variational if "dense-150" in results}
    most = {name: max(one["live_weights"] for one in results[name].values()) for name in lost}
    small = [lost[name] for name in lost if most[name] <= DENSE_WEIGHTS / 16]
    factors = [times.get(name, {}).get(f"cpp_speed_up_batch_{_CPP_BATCH}") for name in lost if lost[name] <= _LOST_AUC]
    fastest = max((factor for factor in factors if factor is not None), default=None)
    few = "mean AUC lost by variational dropout at <= 1/16 of the weights"
    fast = (
        f"CPU time of the dense net over variational dropout's, {_LOST_AUC} of mean AUC lost at most, same C++, "
        f"batch {_CPP_BATCH:,}"
    )
    return [goal(few, min(small, default=None), "<=", _LOST_AUC), goal(fast, fastest, ">=", 16)]


def _above_peer(results: Results) -> list[dict]:
    """Our curve is read at the peer's weights, so that its numbers stay as measured."""
    peers = sorted((name for name in results if family(name)[0] == "peer"), key=lambda name: float(family(name)[1]))
    gains = {f"budget {number}": None for number in range(len(peers) + 1, _BUDGETS + 1)}
    for name in reversed(peers):
        gap = difference_at_equal(results, name, ["variational"], "live_weights")
        gains = {f"at the weights of KL x{family(name)[1]}": None if gap is None else -gap, **gains}
    return [goal(f"mean AUC over pytorch-ard's, {label}", gain, ">=", _ABOVE_ZERO) for label, gain in gains.items()]


def _above_magnitude(results: Results, variational: Sequence[str]) -> list[dict]:
    goals = []
    for cost, target in (("live_weights", 0.0), ("live_units", _ABOVE_ZERO)):
        for name in variational:
            value = difference_at_equal(results, name, ["magnitude", "magnitude-spared"], cost)
            label = f"mean AUC over magnitude pruning's best at equal {cost.replace('_', ' ')}, {title(name)}"
            goals.append(goal(label, value, ">=", target))
    return goals


def _ternary(results: Results) -> list[dict]:
    zeros = [1 - one["live_weights"] / DENSE_WEIGHTS for one in results.get("ternary", {}).values()]
    return [
        goal("mean AUC lost by TTQ against float", difference(results, "dense-150", "ternary"), "<=", 0.003),
        goal("share of zeros of TTQ", float(np.mean(zeros)) if zeros else None, ">=", 0.5),
    ]
