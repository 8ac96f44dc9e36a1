"""What a Dask cluster costs beside this computer's processes, what a second worker brings, and what a design costs.

    python benchmarks/cluster.py [--designs 300] [--repeats 3] [--dask-profiler] [--json PATH]

One sweep, in turn by one process and by one and two workers of a Dask scheduler, each in a process of its own. Printed
are the overhead (wall time of one worker over that of one process), the ratio of two workers' wall time to one's, the
CPU seconds of all processes together, which other work on the machine disturbs less, and unit costs. Wall times are
the shortest of the repeats. Results must be equal to the bit. Workers are started as docs/tasks/cluster.md says,
without the profiler that looks at each of Dask's workers 100 times a second; --dask-profiler leaves it on.
"""

import argparse
import json
import os
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import psutil

from codesign import Grid, Network, Runner, load_dataset, sweep
from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.network import DenseLayer

PROFILER = "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED"
HARDWARE = {"implementations": ("hls4ml-resource",), "reuse_factors": (1, 2, 4)}


@contextmanager
def cluster(n_workers, dask_profiler):
    """A scheduler and workers of one thread; gives a runner of them, and their processes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        options["env"] = {**os.environ, "OMP_NUM_THREADS": "1", PROFILER: str(dask_profiler)}
        dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        words = [*dask, "--no-dashboard", "--scheduler-file", file]
        started = [subprocess.Popen(words, **options)]  # nosec B603  # this Python's own scheduler; no shell
        try:
            while not file.exists():
                time.sleep(0.1)
            dask = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
            words = [*dask, "--no-dashboard", "--scheduler-file", file]
            for _ in range(n_workers):
                started.append(subprocess.Popen(words, **options))  # nosec B603  # its workers; no shell
            with Runner(dask=str(file)) as runner:
                while runner.count < n_workers:
                    time.sleep(0.2)
                yield runner, [psutil.Process(one.pid) for one in started]
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


def cpu_seconds(processes):
    """What they have taken so far, this process included."""
    times = [one.cpu_times() for one in (psutil.Process(), *processes)]
    return sum(one.user + one.system for one in times)


def network_and_data():
    """A dense network with random weights, and the test events of jets."""
    data, rng = load_dataset("jets_hlf"), np.random.default_rng(0)
    sizes = (data.n_features, 64, 32, 32, 5)
    layers = [
        DenseLayer(f"fc{n}", rng.normal(size=(i, o)) / i**0.5, np.zeros(o), "relu" if n < 3 else "linear")
        for n, (i, o) in enumerate(zip(sizes, sizes[1:]))
    ]
    return Network.chain(layers), data


def measure(grid, repeats, dask_profiler):
    """Return by each place the shortest wall time and CPU time of the sweep, and its designs."""
    network, data = network_and_data()
    first = Grid(weights=(16, 17), activations=(16,), **HARDWARE)  # starts processes, and imports
    found = {}
    with ExitStack() as stack:
        places = {"1 process": (1, ())}
        places |= {f"{n} Dask worker{'s' * (n > 1)}": stack.enter_context(cluster(n, dask_profiler)) for n in (1, 2)}
        for repeat in range(repeats + 1):
            for name, (jobs, processes) in places.items():
                before, start = cpu_seconds(processes), time.perf_counter()
                one = first if repeat == 0 else grid
                designs = sweep(network, data.x_test, data.y_test, one, jobs=jobs, progress=False)
                spent = time.perf_counter() - start, cpu_seconds(processes) - before
                if repeat:
                    found.setdefault(name, []).append((*spent, [design.as_dict() for design in designs]))
    if any(one[2] != found["1 process"][0][2] for runs in found.values() for one in runs):
        raise SystemExit("designs of a cluster differ from those of here")
    wall, cpu = ({name: min(one[k] for one in runs) for name, runs in found.items()} for k in (0, 1))
    return wall, cpu, found["1 process"][0][2], len(data.x_test)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--dask-profiler", action="store_true")
    add_json_option(parser, "also write the ratios as JSON")
    options = parser.parse_args()
    per_precision = len(HARDWARE["reuse_factors"])
    n = max(1, options.designs // per_precision // 10)
    grid = Grid(weights=tuple(range(4, 4 + n)), activations=tuple(range(5, 15)), **HARDWARE)
    wall, cpu, designs, n_events = measure(grid, options.repeats, options.dask_profiler)
    here, one, two = wall
    ratios = {
        "designs": len(designs),
        "test_events": n_events,
        "wall_s": wall,
        "cpu_s": cpu,
        "overhead": wall[one] / wall[here] - 1,
        "cpu_overhead": cpu[one] / cpu[here] - 1,
        "two_over_one": wall[two] / wall[one],
        "cpu_s_per_precision": cpu[here] * per_precision / len(designs),
        "bytes_per_design": sum(len(json.dumps(design)) for design in designs) / len(designs),
    }
    with json_on_standard_output(options):
        for name, value in ratios.items():
            print(f"{name}: {value}")
        if options.json:
            Path(options.json).write_text(json.dumps(ratios, indent=1))


if __name__ == "__main__":
    main()
