"""What `codesign reproduce jets` prints."""

from collections.abc import Mapping, Sequence

from rich.console import Console

from codesign.reproduce.jets.goals import covered
from codesign.reproduce.jets.rows import Results, cost_columns, network_columns, points_of, published_columns
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.tasks import Task
from codesign.reproduce.table import print_table

_NOTES = (
    "accuracy, AUC: test events, emulated bit for bit; adder cost: da4ml 0.6, about LUTs; levels: adders on the "
    "critical path.",
    "cycles: with 5 levels between registers. CPU s: of the training, the teacher's apart.",
)
_TUNED_FRONT = "HGQ2's best: of its tuned front, 6 seeds, measured once on these events, and of what --peer adds."
_NO_PEER = "HGQ2: not run, so no goal compares with it; give --peer PYTHON, see benchmarks/peers/README.md."


def print_networks(rows: Sequence[Mapping], task: Task, data_kind: str, seeds: Sequence[int], console: Console) -> None:
    """Print the table of networks."""
    print_table(f"{task.title}, {len(seeds)} seeds", data_kind, network_columns(rows), console=console, notes=_NOTES)


def print_costs(
    results: Results,
    settings: JetsSettings,
    task: Task,
    data_kind: str,
    *,
    peer: Sequence[Mapping] | None,
    console: Console,
) -> None:
    """Print the table of costs at equal accuracy, and published taggers.

    Args:
        peer: points of HGQ2, all together; None if it was not run.
    """
    columns = cost_columns(results, settings, task, peer)
    title, note = "Adder cost at equal accuracy, median over seeds", _cost_note(results, task, peer)
    if columns["accuracy"]:
        print_table(title, data_kind, columns, console=console, notes=[note])
    else:
        console.print(f"{title}: none to compare at. {note}", style="dim", soft_wrap=True)
    published = task.published()
    if published:
        title = "Published, on the public hls4ml jets: another data set"
        print_table(title, "REAL", published_columns(published), console=console)


def _cost_note(results: Results, task: Task, peer: Sequence[Mapping] | None) -> str:
    if peer is None:
        return _NO_PEER
    if task.accuracies:
        return _TUNED_FRONT
    fronts = {
        "posterior precision (median of seeds)": list(points_of(results, "posterior").values()),
        "HGQ2 (all seeds)": [peer],
    }
    spans = [(name, *covered(found)) for name, found in fronts.items()]
    reach = ", ".join(
        f"{name} {low:.4f} to {high:.4f}" if low <= high else f"{name} nothing" for name, low, high in spans
    )
    return f"accuracies: what both fronts cover on test events; {reach}."
