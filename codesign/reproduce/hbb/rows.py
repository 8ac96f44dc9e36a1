"""Rows of `codesign reproduce hbb`: means, errors and differences."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from codesign.reproduce.columns import mean_and_error
from codesign.reproduce.hbb.jobs import GATE, OWN, PATIENT, SCRATCH, SELECTORS
from codesign.reproduce.hbb.selection import mean_jaccard
from codesign.reproduce.study import Run

PRUNED = "pruned by the gate"
RETRAINED = {SCRATCH: "shrunk, retrained as long", PATIENT: "shrunk, retrained longer"}


def make_rows(run: Run) -> list[dict]:
    """Return the rows of features, of nodes and of budgets.

    Of features, one per selector and count, and one for the gate's own network. Of shares of active nodes and of
    budgets, three each: pruned, the same from scratch for as long, and for longer. Narrow networks need the longer
    training, wide ones begin to learn their events by heart in it: which of the two counts is decided on the training
    events that a seed has not drawn.
    """
    settings = run.settings
    rows = [row for count in settings.counts for row in _feature_rows(run, count)]
    for share in settings.shares:
        rows += _three(run, f"nodes {share}", {"study": "nodes", "active_nodes_percent": 100 * share})
    for macs in settings.budgets:
        rows += _three(run, f"budget {macs}", {"study": "budget", "budget_macs": macs})
    return rows


def estimate(measures: Sequence[Mapping]) -> dict:
    """Return ``auc``, its standard error over seeds, and its deviation over bootstrap draws of the test sample."""
    auc, error = mean_and_error([measure["auc"] for measure in measures])
    return {"auc": auc, "auc_seed_error": error, "auc_test_error": float(_drawn(measures).std(ddof=1))}


def difference(ours: Sequence[Mapping], others: Sequence[Mapping]) -> dict:
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


def _feature_rows(run: Run, count: int) -> list[dict]:
    rows, own, gate = [], run.of(f"{OWN} {count}"), run.of(f"{GATE} {count}")
    for name in SELECTORS:
        found = run.of(f"{name} {count}")
        row = {"method": f"{name} + retraining", "study": "features", "selector": name, "n_features": count}
        row |= estimate(found)
        row["jaccard"], row["jaccard_error"] = mean_jaccard([one["features"] for one in found])
        row["features"] = [[run.data.features[index] for index in one["features"]] for one in found]
        if name != GATE:
            row |= {f"gate_{key}": value for key, value in difference(gate, found).items()}
            row |= {f"gate_own_{key}": value for key, value in difference(own, found).items()}
        rows.append(row)
    return [*rows, {"method": OWN, "study": "features", "selector": OWN, "n_features": count, **estimate(own)}]


def _three(run: Run, method: str, asked: dict) -> list[dict]:
    pruned = run.of(method)
    shared = {
        **asked,
        "macs": float(np.mean([one["macs"] for one in pruned])),
        "parameters": float(np.mean([one["parameters"] for one in pruned])),
        "architectures": ["-".join(map(str, (len(one["features"]), *one["hidden"], 1))) for one in pruned],
        "active_nodes": [one["active_nodes"] for one in pruned],
    }
    rows = [{"method": PRUNED, **shared, **estimate(pruned)}]
    retrained = {name: run.of(f"{method}, {length}") for length, name in RETRAINED.items()}
    aucs = {name: float(np.mean([one["validation_auc"] for one in found])) for name, found in retrained.items()}
    for name, found in retrained.items():
        picked = {"validation_auc": aucs[name], "validation_picks_it": aucs[name] == max(aucs.values())}
        rows.append({"method": name, **shared, **estimate(found), **difference(pruned, found), **picked})
    return rows


def _drawn(measures: Sequence[Mapping]) -> np.ndarray:
    """Return the mean AUC over seeds for each bootstrap draw of the test sample."""
    return np.mean([measure["bootstrap_aucs"] for measure in measures], axis=0)
