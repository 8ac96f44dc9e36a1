"""What one design of a sweep costs: CPU seconds, memory, storage; what one training does; and many, by multiplication.

    python benchmarks/unit_costs.py [--designs 1000000] [--json PATH]
    python benchmarks/unit_costs.py --trainings 1000 [--methods NAME ...] [--epochs N] [--json PATH]

A dense 16-64-32-32-5 on the 30,000 test events of jets, three reuse factors for each of 100 precisions, by this
process. With --trainings one training of each method on jets instead, in a process of its own: its largest resident
memory, imports and events included, what of that was there before the training began, and the files that it leaves.
Products are linear extrapolations.
"""

import argparse
import gc
import json
import resource
import subprocess  # nosec B404  # this Python with this file, never a shell
import sys
import tempfile
import time
from pathlib import Path

import psutil
from cluster import HARDWARE, network_and_data

from codesign import Budget, Grid, TrainingSearch, load_dataset, sweep, train_designs
from codesign.cli.json_option import add_json_option, json_on_standard_output


def resident_bytes():
    gc.collect()
    return psutil.Process().memory_info().rss


def costs_of_designs():
    """A sweep by this process, with its file."""
    network, data = network_and_data()
    given = (network, data.x_test, data.y_test)
    sweep(*given, Grid(weights=(16, 17), activations=(16,), **HARDWARE), jobs=1, progress=False)  # imports
    grid = Grid(weights=tuple(range(4, 14)), activations=tuple(range(5, 15)), **HARDWARE)
    with tempfile.TemporaryDirectory() as folder:
        path, before, start = Path(folder) / "sweep.jsonl", resident_bytes(), time.process_time()
        designs = sweep(*given, grid, jobs=1, progress=False, cache=path)
        cpu_s, taken = time.process_time() - start, resident_bytes() - before
        stored = path.stat().st_size
    n = len(designs)
    return {"cpu_s": cpu_s / n, "memory_bytes": taken / n, "storage_bytes": stored / n}


def train_here(method, epochs, folder):
    """One training by this process; print the memory that was taken before it, and at most, and its CPU seconds."""
    data, before, start = load_dataset("jets_hlf").standardized(), resident_bytes(), time.process_time()
    settings = {"teacher": None, "epochs": epochs, "jobs": 1, "progress": False, "directory": folder}
    if method == "posterior":  # which else trains a network for each of several sizes
        settings["search"] = TrainingSearch(trainings=1, layers=(3, 3), units=(32, 64))
    train_designs(data, Budget(lut=100_000), methods=(method,), **settings)
    largest = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"before_bytes": before, "memory_bytes": largest, "cpu_s": time.process_time() - start}))


def costs_of_training(method, epochs):
    """One training of a method by a process of its own, and the files that it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, __file__, "--train", method, "--into", folder, "--epochs", str(epochs or 0)]
        done = subprocess.run(words, capture_output=True, text=True)  # nosec B603  # no shell
        if done.returncode:
            raise SystemExit(done.stderr)
        files = [path for path in Path(folder, "trainings").rglob("*") if path.is_file()]
        sizes = {"storage_bytes": sum(path.stat().st_size for path in files), "files": len(files)}
        return {**json.loads(done.stdout.splitlines()[-1]), **sizes}


def print_trainings(options):
    one = {method: costs_of_training(method, options.epochs) for method in options.methods}
    many = {
        method: {
            "storage_gb": found["storage_bytes"] * options.trainings / 1e9,
            "memory_gb_of_100_at_once": found["memory_bytes"] * 100 / 1e9,
        }
        for method, found in one.items()
    }
    write({"training": one, f"{options.trainings} trainings": many}, options)


def write(found, options):
    with json_on_standard_output(options):
        print(json.dumps(found, indent=1))
        if options.json:
            Path(options.json).write_text(json.dumps(found, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=1_000_000)
    parser.add_argument("--trainings", type=int)
    parser.add_argument("--methods", nargs="+", default=["posterior"])
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--into", help=argparse.SUPPRESS)
    add_json_option(parser, "also write the costs as JSON")
    options = parser.parse_args()
    if options.train is not None:
        return train_here(options.train, options.epochs or None, options.into)
    if options.trainings is not None:
        return print_trainings(options)
    one = costs_of_designs()
    many = {
        "cpu_hours": one["cpu_s"] * options.designs / 3600,
        "memory_gb": one["memory_bytes"] * options.designs / 1e9,
        "storage_gb": one["storage_bytes"] * options.designs / 1e9,
    }
    return write({"design": one, f"{options.designs} designs": many}, options)


if __name__ == "__main__":
    main()
