"""What one design of a sweep costs: CPU seconds, memory, storage; and many of them, by multiplication.

    python benchmarks/unit_costs.py [--designs 1000000] [--json PATH]

A dense 16-64-32-32-5 on the 30,000 test events of jets, three reuse factors for each of 100 precisions, by this
process. Products are linear extrapolations.
"""

import argparse
import gc
import json
import tempfile
import time
from pathlib import Path

import psutil
from cluster import HARDWARE, network_and_data

from codesign import Grid, sweep
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=1_000_000)
    add_json_option(parser, "also write the costs as JSON")
    options = parser.parse_args()
    one = costs_of_designs()
    many = {
        "cpu_hours": one["cpu_s"] * options.designs / 3600,
        "memory_gb": one["memory_bytes"] * options.designs / 1e9,
        "storage_gb": one["storage_bytes"] * options.designs / 1e9,
    }
    found = {"design": one, f"{options.designs} designs": many}
    with json_on_standard_output(options):
        print(json.dumps(found, indent=1))
        if options.json:
            Path(options.json).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
