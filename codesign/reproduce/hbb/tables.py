"""Tables of `codesign reproduce hbb` in the terminal."""

from collections.abc import Sequence

from rich.console import Console

from codesign.reproduce.hbb.experiment import CANCEL_OUT, GATE, MUTUAL_INFORMATION, SELECTORS
from codesign.reproduce.hbb.summary import OWN
from codesign.reproduce.table import print_table, with_error

_ERRORS = (
    "0.9513(4): AUC, standard error over seeds in the last digit; test: error from the test sample, by the bootstrap"
)
_SIGMA = (
    "sigma: difference over sqrt(se^2 + se^2 + test^2): both standard errors over seeds, bootstrap error of the "
    "difference"
)


def print_tables(rows: Sequence[dict], data_kind: str, console: Console) -> None:
    """Print features, stability, nodes and budgets."""
    _print_features([row for row in rows if row["study"] == "features"], data_kind, console)
    _print_networks([row for row in rows if row["study"] == "nodes"], data_kind, console)
    _print_networks([row for row in rows if row["study"] == "budget"], data_kind, console)


def _print_features(rows: Sequence[dict], data_kind: str, console: Console) -> None:
    by_name = {name: [row for row in rows if row["selector"] == name] for name in (*SELECTORS, OWN)}
    columns = {"features": [row["n_features"] for row in by_name[GATE]]}
    columns[OWN] = [_auc(row) for row in by_name[OWN]]
    columns |= {name: [_auc(row) for row in by_name[name]] for name in SELECTORS}
    columns["test"] = [f"{row['auc_test_error']:.4f}" for row in by_name[GATE]]
    for name, short in ((CANCEL_OUT, "gate - CancelOut"), (MUTUAL_INFORMATION, "gate - mutual inf.")):
        columns[f"{short}, sigma"] = [f"{row['gate_difference_in_errors']:+.1f}" for row in by_name[name]]
        columns[f"own{short[4:]}, sigma"] = [f"{row['gate_own_difference_in_errors']:+.1f}" for row in by_name[name]]
    notes = ("gate, CancelOut, mutual information: a network trained from scratch on what each chose", _ERRORS, _SIGMA)
    print_table("AUC against the number of features", data_kind, columns, console=console, notes=notes)
    columns = {"features": columns["features"][:-1]}
    columns |= {name: [_jaccard(row) for row in by_name[name][:-1]] for name in SELECTORS}
    notes = (
        "mean over pairs of seeds of |A and B| / |A or B|; every seed draws other events; jackknife error over seeds",
    )
    print_table("Stability of the choice over seeds", data_kind, columns, console=console, notes=notes)


def _print_networks(rows: Sequence[dict], data_kind: str, console: Console) -> None:
    """Print pruned networks beside their architectures trained from scratch."""
    if not rows:
        return
    pruned, scratch, patient = rows[::3], rows[1::3], rows[2::3]
    by_share = "active_nodes_percent" in rows[0]
    asked = "active_nodes_percent" if by_share else "budget_macs"
    columns = {
        "active nodes, %" if by_share else "budget, MACs": [f"{row[asked]:.4g}" for row in pruned],
        "MACs": [f"{row['macs']:.0f}" for row in pruned],
        "architectures": [", ".join(sorted(set(row["architectures"]))) for row in pruned],
        "pruned": [_auc(row) for row in pruned],
        "as long": [_auc_if_picked(row) for row in scratch],
        "longer": [_auc_if_picked(row) for row in patient],
        "test": [f"{row['auc_test_error']:.4f}" for row in pruned],
        "pruned - as long, sigma": [f"{row['difference_in_errors']:+.1f}" for row in scratch],
        "pruned - longer, sigma": [f"{row['difference_in_errors']:+.1f}" for row in patient],
    }
    heading = "AUC against active hidden nodes" if by_share else "One budget for inputs and hidden nodes"
    notes = (
        "as long, longer: the same architecture and features from scratch, for as many epochs, or several times as "
        "many;",
        "*: the better of the two on validation events",
        _SIGMA,
    )
    print_table(heading, data_kind, columns, console=console, notes=notes)


def _auc(row: dict) -> str:
    return with_error(row["auc"], row["auc_seed_error"])


def _auc_if_picked(row: dict) -> str:
    return _auc(row) + ("*" if row["validation_picks_it"] else "")


def _jaccard(row: dict) -> str:
    return with_error(row["jaccard"], row["jaccard_error"], digits=2)
