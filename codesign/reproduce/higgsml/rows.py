"""Rows and goals of the ladder."""

from collections.abc import Mapping

import numpy as np

from codesign.report.result import goal
from codesign.reproduce.columns import means
from codesign.reproduce.higgsml.scores import METRICS
from codesign.reproduce.higgsml.settings import COSTS, DRONE, ENSEMBLE, FPGA, TIMES, TITLES
from codesign.reproduce.study import Run

_LAST = {DRONE: "drone of the recipe, one small net", FPGA: "design in gates of the recipe"}
_MOST_EPOCHS, _MOST_AUGMENTATION, _MOST_TEST_US, _MOST_CPP_US, _LEAST_FASTER = 3.5, 0.15, 11.4, 1.14, 1000.0
_MOST_DRONE_LOSS, _MOST_DESIGN_LOSS = 0.002, 0.004
_PEER = "lumin"


def make_rows(run: Run) -> list[dict]:
    """Return one row a method: one net of the first, the ladder, the drone, the design, and LUMIN if it ran."""
    rows = []
    for method in (*run.settings.methods, *run.settings.single, DRONE, FPGA, _PEER):
        if method not in run.results:
            continue
        found = run.of(method)
        if not rows:
            rows.append({"method": "one_net", "title": "1 net, 4 x 100 ReLU" if method == "ten_nets" else "1 net"})
            one = means(found, [f"one_net_{name}" for name in METRICS])
            rows[0] |= {name.removeprefix("one_net_"): value for name, value in one.items()}
        title = {**TITLES, **_LAST, _PEER: "LUMIN 0.9.1, final recipe, 10 nets, 8 copies"}[method]
        numbers = [key for key, value in found[0].items() if isinstance(value, (int, float))]
        rows.append({"method": method, "title": title, **means(found, numbers)})
    return rows


def ratios(run: Run) -> dict[str, float]:
    """Return the median over seeds of what training costs, as ratios."""
    found = [
        (
            one["ensemble_epoch_cpu_s"] / one["single_epoch_cpu_s"],
            one["augmented_epoch_cpu_s"] / one["ensemble_epoch_cpu_s"] - 1,
        )
        for one in run.of(COSTS)
    ]
    return dict(zip(("ensemble", "augmentation"), map(float, np.median(found, 0))))


def times_of(run: Run) -> list[dict]:
    """Return the rows of times of the first seed."""
    return run.results[TIMES][run.seeds[0]]["rows"]


def time_of(run: Run, network: str, runtime: str, *, many: bool) -> float:
    """Return ns per event, one at a time or many."""
    found = [one for one in times_of(run) if (one["network"], one["runtime"]) == (network, runtime)]
    return next(one["ns_per_event"] for one in found if (one["batch"] > 1) == many)


def make_goals(run: Run) -> list[dict]:
    """Return the goals; those against LUMIN where it ran."""
    rows, cost = {row["method"]: row for row in run.rows}, ratios(run)
    best, drone, design = (rows[name]["auc_weighted"] for name in (ENSEMBLE, DRONE, FPGA))
    goals = [
        goal("an epoch of 10 nets over one of one net in Keras", cost["ensemble"], "<=", _MOST_EPOCHS),
        goal("share of the training time that augmentation adds", cost["augmentation"], "<=", _MOST_AUGMENTATION),
        goal("us per event of the 10 nets in Keras, alignment included", _test_us(run), "<=", _MOST_TEST_US),
        goal(
            "us per event of the 10 nets in C++", time_of(run, "ensemble", "C++", many=True) / 1000, "<=", _MOST_CPP_US
        ),
        goal("weighted AUC that the drone loses", best - drone, "<=", _MOST_DRONE_LOSS),
        goal("ensemble in Keras over drone in C++, an event at a time", _faster(run, many=False), ">=", _LEAST_FASTER),
        goal("ensemble in Keras over drone in C++, many at a time", _faster(run, many=True), ">=", _LEAST_FASTER),
        goal("weighted AUC that the FPGA design loses", best - design, "<=", _MOST_DESIGN_LOSS),
        goal("LUTs of the FPGA design", max(one["lut"] for one in run.of(FPGA)), "<=", 5000.0),
        goal("ns of the FPGA design", max(one["fpga_latency_ns"] for one in run.of(FPGA)), "<=", 50.0),
    ]
    return goals + (_against_peer(rows) if _PEER in rows else [])


def _test_us(run: Run) -> float:
    align = next(one["ns_per_event"] for one in times_of(run) if one["runtime"] == "NumPy")
    return (time_of(run, "ensemble", "Keras", many=True) + align) / 1000


def _faster(run: Run, *, many: bool) -> float:
    return time_of(run, "ensemble", "Keras", many=many) / time_of(run, "drone", "C++", many=many)


def _against_peer(rows: Mapping[str, Mapping]) -> list[dict]:
    ours, peer = rows[ENSEMBLE], rows[_PEER]
    return [
        goal("weighted AUC of the recipe minus LUMIN's", ours["auc_weighted"] - peer["auc_weighted"], ">=", 0.0),
        goal("CPU s of the training over LUMIN's", ours["train_cpu_s"] / peer["train_cpu_s"], "<=", 1 / 3),
        goal("us per event over LUMIN's", ours["test_us_per_event"] / peer["test_us_per_event"], "<=", 1 / 20),
    ]
