"""Tables of `codesign reproduce hbb`: features, stability, nodes and budgets."""

from collections.abc import Sequence

from codesign.reproduce.columns import Column, Table, with_error
from codesign.reproduce.hbb.jobs import CANCEL_OUT, GATE, MUTUAL_INFORMATION, OWN, PATIENT, SCRATCH, SELECTORS
from codesign.reproduce.hbb.rows import PRUNED, RETRAINED

_ERRORS = (
    "0.9513(4): AUC, standard error over seeds in the last digit; test: error from the test sample, by the bootstrap"
)
_SIGMA = (
    "sigma: difference over sqrt(se^2 + se^2 + test^2): both standard errors over seeds, bootstrap error of the "
    "difference"
)
_FEATURE_NOTES = (
    "gate, CancelOut, mutual information: a network trained from scratch on what each chose",
    _ERRORS,
    _SIGMA,
)
_STABILITY_NOTE = (
    "mean over pairs of seeds of |A and B| / |A or B|; every seed draws other events; jackknife error over seeds"
)
_NETWORK_NOTES = (
    "as long, longer: the same architecture and features from scratch, for as many epochs, or several times as many;",
    "*: the better of the two on validation events",
    _SIGMA,
)
_COUNT = Column("n_features", "features")
_SHORT = {CANCEL_OUT: "CancelOut", MUTUAL_INFORMATION: "mutual inf."}
_FEATURES = (
    _COUNT,
    *(Column(f"{name}: auc", name, ".4f", error=f"{name}: auc_seed_error") for name in (OWN, *SELECTORS)),
    Column(f"{GATE}: auc_test_error", "test", ".4f"),
    *(
        Column(f"{name}: {key}_difference_in_errors", f"{ours} - {short}, sigma", "+.1f")
        for name, short in _SHORT.items()
        for key, ours in (("gate", "gate"), ("gate_own", "own"))
    ),
)
_STABILITY = (
    _COUNT,
    *(Column(f"{name}: jaccard", name, ".2f", error=f"{name}: jaccard_error") for name in SELECTORS),
)
_NETWORKS = (
    Column(f"{PRUNED}: macs", "MACs", ".0f"),
    Column(f"{PRUNED}: architectures", "architectures", lambda names: ", ".join(sorted(set(names)))),
    Column(f"{PRUNED}: auc", "pruned", ".4f", error=f"{PRUNED}: auc_seed_error"),
    *(Column(f"{RETRAINED[length]}: auc_and_pick", length) for length in (SCRATCH, PATIENT)),
    Column(f"{PRUNED}: auc_test_error", "test", ".4f"),
    *(
        Column(f"{RETRAINED[length]}: difference_in_errors", f"pruned - {length}, sigma", "+.1f")
        for length in (SCRATCH, PATIENT)
    ),
)
_ASKED = {
    "nodes": ("AUC against active hidden nodes", Column("active_nodes_percent", "active nodes, %", ".4g")),
    "budget": ("One budget for inputs and hidden nodes", Column("budget_macs", "budget, MACs", ".4g")),
}


def make_tables(rows: Sequence[dict]) -> list[Table]:
    """Return the four tables."""
    features = _side_by_side([row for row in rows if row["study"] == "features"], "n_features", "selector")
    tables = [
        Table("AUC against the number of features", _FEATURES, features, _FEATURE_NOTES),
        Table("Stability of the choice over seeds", _STABILITY, features[:-1], [_STABILITY_NOTE]),
    ]
    for study, (title, column) in _ASKED.items():
        found = [row | {"auc_and_pick": _auc_and_pick(row)} for row in rows if row["study"] == study]
        lines = _side_by_side(found, column.key, "method")
        tables.append(Table(title, (column, *_NETWORKS), lines, _NETWORK_NOTES))
    return tables


def _side_by_side(rows: Sequence[dict], at: str, by: str) -> list[dict]:
    """Return one line per value of `at`, which holds what the rows of every value of `by` hold, as ``"BY: KEY"``."""
    lines: dict[object, dict] = {}
    for row in rows:
        line = lines.setdefault(row[at], {at: row[at]})
        line.update({f"{row[by]}: {key}": value for key, value in row.items()})
    return list(lines.values())


def _auc_and_pick(row: dict) -> str:
    return with_error(row["auc"], row["auc_seed_error"]) + ("*" if row.get("validation_picks_it") else "")
