"""Rows and goals of drones, from the results of every seed."""

from collections.abc import Mapping, Sequence

from codesign.report.result import goal
from codesign.reproduce.columns import means
from codesign.reproduce.drones.settings import PAPER_RATIO, TITLES
from codesign.reproduce.study import Results

_MEANS = (
    "auc_teacher",
    "auc_drone",
    "mean_difference",
    "max_difference",
    "agreement",
    "hidden_units",
    "parameters",
    "teacher_cpu_s",
    "drone_cpu_s",
    "cpp_difference",
)
_MOST_AUC, _MOST_AUC_OF_TREES, _MOST_DIFFERENCE, _MOST_CPU_S = 0.0005, 0.001, 0.01, 20.0
_CPP = "cpp"  # of codesign.cpu
TIMES = "times"


def make_rows(results: Results) -> list[dict]:
    """Return one row per teacher, means over seeds, and the largest difference of AUC of any seed."""
    rows = []
    for name in TITLES:
        if name not in results:
            continue
        found = list(results[name].values())
        row = {"method": f"drone of {TITLES[name]}", "teacher": name, "seeds": len(found), **means(found, _MEANS)}
        row["largest_auc_difference"] = max(abs(one["auc_difference"]) for one in found)
        row["most_parameters"] = max(one["parameters"] for one in found)
        row["most_drone_cpu_s"] = max(one["drone_cpu_s"] for one in found)
        row["teacher_parameters"] = found[0]["teacher_parameters"]
        rows.append(row)
    return rows


def make_goals(
    rows: Sequence[Mapping], times: Sequence[Mapping], max_parameters: int, *, with_times: bool = True
) -> list[dict]:
    """Return the goals; differences of AUC are the largest over seeds.

    Args:
        with_times: whether the drone's own times have limits: that of 6 features has.
    """
    goals = []
    for row in rows:
        title, is_paper = TITLES[row["teacher"]], row["teacher"] == "paper"
        limit = _MOST_AUC if is_paper else _MOST_AUC_OF_TREES
        goals.append(goal(f"|AUC of teacher - AUC of drone|, {title}", row["largest_auc_difference"], "<=", limit))
        if is_paper:
            goals.append(goal(f"mean |teacher - drone|, {title}", row["mean_difference"], "<=", _MOST_DIFFERENCE))
        goals.append(goal(f"parameters of the drone, {title}", row["most_parameters"], "<=", max_parameters))
        goals.append(goal(f"CPU s of the drone's training, {title}", row["most_drone_cpu_s"], "<=", _MOST_CPU_S))
    ratios = time_ratios(times)
    goals.append(goal("teacher in Keras over drone in C++, one event", ratios["in_all"], ">=", 1000 * PAPER_RATIO))
    if not with_times:
        return goals
    drone_in_cpp = [one for one in times if (one["network"], one["runtime"]) == ("drone", _CPP)]
    alone = {one["batch"]: one["ns_per_event"] for one in drone_in_cpp}
    goals.append(goal("drone in C++, one event, ns", alone.get(1), "<=", 40.0))
    goals.append(goal("drone in C++, best batch, ns per event", min(alone.values(), default=None), "<=", 3.0))
    return goals


def time_ratios(times: Sequence[Mapping]) -> dict[str, float]:
    """Return how much faster one event became: in all, by leaving Keras with the teacher, by the drone itself.

    The teacher outside Keras is the fastest that was measured.
    """
    alone = {(one["network"], one["runtime"]): one["ns_per_event"] for one in times if one["batch"] == 1}
    outside = min(
        (ns for (network, runtime), ns in alone.items() if network == "teacher" and "keras" not in runtime),
        default=None,
    )
    teacher, drone = alone.get(("teacher", "keras model(x)")), alone.get(("drone", _CPP))
    pairs = {"in_all": (teacher, drone), "leaving_keras": (teacher, outside), "drone": (outside, drone)}
    return {name: above / below if above and below else None for name, (above, below) in pairs.items()}
