#!/usr/bin/env python3
"""The front of table networks that one growth gives on a packaged sample: LUTs, and metrics on validation and test.

    python benchmarks/table_networks.py jets_hlf [--seed N] [--words free|given] [--metric auc|accuracy]
        [--within LUT ...] [--yosys] [--csv PATH]

A tenth of the training events is held out; growth ends, and networks are chosen, by these. An ensemble of four dense
nets teaches, on the other events and on as many or more beside them. Words are 8 bits of a range that is chosen for
each feature (free), or 12 bits from -8 to 8 standard deviations of all of them (given). With --directory, what was
trained and grown is kept there, so that a run that was stopped goes on. LUTs are counted in the circuit; --yosys
synthesises it too. table_networks.csv holds measured rows.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np

from codesign.data import Dataset, Words, load_dataset, load_pid
from codesign.data.events import Events
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.methods.settings import MethodSettings
from codesign.methods.tables import sharpened
from codesign.methods.task import Task
from codesign.methods.teaching import MemberTraining, Taught, train_ensemble
from codesign.methods.trained import Place, Trained
from codesign.metrics import find_metric
from codesign.network import FixedPoint, Network
from codesign.tables import grow_tables

Encode = Callable[[np.ndarray], np.ndarray]
DATA = ("jets_hlf", "hbb", "quark_gluon", "b_decay", "pid")
GIVEN = FixedPoint(12, 4, True, "RND", "SAT")
COLUMNS = (
    "data",
    "words",
    "metric",
    "sums",
    "seed",
    "lut",
    "yosys_lut",
    "levels",
    "trees",
    "val_loss",
    "val_accuracy",
    "val_auc",
)
COLUMNS += ("test_accuracy", "test_auc", "cpu_s")
_KEY = COLUMNS[:5]
_HELD_OUT, _JITTER = 0.1, 0.1
_EVENTS = 200_000  # for growth, at least


def load(name: str) -> Dataset:
    """Return events in physical units: of pid 100,000 tracks for training and 30,000 for testing."""
    return load_pid(130_000, test_share=3 / 13, seed=1) if name == "pid" else load_dataset(name)


def taught(rest: Dataset, held: Events, folder: Path | None) -> tuple[Taught, float]:
    """Return the ensemble that teaches in :func:`codesign.train_designs`, and the CPU s of its training."""
    task, cpu_s = Task.of(rest), []

    def train(members: Sequence[MemberTraining]) -> list[Trained]:
        found = [one.run(place_of(one, folder), lambda share: None) for one in members]
        cpu_s.extend(one.cpu_s for one in found)
        return found

    networks = train_ensemble(task, MethodSettings.for_task(task), 0, held, train)
    return Taught(task, networks), sum(cpu_s)


def place_of(member: MemberTraining, folder: Path | None) -> Place:
    """Return the folder of a net of the ensemble."""
    return Place.at(folder, f"teacher_{'_'.join(map(str, member.settings.teacher_hidden))}_{member.seed}")


def more_events(x: np.ndarray, seed: int) -> np.ndarray:
    """Return events and, behind them, as many or more that are a little beside them: a teacher says what they are."""
    rng = np.random.default_rng(seed)
    copies = max(1, -(-_EVENTS // len(x)) - 1)
    more = (x + _JITTER * x.std(0) * rng.standard_normal(x.shape) for _ in range(copies))
    return np.concatenate([x, *more])


def words_of(kind: str, rest: Dataset, mean: np.ndarray, std: np.ndarray) -> tuple[FixedPoint, Encode]:
    """Return the type of the inputs, and what makes them of standardised events."""
    if kind == "given":
        return GIVEN, GIVEN.quantize
    words = Words.free(rest.x_train * std + mean, rest.y_train, rest.features)
    return words.precision, lambda x: words.encode(x * std + mean)


def grown(rest: Dataset, held: Events, options: argparse.Namespace, inputs: tuple[FixedPoint, Encode]) -> Trained:
    """Return the networks of one growth, with LUTs and trees in the history."""
    precision, encode = inputs
    folder = options.directory and Path(options.directory) / options.data
    place = Place.at(folder, f"{options.words}_{options.max_lut}_{options.metric}_{options.sums}_{options.seed}")
    if (found := place.trained()) is not None:
        return found
    teacher, teacher_s = taught(rest, held, folder)
    x = more_events(rest.x_train, options.seed)
    targets, held_targets = teacher.predict(x), teacher.predict(held.x)
    if options.metric == "accuracy":
        kind = Task.of(rest).kind
        targets, held_targets = sharpened(targets, kind), sharpened(held_targets, kind)
    growth = grow_tables(
        encode(x),
        targets,
        precision,
        loss="logistic" if rest.n_classes == 2 else "softmax",
        validation=(encode(held.x), held_targets),
        max_lut=options.max_lut,
        sums=options.sums,
        seed=options.seed,
        report=lambda share: print(f"\r{options.data} {share:4.0%}", end="", file=sys.stderr, flush=True),
    )
    print(f"\r{options.data}: {growth.cpu_s:.0f} CPU s of growth, {teacher_s:.0f} of the teacher", file=sys.stderr)
    history = tuple({"lut": one.lut, "trees": one.trees, "val_loss": round(one.loss, 5)} for one in growth.front)
    cpu_s = growth.cpu_s + teacher_s
    return place.keep_trained(Trained("tables", None, growth.networks, history, cpu_s))


def judged(network: Network, encode: Encode, parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Return the accuracy and the AUC on each part, (x, y); of several classes the mean AUC of one against the rest."""
    row = {}
    for name, (x, y) in parts.items():
        outputs = network.emulate(encode(x))
        for metric in ("accuracy", "auc"):
            row[f"{name}_{metric}"] = round(find_metric(metric).evaluate(outputs, y).value, 5)
    return row


def yosys_luts(network: Network) -> int:
    """Return the LUTs that Yosys counts in the Verilog of a network."""
    with tempfile.TemporaryDirectory() as folder:
        return synthesize_verilog(write_verilog(trace_circuit(network), Path(folder) / "rtl")).lut


def main() -> None:
    options = arguments()
    raw = load(options.data)
    data = raw.standardized()
    rest, held = data.hold_out(_HELD_OUT, seed=0)
    precision, encode = words_of(options.words, rest, *raw.mean_and_std())
    found = grown(rest, held, options, (precision, encode))
    parts = {"val": (held.x, held.y), "test": (data.x_test, data.y_test)}
    shared = {
        "data": options.data,
        "words": options.words,
        "metric": options.metric,
        "sums": options.sums,
        "seed": options.seed,
        "cpu_s": round(found.cpu_s),
    }
    rows = []
    for network, size in zip(found.networks, found.history):
        row = shared | size | {"levels": trace_circuit(network).at(4).levels} | judged(network, encode, parts)
        rows.append(row | ({"yosys_lut": yosys_luts(network)} if options.yosys else {}))
        print(", ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    for limit in options.within or ():
        best = min((row for row in rows if row["lut"] <= limit), key=lambda row: row["val_loss"])
        print(f"within {limit}, by the loss on validation events: {best}")
    if options.csv:
        add_rows(Path(options.csv), rows)


def add_rows(path: Path, rows: list[dict]) -> None:
    """Write rows into a CSV, in the place of those of the same data, words, metric, sums and seed."""
    kept = []
    if path.exists():
        with open(path, newline="") as file:
            kept = list(csv.DictReader(file))
    new = {tuple(str(row[name]) for name in _KEY) for row in rows}
    kept = [row for row in kept if tuple(row[name] for name in _KEY) not in new]
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows([*kept, *rows])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=DATA)
    parser.add_argument("--words", choices=("free", "given"), default="free")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-lut", type=int, default=2200)
    parser.add_argument(
        "--metric", choices=("auc", "accuracy"), default="auc", help="that networks are grown and chosen for"
    )
    parser.add_argument("--sums", type=int, default=0, help="of two inputs that may be asked too, at most")
    parser.add_argument("--within", type=int, nargs="*", help="LUTs: print the network that is chosen within each")
    parser.add_argument("--yosys", action="store_true", help="synthesise the networks too")
    parser.add_argument("--directory", help="keeps what is trained and grown")
    parser.add_argument("--csv", help="file that measured rows are added to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
