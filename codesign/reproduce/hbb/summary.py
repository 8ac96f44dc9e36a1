"""Means, errors, differences and goals of `codesign reproduce hbb`."""

import math
from collections.abc import Sequence

import numpy as np

from codesign.reproduce.hbb.experiment import CANCEL_OUT, GATE, MUTUAL_INFORMATION, SELECTORS, HbbExperiment
from codesign.reproduce.hbb.selection import mean_jaccard
from codesign.reproduce.result import goal
from codesign.reproduce.table import mean_and_error

GOAL_COUNTS = (1, 2, 4, 8, 16, 24, 32)
_ONE_SIGMA, _TWO_SIGMA = -1.0, 2.0
OWN = "gate, own network"
PRUNED, SCRATCH, PATIENT = "pruned by the gate", "shrunk, retrained as long", "shrunk, retrained longer"


def estimate(measures: Sequence[dict]) -> dict:
    """Return ``auc``, its standard error over seeds, and its deviation over bootstrap draws of the test sample."""
    auc, error = mean_and_error([measure["auc"] for measure in measures])
    return {"auc": auc, "auc_seed_error": error, "auc_test_error": float(_drawn(measures).std(ddof=1))}


def difference(ours: Sequence[dict], others: Sequence[dict]) -> dict:
    """Return the difference of two mean AUCs, its error, and one over the other.

    ``error = sqrt(se_ours^2 + se_others^2 + test^2)``: standard errors over seeds, and the standard deviation of the
    difference over common bootstrap draws of the test sample. Equal networks on equal features differ by 0 with error
    0: 0 standard errors.
    """
    (mean, error), (other_mean, other_error) = (mean_and_error([one["auc"] for one in side]) for side in (ours, others))
    seed_error = math.hypot(error or 0.0, other_error or 0.0)
    test_error = float((_drawn(ours) - _drawn(others)).std(ddof=1))
    combined = math.hypot(seed_error, test_error)
    gap = mean - other_mean
    return {
        "difference": gap,
        "difference_seed_error": seed_error,
        "difference_test_error": test_error,
        "difference_error": combined,
        "difference_in_errors": gap / combined if combined else 0.0,
    }


def feature_rows(experiment: HbbExperiment) -> list[dict]:
    """Return a row per selector and count, and one for the gate's own network."""
    rows = []
    for count in experiment.settings.counts:
        own = [experiment.gated(count, seed) for seed in experiment.seeds]
        gate = [experiment.selected(GATE, count, seed) for seed in experiment.seeds]
        for name in SELECTORS:
            rows.append(_feature_row(experiment, name, count))
            if name != GATE:
                other = [experiment.selected(name, count, seed) for seed in experiment.seeds]
                rows[-1] |= {f"gate_{key}": value for key, value in difference(gate, other).items()}
                rows[-1] |= {f"gate_own_{key}": value for key, value in difference(own, other).items()}
        rows.append({"method": OWN, "study": "features", "selector": OWN, "n_features": count, **estimate(own)})
    return rows


def node_rows(experiment: HbbExperiment) -> list[dict]:
    """Return three rows per share of active nodes: pruned, the same from scratch for as long, and for longer.

    Narrow networks need the longer training, wide ones begin to learn their events by heart in it: which of the two
    counts is decided on the training events that a seed has not drawn.
    """
    rows = []
    for share in experiment.settings.shares:
        pruned = [experiment.pruned(share, seed) for seed in experiment.seeds]
        rows += _three("nodes", {"active_nodes_percent": 100 * share}, pruned, experiment)
    return rows


def budget_rows(experiment: HbbExperiment) -> list[dict]:
    """Return three rows per budget, as `node_rows`."""
    rows = []
    for macs in experiment.settings.budgets:
        pruned = [experiment.budgeted(macs, seed) for seed in experiment.seeds]
        rows += _three("budget", {"budget_macs": macs}, pruned, experiment)
    return rows


def goals(experiment: HbbExperiment, rows: Sequence[dict]) -> list[dict]:
    """Return the issue's goals with their measured values."""
    found = []
    for name in (CANCEL_OUT, MUTUAL_INFORMATION):
        for row in rows:
            if row["study"] == "features" and row["selector"] == name and row["n_features"] in GOAL_COUNTS:
                title = f"AUC at {row['n_features']} features, gate - {name}, in combined standard errors"
                found.append(goal(f"{title}, both retrained", row["gate_difference_in_errors"], ">=", _ONE_SIGMA))
                found.append(
                    goal(
                        f"{title}, the gate's network from its one fit",
                        row["gate_own_difference_in_errors"],
                        ">=",
                        _ONE_SIGMA,
                    )
                )
    for row in rows:
        if row["study"] == "nodes" and row["active_nodes_percent"] < 100 and row.get("validation_picks_it"):
            title = (
                f"AUC at {row['active_nodes_percent']:.4g} % of the nodes, |pruned - retrained|, in combined standard "
                "errors"
            )
            found.append(goal(f"{title}, {row['method']}", abs(row["difference_in_errors"]), "<=", _TWO_SIGMA))
    runs = [experiment.exactness(run) for run in range(experiment.settings.exactness_runs)]
    exact = 100.0 * sum(run["is_exact"] for run in runs) / len(runs)
    return [*found, goal(f"exact counts in {len(runs)} randomised trainings, %", exact, "==", 100.0)]


def _feature_row(experiment: HbbExperiment, name: str, count: int) -> dict:
    chosen = [experiment.chosen(name, count, seed) for seed in experiment.seeds]
    jaccard, jaccard_error = mean_jaccard(chosen)
    return {
        "method": f"{name} + retraining",
        "study": "features",
        "selector": name,
        "n_features": count,
        **estimate([experiment.selected(name, count, seed) for seed in experiment.seeds]),
        "jaccard": jaccard,
        "jaccard_error": jaccard_error,
        "features": [[experiment.trainer.data.features[index] for index in choice] for choice in chosen],
    }


def _three(study: str, asked: dict, pruned: Sequence[dict], experiment: HbbExperiment) -> list[dict]:
    scratch, patient = (
        [experiment.from_scratch(one, seed, patient=side) for one, seed in zip(pruned, experiment.seeds)]
        for side in (False, True)
    )
    shared = {
        "study": study,
        **asked,
        "macs": float(np.mean([one["macs"] for one in pruned])),
        "parameters": float(np.mean([one["parameters"] for one in pruned])),
        "architectures": ["-".join(map(str, (len(one["features"]), *one["hidden"], 1))) for one in pruned],
        "active_nodes": [one["active_nodes"] for one in pruned],
    }
    rows = [{"method": PRUNED, **shared, **estimate(pruned)}]
    validation = [np.mean([one["validation_auc"] for one in side]) for side in (scratch, patient)]
    for name, side, auc in ((SCRATCH, scratch, validation[0]), (PATIENT, patient, validation[1])):
        picked = {"validation_auc": float(auc), "validation_picks_it": bool(auc == max(validation))}
        rows.append({"method": name, **shared, **estimate(side), **difference(pruned, side), **picked})
    return rows


def _drawn(measures: Sequence[dict]) -> np.ndarray:
    """Return the mean AUC over seeds for each bootstrap draw of the test sample."""
    return np.mean([measure["bootstrap_aucs"] for measure in measures], axis=0)
