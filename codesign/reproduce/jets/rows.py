"""Rows of the table, from the results of every seed."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.reproduce.jets.goals import compared_at, front, median_at, value_at
from codesign.reproduce.jets.methods import TITLES
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.tasks import Task
from codesign.reproduce.table import mean_and_error, with_error

_MEANS = ("test_accuracy", "test_auc", "val_accuracy", "adder_cost", "adder_levels", "latency_cycles", "live_weights")
_PROOFS = ("lut", "ff")
_COST_ROWS = 5
Results = Mapping[str, Mapping[int, Mapping]]  # job -> seed -> result


def points_of(results: Results, family: str) -> dict[int, list[dict]]:
    """Return seed -> points of one method."""
    found: dict[int, list[dict]] = {}
    for name, by_seed in results.items():
        if name.partition("-")[0] == family:
            for seed, result in by_seed.items():
                found.setdefault(seed, []).extend(result["points"])
    return found


def make_rows(results: Results, settings: JetsSettings) -> list[dict]:
    """Return one row per method and setting, means over seeds; the peer has one per point of its fronts."""
    rows = []
    for name, by_seed in results.items():
        family, _, setting = name.partition("-")
        if family == "peer":
            rows += [
                {"method": TITLES[family], "seed": seed, **point}
                for seed in by_seed
                for point in front(by_seed[seed]["points"])
            ]
        elif family in TITLES:
            row = {
                "method": TITLES[family].format(bits=settings.bits),
                "setting": float(setting),
                "seeds": len(by_seed),
            }
            points = [one["points"][0] for one in by_seed.values()]
            for key in (*_MEANS, *(key for key in _PROOFS if key in points[0])):
                row[key], row[f"{key}_error"] = mean_and_error([point[key] for point in points])
            row["train_cpu_s"] = float(np.mean([one["train_cpu_s"] for one in by_seed.values()]))
            rows.append(row)
    return rows


def network_columns(rows: Sequence[Mapping]) -> dict[str, list[object]]:
    """Return the columns of the table of networks."""
    rows = [row for row in rows if "setting" in row]
    columns: dict[str, list[object]] = {
        "method": [row["method"] for row in rows],
        "setting": [f"{row['setting']:g}" for row in rows],
    }
    columns["accuracy"] = [with_error(row["test_accuracy"], row["test_accuracy_error"]) for row in rows]
    columns["macro AUC"] = [with_error(row["test_auc"], row["test_auc_error"]) for row in rows]
    columns["adder cost"] = [f"{row['adder_cost']:,.0f}" for row in rows]
    columns["levels"] = [f"{row['adder_levels']:.1f}" for row in rows]
    columns["cycles"] = [f"{row['latency_cycles']:.1f}" for row in rows]
    columns["weights"] = [f"{row['live_weights']:.0f}" for row in rows]
    for key in _PROOFS:
        columns[f"{key.upper()} (yosys)"] = [f"{row[key]:,.0f}" if key in row else None for row in rows]
    columns["CPU s"] = [f"{row['train_cpu_s']:.0f}" for row in rows]
    return columns


def cost_columns(
    results: Results, settings: JetsSettings, task: Task, peer: Sequence[Mapping] | None
) -> dict[str, list[object]]:
    """Return the columns of the table of costs at equal accuracy: the median over seeds of each method's front.

    Args:
        peer: points of HGQ2, all together; None if it was not run.
    """
    ours = points_of(results, "posterior")
    accuracies = [accuracy for accuracy, _ in task.targets] or list(compared_at(task, ours, peer, _COST_ROWS))
    columns: dict[str, list[object]] = {"accuracy": [f"{accuracy:.4f}" for accuracy in accuracies]}
    for family, title in TITLES.items():
        points = points_of(results, family)
        if points and family != "peer":
            columns[title.format(bits=settings.bits)] = [
                _number(median_at(points, accuracy)) for accuracy in accuracies
            ]
    if ours and all("lut" in point for points in ours.values() for point in points):
        columns["its LUT (yosys)"] = [_number(median_at(ours, accuracy, "lut")) for accuracy in accuracies]
    if peer is not None:
        columns["HGQ2's best"] = [_number(value_at(peer, accuracy)) for accuracy in accuracies]
    if task.targets:
        columns["goal"] = [f"{limit:,}" for _, limit in task.targets]
    return columns


def published_columns(rows: Sequence[Mapping]) -> dict[str, list[object]]:
    """Return the columns of the published taggers."""
    keys = ("method", "model", "dataset", "accuracy", "lut", "ff", "dsp", "latency_ns")
    return {key.replace("latency_ns", "latency, ns"): [row[key] for row in rows] for key in keys}


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}"
