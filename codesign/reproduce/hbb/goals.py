"""The goals of `codesign reproduce hbb`."""

from collections.abc import Iterator

from codesign.report.result import goal
from codesign.reproduce.hbb.jobs import CANCEL_OUT, EXACT, MUTUAL_INFORMATION
from codesign.reproduce.study import Run

_COUNTS = (1, 2, 4, 8, 16, 24, 32)
_ONE_SIGMA, _TWO_SIGMA = -1.0, 2.0
_OURS = {"gate": "both retrained", "gate_own": "the gate's network from its one fit"}


def make_goals(run: Run) -> Iterator[dict]:
    """Yield the gate against other selectors, pruned networks against retrained ones, and whether counts are exact."""
    for name in (CANCEL_OUT, MUTUAL_INFORMATION):
        for row in run.rows:
            if row["study"] == "features" and row["selector"] == name and row["n_features"] in _COUNTS:
                title = f"AUC at {row['n_features']} features, gate - {name}, in combined standard errors"
                for key, ours in _OURS.items():
                    yield goal(f"{title}, {ours}", row[f"{key}_difference_in_errors"], ">=", _ONE_SIGMA)
    for row in run.rows:
        if row["study"] == "nodes" and row["active_nodes_percent"] < 100 and row.get("validation_picks_it"):
            title = f"AUC at {row['active_nodes_percent']:.4g} % of the nodes, |pruned - retrained|"
            yield goal(
                f"{title}, in combined standard errors, {row['method']}",
                abs(row["difference_in_errors"]),
                "<=",
                _TWO_SIGMA,
            )
    runs = list(run.results[EXACT].values())
    exact = 100.0 * sum(one["is_exact"] for one in runs) / len(runs)
    yield goal(f"exact counts in {len(runs)} randomised trainings, %", exact, "==", 100.0)
