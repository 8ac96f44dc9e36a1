"""Rows of the table, from the results of every seed."""

from collections.abc import Mapping

import numpy as np

from codesign.reproduce.columns import means
from codesign.reproduce.jets.goals import front
from codesign.reproduce.jets.methods import TITLES
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.tasks import Task
from codesign.reproduce.study import Results

_MEANS = ("test_accuracy", "test_auc", "val_accuracy", "adder_cost", "adder_levels", "latency_cycles", "live_weights")
_PROOFS = ("lut", "ff")
_FRONTS = ("tables", "peer")  # one training has a row for each point of its front


def points_of(results: Results, family: str) -> dict[int, list[dict]]:
    """Return seed -> points of one method."""
    found: dict[int, list[dict]] = {}
    for name, by_seed in results.items():
        if name.partition("-")[0] == family:
            for seed, result in by_seed.items():
                found.setdefault(seed, []).extend(result["points"])
    return found


def peer_points(task: Task, results: Results) -> list[dict] | None:
    """Return HGQ2's points, those that come with the package and those of this run; None if there are neither."""
    trained = points_of(results, "peer")
    points = [*task.reference(), *(point for found in trained.values() for point in found)]
    return points if points or trained else None


def make_rows(results: Results, settings: JetsSettings) -> list[dict]:
    """Return a row of each method and setting, means over seeds; of tables and the peer one of each point."""
    rows = []
    for name, by_seed in results.items():
        family, _, setting = name.partition("-")
        if family in _FRONTS:
            for seed, result in by_seed.items():
                rows += [{"method": TITLES[family], "seed": seed, **point} for point in front(result["points"])]
        elif family in TITLES:
            head = {"method": TITLES[family].format(bits=settings.bits), "setting": float(setting)}
            rows.append({**head, **_mean_row(by_seed)})
    return rows


def _mean_row(by_seed: Mapping[int, Mapping]) -> dict:
    points = [one["points"][0] for one in by_seed.values()]
    row = {"seeds": len(points), **means(points, [*_MEANS, *(key for key in _PROOFS if key in points[0])])}
    return row | {"train_cpu_s": float(np.mean([one["train_cpu_s"] for one in by_seed.values()]))}
