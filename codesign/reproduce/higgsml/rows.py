"""Rows and goals of the ladder."""

from collections.abc import Mapping

import numpy as np

from codesign.report.result import goal
from codesign.reproduce.columns import means
from codesign.reproduce.higgsml.costs import RAW_COLUMNS
from codesign.reproduce.higgsml.peer import PEERS
from codesign.reproduce.higgsml.scores import METRICS
from codesign.reproduce.higgsml.settings import (
    COSTS,
    DRONE,
    FPGA,
    FPGA_RAW,
    LUMIN,
    RECIPE,
    TIMES,
    TITLES,
    XGBOOST,
)
from codesign.reproduce.study import Run

_LAST = {
    DRONE: "drone of the recipe, one small net",
    FPGA: "gates, of the recipe's inputs",
    FPGA_RAW: "gates, of the raw columns",
    LUMIN: "LUMIN 0.9.1, final recipe, 10 nets, 8 copies",
    XGBOOST: "XGBoost, 10 boosted ensembles",
}
_MOST_EPOCHS, _MOST_AUGMENTATION, _LEAST_FASTER = 3.5, 0.15, 1000.0
_MOST_DRONE_LOSS, _MOST_DESIGN_LOSS, _MOST_LUT, _MOST_NS = 0.002, 0.004, 5000.0, 50.0
_MOST_TRAINING, _MOST_TEST, _MOST_CPP, _STRETCH = 1 / 3, 1 / 20, 1 / 200, 0.933


def make_rows(run: Run) -> list[dict]:
    """Return one row a method: one net of the first, the ladder, the drone, the designs, and the peers if they ran."""
    rows, settings = [], run.settings
    for method in (*settings.methods, RECIPE, *settings.single, DRONE, FPGA, FPGA_RAW, *PEERS):
        if method not in run.results:
            continue
        found = run.of(method)
        if not rows:
            rows.append({"method": "one_net", "title": "1 net, 4 x 100 ReLU" if method == "ten_nets" else "1 net"})
            one = means(found, [f"one_net_{name}" for name in METRICS])
            rows[0] |= {name.removeprefix("one_net_"): value for name, value in one.items()}
        title = {**TITLES, **_LAST}[method]
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
    """Return the goals; those against LUMIN and XGBoost are not measured where these did not run."""
    rows, cost = {row["method"]: row for row in run.rows}, ratios(run)
    best, drone = (rows[name]["auc_weighted"] for name in (RECIPE, DRONE))
    return [
        *_against_peers(run, rows),
        goal("stretch: weighted AUC of the recipe", best, ">=", _STRETCH),
        goal("an epoch of 10 nets over one of one net in Keras", cost["ensemble"], "<=", _MOST_EPOCHS),
        goal("share of the training time that augmentation adds", cost["augmentation"], "<=", _MOST_AUGMENTATION),
        goal("weighted AUC that the drone loses", best - drone, "<=", _MOST_DRONE_LOSS),
        goal("ensemble in Keras over drone in C++, an event at a time", _faster(run, many=False), ">=", _LEAST_FASTER),
        goal("ensemble in Keras over drone in C++, many at a time", _faster(run, many=True), ">=", _LEAST_FASTER),
        *_of_designs(run, rows),
    ]


def _of_designs(run: Run, rows: Mapping[str, Mapping]) -> list[dict]:
    goals = []
    for method in (FPGA, FPGA_RAW):
        found, name = run.of(method), _LAST[method]
        loss = rows[RECIPE]["auc_weighted"] - rows[method]["auc_weighted"]
        goals += [
            goal(f"weighted AUC lost by {name}", loss, "<=", _MOST_DESIGN_LOSS),
            goal(f"LUTs by Yosys, {name}", max(one["lut"] for one in found), "<=", _MOST_LUT),
            goal(f"ns, {name}", max(one["fpga_latency_ns"] for one in found), "<=", _MOST_NS),
            goal(f"events on which Verilog differs, {name}", sum(one["rtl_mismatches"] for one in found), "==", 0),
        ]
    return goals


def _faster(run: Run, *, many: bool) -> float:
    return time_of(run, "ensemble", "Keras", many=many) / time_of(run, "drone", "C++", many=many)


def _against_peers(run: Run, rows: Mapping[str, Mapping]) -> list[dict]:
    ours = rows[RECIPE]["auc_weighted"]
    better = {peer: ours - rows[peer]["auc_weighted"] if peer in rows else None for peer in PEERS}
    if LUMIN in rows:
        costs = {name: np.mean([one[name] for one in run.of(COSTS)]) for name in ("train_cpu_s", "test_us_per_event")}
        training, test = (float(costs[name] / rows[LUMIN][name]) for name in costs)
        cpp, raw = (
            time_of(run, name, "C++", many=True) / 1000 / rows[LUMIN]["test_us_per_event"]
            for name in ("ensemble", RAW_COLUMNS)
        )
    else:
        training = test = cpp = raw = None
    return [
        goal("weighted AUC of the recipe minus LUMIN's", better[LUMIN], ">=", 0.0),
        goal("weighted AUC of the recipe minus XGBoost's", better[XGBOOST], ">=", 0.0),
        goal("CPU s of the training over LUMIN's", training, "<=", _MOST_TRAINING),
        goal("us per event over LUMIN's, alignment included", test, "<=", _MOST_TEST),
        goal("us per event in C++ over LUMIN's, neither with the preparation", cpp, "<=", _MOST_CPP),
        goal("us per event in C++ over LUMIN's, ours from raw columns on", raw, "<=", _MOST_CPP),
    ]
