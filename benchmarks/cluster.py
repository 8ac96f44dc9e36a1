"""What a Dask cluster costs beside this computer's processes, what a second worker brings, and what a design costs.

    python benchmarks/cluster.py [--designs 300] [--json PATH]

One sweep, by one process and by one and two workers of a Dask scheduler, each in a process of its own. Printed are the
overhead (one worker over one process), the ratio of two workers' wall time to one's, and unit costs. Results must be
equal to the bit.
"""

import argparse
import json
import os
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from codesign import Grid, Network, Runner, load_dataset, sweep
from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.network import DenseLayer

_REPEATS = 3


@contextmanager
def cluster(n_workers):
    """A scheduler and workers of one thread; gives the file that says where."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        options["env"] = {**os.environ, "OMP_NUM_THREADS": "1"}
        scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        worker = [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
        ]
        words = [*scheduler, "--no-dashboard", "--scheduler-file", file]
        started = [subprocess.Popen(words, **options)]  # nosec B603  # this Python's own scheduler; no shell
        try:
            while not file.exists():
                time.sleep(0.1)
            for _ in range(n_workers):
                words = [*worker, "--scheduler-file", file]
                started.append(subprocess.Popen(words, **options))  # nosec B603  # its workers; no shell
            yield str(file)
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


def timed(work, jobs):
    """Run a first design, which starts processes and imports, then the sweep; return its fastest time and designs."""
    work(jobs, first=True)
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        designs = work(jobs)
        seconds.append(time.perf_counter() - start)
    return min(seconds), designs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=300)
    add_json_option(parser, "also write the ratios as JSON")
    options = parser.parse_args()
    data, rng = load_dataset("jets_hlf"), np.random.default_rng(0)
    sizes = (data.n_features, 64, 32, 32, 5)
    layers = [
        DenseLayer(f"fc{n}", rng.normal(size=(i, o)) / i**0.5, np.zeros(o), "relu" if n < 3 else "linear")
        for n, (i, o) in enumerate(zip(sizes, sizes[1:]))
    ]
    network, per_precision = Network.chain(layers), 3
    n = max(1, options.designs // per_precision // 10)

    def work(jobs, *, first=False):
        reuse = (1, 2, 4)
        few = {"weights": (16, 17), "activations": (16,)}
        many = {"weights": tuple(range(4, 4 + n)), "activations": tuple(range(5, 15))}
        grid = Grid(**(few if first else many), implementations=("hls4ml-resource",), reuse_factors=reuse)
        return sweep(network, data.x_test, data.y_test, grid, jobs=jobs, progress=False)

    local, designs = timed(work, 1)
    found = {"process": local}
    for count in (1, 2):
        with cluster(count) as file, Runner(dask=file) as runner:
            while runner.count < count:
                time.sleep(0.2)
                runner._pool._look_at_workers()
            found[f"{count} Dask worker{'s' * (count > 1)}"], remote = timed(work, runner)
        if [one.as_dict() for one in remote] != [one.as_dict() for one in designs]:
            raise SystemExit("designs of the cluster differ from those of here")
    one, two = found["1 Dask worker"], found["2 Dask workers"]
    ratios = {
        "designs": len(designs),
        "test_events": len(data.x_test),
        "seconds": found,
        "overhead": one / local - 1,
        "two_over_one": two / one,
        "cpu_s_per_precision": local * per_precision / len(designs),
        "bytes_per_design": sum(len(json.dumps(design.as_dict())) for design in designs) / len(designs),
    }
    with json_on_standard_output(options):
        for name, value in ratios.items():
            print(f"{name}: {value}")
        if options.json:
            Path(options.json).write_text(json.dumps(ratios, indent=1))


if __name__ == "__main__":
    main()
