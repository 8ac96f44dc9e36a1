#!/usr/bin/env python3
"""Network.emulate against hls4ml's own way to the same numbers, in one run on one thread, interleaved.

    python benchmarks/emulate_speed.py [--json PATH] [--repeats N]

One precision setting of a 16-64-32-32-5 network on the 30,000 test jets: hls4ml converts, compiles with g++ and
predicts; emulate evaluates in integers. Both must give the same bits.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from jet_network import jet_network
from result import goal, write_result

from codesign.cli.json_option import add_json_option
from codesign.fpga import Design, write_hls4ml_project
from codesign.network import quantize_network


def timed(call: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Return the seconds of wall time of a call, and what it gave."""
    start = time.perf_counter()
    outputs = call()
    return time.perf_counter() - start, outputs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    network, data = jet_network()
    times = {"emulate": [], "hls4ml compile + predict": [], "hls4ml predict": []}
    different = 0
    for repeat in range(options.repeats):
        choice = {"weights": 6, "activations": 8 + repeat, "inputs": 8}
        with tempfile.TemporaryDirectory() as directory:
            quantised = quantize_network(network, data.x_train[:20_000], **choice)
            seconds, emulated = timed(lambda: quantised.emulate(data.x_test))
            times["emulate"].append(seconds)

            def from_scratch() -> np.ndarray:
                nonlocal project
                project = write_hls4ml_project(Design(quantised, "hls4ml-latency"), directory)
                return project.simulate(data.x_test)

            project = None
            seconds, simulated = timed(from_scratch)
            times["hls4ml compile + predict"].append(seconds)
            times["hls4ml predict"].append(timed(lambda: project.simulate(data.x_test))[0])
            different += int((emulated != simulated).any(1).sum())
    rows = [
        {
            "method": name,
            "median_s": statistics.median(s),
            "least_s": min(s),
            "most_s": max(s),
            "events": len(data.x_test),
            "threads": 1,
        }
        for name, s in times.items()
    ]
    median = {row["method"]: row["median_s"] for row in rows}
    goals = [
        goal(
            "compile + predict over emulate, ratio of times",
            median["hls4ml compile + predict"] / median["emulate"],
            ">=",
            20,
        ),
        goal("emulate 30,000 jets, s on one core", median["emulate"], "<=", 1.0),
        goal("events that differ in any bit", different, "==", 0),
    ]
    write_result("emulate_speed", data.kind, rows, goals, path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
