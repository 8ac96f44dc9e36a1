"""What one design of a sweep and one training cost: CPU seconds, memory, storage; and many of them, by multiplication.

    python benchmarks/unit_costs.py [--epochs 3] [--designs 1000000] [--trainings 1000] [--json PATH]

A dense 16-64-32-32-5 on the 30,000 test events of jets, three reuse factors for each of 100 precisions; and the method
posterior on the training events, with so many epochs. Products are linear extrapolations, and say so.
"""

import argparse
import gc
import json
import tempfile
import time
from pathlib import Path

import psutil
from cluster import HARDWARE, network_and_data

from codesign import Budget, Grid, sweep, train_designs
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


def costs_of_trainings(epochs):
    """One training by posterior, its folder, and the largest memory of this process."""
    _, data = network_and_data()
    options = {"methods": ("posterior",), "hidden": (64, 32, 32), "teacher": None, "jobs": 1, "progress": False}
    with tempfile.TemporaryDirectory() as folder:
        front = train_designs(data, Budget(lut=20_000), epochs=epochs, directory=folder, **options)
        stored = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    n, cpu_s = len(front.history), sum(one["cpu_s"] for one in front.history)
    peak = psutil.Process().memory_info().rss
    return {"trainings": n, "epochs": epochs, "cpu_s": cpu_s / n, "memory_bytes": peak, "storage_bytes": stored / n}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--designs", type=int, default=1_000_000)
    parser.add_argument("--trainings", type=int, default=1000)
    add_json_option(parser, "also write the costs as JSON")
    options = parser.parse_args()
    design, training = costs_of_designs(), costs_of_trainings(options.epochs)
    found = {
        "design": design,
        "training": training,
        "extrapolated": {
            f"{options.designs} designs": {
                "cpu_hours": design["cpu_s"] * options.designs / 3600,
                "memory_gb": design["memory_bytes"] * options.designs / 1e9,
                "storage_gb": design["storage_bytes"] * options.designs / 1e9,
            },
            f"{options.trainings} trainings": {
                "cpu_hours": training["cpu_s"] * options.trainings / 3600,
                "storage_gb": training["storage_bytes"] * options.trainings / 1e9,
            },
        },
    }
    with json_on_standard_output(options):
        print(json.dumps(found, indent=1))
        if options.json:
            Path(options.json).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
