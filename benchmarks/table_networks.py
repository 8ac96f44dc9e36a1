#!/usr/bin/env python3
"""The front of table networks that one growth gives on a packaged sample: LUTs, and metrics on validation and test.

    python benchmarks/table_networks.py jets_hlf [--seed N] [--words free|given] [--max-lut N] [--yosys] [--csv PATH]

A tenth of the training events is held out; growth ends, and networks are chosen, by these. An ensemble of four dense
nets teaches. Words are 8 bits of a range that is chosen for each feature (free), or 12 bits from -8 to 8 standard
deviations of all of them (given). With --directory, what was trained and grown is kept there, so that a run that was
stopped goes on. LUTs are counted in the circuit; --yosys synthesises it too. table_networks.csv holds measured rows.
"""

import argparse
import csv
import os
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np

from codesign.data import Dataset, Words, load_dataset, load_pid
from codesign.metrics import find_metric
from codesign.network import FixedPoint, Network
from codesign.tables import Grown, grow_tables

DATA = ("jets_hlf", "hbb", "quark_gluon", "b_decay", "pid")
GIVEN = FixedPoint(12, 4, True, "RND", "SAT")
COLUMNS = ("data", "words", "seed", "lut", "yosys_lut", "levels", "trees", "val_accuracy", "val_auc")
COLUMNS += ("test_accuracy", "test_auc", "cpu_s")
_TEACHERS, _HELD_OUT = 4, 0.1


def load(name: str) -> Dataset:
    """Return standardised events: of pid 100,000 tracks for training and 30,000 for testing."""
    data = load_pid(130_000, test_share=3 / 13, seed=1) if name == "pid" else load_dataset(name)
    return data.standardized()


def taught(rest: Dataset, parts: list[np.ndarray], folder: Path | None, seed: int) -> tuple[list[np.ndarray], float]:
    """Return what an ensemble says of events: probabilities of each part, and the CPU s of its training."""
    from codesign.methods.settings import MethodSettings
    from codesign.methods.task import Task
    from codesign.methods.teaching import MemberTraining, Taught
    from codesign.methods.trained import Place

    task, networks, cpu_s = Task.of(rest), [], 0.0
    settings = MethodSettings.for_task(task)
    for member in range(_TEACHERS):
        training = MemberTraining(task, settings, seed * _TEACHERS + member)
        found = training.run(Place.at(folder, f"teacher_{member}"), lambda share: None)
        networks += found.networks
        cpu_s += found.cpu_s
    teacher = Taught(task, networks)
    return [teacher.predict(part) for part in parts], cpu_s


def words_of(kind: str, rest: Dataset) -> tuple[FixedPoint, object]:
    """Return the type of the inputs, and what makes them of standardised events."""
    if kind == "given":
        return GIVEN, GIVEN.quantize
    words = Words.free(rest.x_train, rest.y_train, rest.features)
    return words.precision, words.encode


def grow(rest: Dataset, held: np.ndarray, options: argparse.Namespace, folder: Path | None) -> tuple[tuple, object]:
    """Return the networks of one growth, with LUTs and CPU s, and what makes their inputs."""
    precision, encode = words_of(options.words, rest)
    said, teacher_s = taught(rest, [rest.x_train, held.x], folder, options.seed)
    is_binary = rest.n_classes == 2
    found = grow_tables(
        encode(rest.x_train),
        said[0],
        precision,
        loss="logistic" if is_binary else "softmax",
        validation=(encode(held.x), said[1]),
        max_lut=options.max_lut,
        seed=options.seed,
        report=lambda share: print(f"\r{options.data} {share:4.0%}", end="", flush=True),
    )
    print(f"\r{options.data}: {found.cpu_s:.0f} CPU s of growth, {teacher_s:.0f} of the teacher")
    return found.front, (encode, found.cpu_s + teacher_s)


def judged(network: Network, encode: object, parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Return the accuracy and the AUC on each part, (x, y); of several classes the mean AUC of one against the rest."""
    row = {}
    for name, (x, y) in parts.items():
        outputs = network.emulate(encode(x))
        for metric in ("accuracy", "auc"):
            row[f"{name}_{metric}"] = round(find_metric(metric).evaluate(outputs, y).value, 5)
    return row


def yosys_luts(network: Network) -> int:
    """Return the LUTs that Yosys counts in the Verilog of a network."""
    import tempfile

    from codesign import Budget, Design  # noqa: F401
    from codesign.fpga.rtl.verilog import write_verilog
    from codesign.fpga.rtl.yosys import synthesize_verilog

    raise NotImplementedError(network, tempfile, write_verilog, synthesize_verilog)


def main() -> None:
    options = arguments()
    data = load(options.data)
    rest, held = data.hold_out(_HELD_OUT, seed=0)
    folder = options.directory and Path(options.directory) / f"{options.data}_{options.words}_{options.seed}"
    front, (encode, cpu_s) = grow(rest, held, options, folder)
    parts = {"val": (held.x, held.y), "test": (data.x_test, data.y_test)}
    shared = {"data": options.data, "words": options.words, "seed": options.seed, "cpu_s": round(cpu_s)}
    for one in front:
        row = shared | {"lut": one.lut, "trees": one.trees} | judged(one.network, encode, parts)
        print(row)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=DATA)
    parser.add_argument("--words", choices=("free", "given"), default="free")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-lut", type=int, default=2200)
    parser.add_argument("--yosys", action="store_true", help="synthesise the networks too")
    parser.add_argument("--directory", help="keeps what is trained and grown")
    parser.add_argument("--csv", help="file that measured rows are added to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
