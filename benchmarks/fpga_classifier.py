#!/usr/bin/env python3
"""FpgaClassifier with one set of defaults on five data sets, at three budgets, beside HGQ2 at the same LUTs.

python benchmarks/fpga_classifier.py [--json PATH] [--data NAME ...] [--lut N ...] [--peer-results DIR] [--peer PYTHON]

Each fit runs in a process of its own, on raw events. Its network is synthesised by Yosys and judged on test events that
nothing was chosen on. HGQ2 0.2.0 gets the same events, standardised, a tenth of the training events held out; of all
points of its trainings at most as large, the one with the best AUC on those is compared. hgq2_points.csv holds what its
trainings gave once, with the LUTs by Yosys of the points that were compared; with DIR they are read from there, all are
synthesised, and trainings that are missing are run by PYTHON, see codesign/reproduce/peers/README.md.
"""

import argparse
import csv
import json
import os
import resource
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import sys
import tempfile
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np
from result import goal, write_result

from codesign import FpgaClassifier
from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.data import Dataset, load_dataset, load_pid
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.metrics import find_metric
from codesign.reproduce.jets.references import load_hgq2_front

DATA, LUTS = ("b_decay", "quark_gluon", "hbb", "jets_hlf", "pid"), (200, 500, 2000)
_LIMIT_S = 180
_SMALL = "--hidden 32 16 16 --beta 1e-5 1e-2"  # less to overfit with, and cheap from the beginning
PEER_RUNS = {
    "b_decay": (
        "--epochs 1500 --batch 512",
        f"--epochs 800 --batch 512 {_SMALL}",
        "--epochs 1500 --batch 512 --seed 1",
    ),
    "quark_gluon": ("--epochs 1000 --batch 1024", f"--epochs 800 --batch 1024 {_SMALL}"),
    "hbb": ("--epochs 1000 --batch 2048", f"--epochs 800 --batch 1024 {_SMALL}"),
    "jets_hlf": ("--epochs 800 --batch 2048",),
    "pid": (
        "--epochs 800 --batch 2048",
        "--epochs 500 --batch 2048 --beta 1e-5 1e-2",
        "--epochs 1600 --batch 2048",
    ),
}
_PEER_SHARED = "--ebops 60 4500 --measure 24"


def load(name: str) -> Dataset:
    """Return events in physical units: of pid 100,000 tracks for training and 30,000 for testing."""
    return load_pid(130_000, test_share=3 / 13, seed=1) if name == "pid" else load_dataset(name)


def cpu_s() -> float:
    """Return the CPU s of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def fit_one(name: str, lut: int, jobs: int) -> dict:
    """Return what the default FpgaClassifier reaches within so many LUTs."""
    data, wall, cpu = load(name), time.perf_counter(), cpu_s()
    tagger = FpgaClassifier(max_lut=lut, n_jobs=jobs).fit(data.x_train, data.y_train)
    row = {"wall_s": time.perf_counter() - wall, "cpu_s": cpu_s() - cpu, "estimate": tagger.design_.report.lut}
    scores = tagger.decision_function(data.x_test)
    auc = find_metric("auc").evaluate(scores, data.y_test)
    with tempfile.TemporaryDirectory() as folder:
        built = tagger.synthesize(Path(folder) / "build", data.x_test[:1000])
    row |= {"lut": built.design.report.lut, "rtl_mismatches": built.agreement.rtl_mismatches}
    row |= {"latency_cycles": built.design.report.latency_cycles, "n_weights": tagger.network_.n_weights}
    return row | {"auc": auc.value, "auc_error": auc.error, "accuracy": tagger.score(data.x_test, data.y_test)}


def in_a_process(name: str, lut: int, jobs: int) -> dict:
    """Return what :func:`fit_one` does, in a process of its own; its error, if it has one."""
    command = [sys.executable, __file__, "--one", name, str(lut), "--jobs", str(jobs)]
    done = subprocess.run(command, capture_output=True, text=True)  # nosec B603  # this script; no shell
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def kept_points(name: str) -> list[dict]:
    """Return the points of HGQ2's trainings that come with this file; their LUTs are da4ml's cost if none is known."""
    with open(Path(__file__).with_name("hgq2_points.csv"), newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["data"] == name]
    numbers = ("adder_cost", "val_auc", "test_auc", "train_cpu_s", "epoch")
    points = [row | {key: float(row[key]) for key in numbers} for row in rows]
    return [point | {"lut": float(point["lut"] or point["adder_cost"])} for point in points]


def peer_points(name: str, folder: Path | None, python: str | None) -> list[dict]:
    """Return the points of HGQ2's trainings, each with its program; those that are missing are trained."""
    if folder is None:
        return kept_points(name)
    points = []
    for index, options in enumerate(PEER_RUNS[name]):
        found = folder / f"{name}-{index}.json"
        if not found.exists() and python is not None:
            train_peer(name, found, f"{options} {_PEER_SHARED}".split(), python)
        if found.exists():
            run = json.loads(found.read_text())
            shared = {"run": options, "train_cpu_s": run["train_cpu_s"]}
            points += [
                point | shared | {"program": found.with_suffix("") / f"epoch-{point['epoch']}.json"}
                for point in run["points"]
            ]
    return points


def train_peer(name: str, path: Path, options: list[str], python: str) -> None:
    """Train HGQ2 and leave its points and programs beside each other."""
    data = load(name).standardized()
    rest, held = data.hold_out(0.1, seed=0)
    events = {"x_train": rest.x_train, "y_train": rest.y_train, "x_val": held.x, "y_val": held.y}
    path.parent.mkdir(parents=True, exist_ok=True)
    script = Path(__file__).parents[1] / "codesign" / "reproduce" / "peers" / "hgq2.py"
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "events.npz", **events, x_test=data.x_test, y_test=data.y_test)
        words = [python, script, Path(folder) / "events.npz", "--json", path, "--programs", path.with_suffix("")]
        subprocess.run([*map(str, words), *options], check=True)  # nosec B603  # the Python that was named; no shell


def peer_at(points: list[dict], lut: int) -> dict | None:
    """Return the point with the best AUC on validation events of those within so many LUTs by Yosys."""
    for point in sorted(points, key=lambda one: -one["val_auc"]):
        if point["adder_cost"] <= 1.2 * lut:
            if "lut" not in point:
                point["lut"] = luts_of(point["program"])
            if point["lut"] <= lut:
                return point
    return None


def luts_of(program: Path) -> int:
    """Return the LUTs of da4ml's program, in the same Verilog and by the same synthesis as ours."""
    from da4ml.types import CombLogic

    graph = AdderGraph(CombLogic.load(program), None, {}, False, ())
    with tempfile.TemporaryDirectory() as folder:
        return synthesize_verilog(write_verilog(graph, Path(folder) / "rtl", adder_levels_per_stage=5)).lut


def published_at(name: str, lut: int) -> float | None:
    """Return the best test AUC of the tuned front of jets that comes with the package, by adder cost."""
    points = load_hgq2_front() if name == "jets_hlf" else []
    return max((point["test_auc"] for point in points if point["adder_cost"] <= lut), default=None)


def compare(name: str, lut: int, options: argparse.Namespace) -> dict:
    """Return one row of the table."""
    row = {"method": f"{name} {lut}", "data": name, "max_lut": lut, **in_a_process(name, lut, options.jobs)}
    row["within"] = row.get("lut", lut + 1) <= lut
    peer = peer_at(peer_points(name, options.peer_results, options.peer), lut)
    if peer is not None:
        row |= {f"hgq2_{key}": peer[key] for key in ("test_auc", "lut", "run", "train_cpu_s", "epoch")}
    tuned = published_at(name, lut)
    row["hgq2_auc"] = max((auc for auc in (tuned, row.get("hgq2_test_auc")) if auc is not None), default=None)
    print(json.dumps({key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}))
    return row


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--data", nargs="+", default=DATA, choices=DATA, metavar="NAME")
    parser.add_argument("--lut", type=int, nargs="+", default=LUTS, metavar="N")
    parser.add_argument("--jobs", type=int, default=-1, help="processes of each fit")
    parser.add_argument("--peer-results", type=Path, metavar="DIR")
    parser.add_argument("--peer", metavar="PYTHON", help="that has HGQ2")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "LUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    if options.one:
        print(json.dumps(fit_one(options.one[0], int(options.one[1]), options.jobs)))
        return
    rows = [compare(name, lut, options) for name in options.data for lut in options.lut]
    compared = [row for row in rows if row["hgq2_auc"] is not None]
    not_below = sum(row.get("auc", 0) >= row["hgq2_auc"] for row in compared)
    goals = [
        goal(f"AUC not below HGQ2's, of {len(compared)}", not_below, ">=", len(compared)),
        goal(f"within the budget by Yosys, of {len(rows)}", sum(row["within"] for row in rows), ">=", len(rows)),
        goal("s of wall time at most", max(row.get("wall_s", 1e9) for row in rows), "<=", _LIMIT_S),
    ]
    write_result("fpga_classifier", "REAL, GENERATED and STAND-IN", rows, goals, path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
