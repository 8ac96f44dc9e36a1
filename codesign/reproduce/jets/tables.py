"""Tables of `codesign reproduce jets`: networks, costs at equal accuracy, published taggers."""

from collections.abc import Mapping, Sequence
from functools import partial

from codesign.reproduce.columns import Column, Table
from codesign.reproduce.jets.goals import compared_at, cost_of, covered, median_at
from codesign.reproduce.jets.methods import TITLES
from codesign.reproduce.jets.rows import peer_points, points_of
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.tasks import Task
from codesign.reproduce.study import Results, Run

_NOTES = (
    "accuracy, AUC: test events, emulated bit for bit; adder cost: da4ml 0.6, about LUTs; levels: adders on the "
    "critical path.",
    "cycles: with 5 levels between registers. CPU s: of the training, the teacher's apart.",
)
_TUNED_FRONT = "HGQ2's best: of its tuned front, 6 seeds, measured once on these events, and of what --peer adds."
_NO_PEER = "HGQ2: not run, so no goal compares with it; give --peer PYTHON, see codesign/reproduce/peers/README.md."
_COST_ROWS = 5
_NETWORKS = (
    Column("method", "method"),
    Column("setting", "setting", "g"),
    Column("test_accuracy", "accuracy", ".4f", error="test_accuracy_error"),
    Column("test_auc", "macro AUC", ".4f", error="test_auc_error"),
    Column("adder_cost", "adder cost", ",.0f"),
    Column("adder_levels", "levels", ".1f"),
    Column("latency_cycles", "cycles", ".1f"),
    Column("live_weights", "weights", ".0f"),
    Column("lut", "LUT (yosys)", ",.0f"),
    Column("ff", "FF (yosys)", ",.0f"),
    Column("train_cpu_s", "CPU s", ".0f"),
)
_GROWN = (
    Column("seed", "seed"),
    Column("trees", "tables"),
    Column("test_accuracy", "accuracy", ".4f"),
    Column("test_auc", "macro AUC", ".4f"),
    Column("adder_cost", "LUT, estimate", ",.0f"),
    Column("lut", "LUT (yosys)", ",.0f"),
    Column("ff", "FF (yosys)", ",.0f"),
    Column("adder_levels", "levels", ".0f"),
    Column("latency_cycles", "cycles", ".0f"),
)
_GROWN_NOTE = "each seed is one growth; inputs are words of 8 bits whose ranges are free."
_GATES = (
    *(Column(key, key) for key in ("method", "setting", "teacher")),
    Column("test_accuracy", "accuracy", ".4f"),
    Column("lut", "LUT (yosys)", ",.0f"),
    Column("ff", "FF (yosys)", ",.0f"),
    Column("train_cpu_s", "CPU s", "g"),
    Column("source", "measured once by"),
)
_GATES_NOTE = (
    "measured once, one seed, not in this run; inputs of 7 or 8 bits of a free range, conifer's ap_fixed<12,4>."
)
_PUBLISHED = (
    *(Column(key, key) for key in ("method", "model", "dataset", "accuracy", "lut", "ff", "dsp")),
    Column("latency_ns", "latency, ns"),
)


def make_tables(task: Task, run: Run) -> list[Table]:
    """Return the tables."""
    networks = [row for row in run.rows if "setting" in row]
    tables = [Table(f"{run.study.title}, {len(run.seeds)} seeds", _NETWORKS, networks, _NOTES)]
    grown = [row for row in run.rows if "trees" in row]
    if grown:
        tables.append(Table(TITLES["tables"], _GROWN, grown, [_GROWN_NOTE]))
    tables.append(cost_table(run.results, run.settings, task, peer_points(task, run.results)))
    gates = task.gates()
    if gates:
        tables.append(Table("Other tables and gates, on the same events", _GATES, gates, [_GATES_NOTE]))
    published = task.published()
    if published:
        title = "Published, on the public hls4ml jets: another data set"
        tables.append(Table(title, _PUBLISHED, published, data_kind="REAL"))
    return tables


def cost_table(results: Results, settings: JetsSettings, task: Task, peer: Sequence[Mapping] | None) -> Table:
    """Return the table of costs at equal accuracy: the median over seeds of each method's front.

    Args:
        peer: points of HGQ2, all together; None if it was not run.
    """
    ours = points_of(results, "posterior")
    accuracies = [accuracy for accuracy, _ in task.targets] or list(compared_at(task, ours, peer, _COST_ROWS))
    read = {}  # heading -> accuracy -> cost
    for family, title in TITLES.items():
        points = points_of(results, family)
        if points and family != "peer":
            read[title.format(bits=settings.bits)] = partial(median_at, points)
    if ours and all("lut" in point for points in ours.values() for point in points):
        read["its LUT (yosys)"] = partial(median_at, ours, key="lut")
    if grown := points_of(results, "tables"):
        read["tables' LUT (yosys)"] = partial(median_at, grown, key="lut")
    if peer is not None:
        read["HGQ2's best"] = partial(cost_of, peer)
    if task.targets:
        read["goal"] = dict(task.targets).get
    rows = [{"accuracy": at, **{heading: cost(at) for heading, cost in read.items()}} for at in accuracies]
    columns = [Column("accuracy", "accuracy", ".4f"), *(Column(heading, heading, ",.0f") for heading in read)]
    title, note = "Adder cost at equal accuracy, median over seeds", _cost_note(ours, task, peer)
    return Table(title, columns, rows, [note], empty="none to compare at")


def _cost_note(ours: Mapping[int, Sequence[Mapping]], task: Task, peer: Sequence[Mapping] | None) -> str:
    if peer is None:
        return _NO_PEER
    if task.accuracies:
        return _TUNED_FRONT
    fronts = {"posterior precision (median of seeds)": list(ours.values()), "HGQ2 (all seeds)": [peer]}
    spans = [(name, *covered(found)) for name, found in fronts.items()]
    reach = ", ".join(
        f"{name} {low:.4f} to {high:.4f}" if low <= high else f"{name} nothing" for name, low, high in spans
    )
    return f"accuracies: what both fronts cover on test events; {reach}."
