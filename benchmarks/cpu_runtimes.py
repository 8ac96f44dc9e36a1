#!/usr/bin/env python3
"""Generated C++ against other CPU runtimes: small dense networks of random weights (He), one thread, the same events.

python benchmarks/cpu_runtimes.py [--json PATH] [--repeats N] [--sizes 59-150-6 ...]

Needs g++, and the peers (pip install '.[runtimes]'): onnx==1.23.2 onnxruntime==1.31.1 openvino==2026.4.1
emlearn==0.23.2. LiteRT, ONNX Runtime and OpenVINO are called through their C APIs, inputs in place; emlearn is compiled
with -O3 -march=native -ffast-math. The goals compare the least CPU time of each, over interleaved repeats, so that
other programs cost nothing.
"""

import argparse
import sys

import numpy as np
from result import goal, write_result

from codesign.cli.json_option import add_json_option
from codesign.cpu import Timing, time_networks
from codesign.errors import CodesignError
from codesign.network import DenseLayer, Network

OUTPUTS = {
    "6-15-1": "sigmoid",
    "17-15-1": "sigmoid",
    "59-30-6": "linear",
    "59-150-6": "linear",
    "16-64-32-32-5": "linear",
}
PEERS = ("litert", "onnxruntime", "openvino", "emlearn")
BATCHES = (1, 1000, 100_000)
SEED = 1


def random_chain(size: str) -> Network:
    """Return a network with ReLU between its layers."""
    rng, sizes = np.random.default_rng(SEED), [int(number) for number in size.split("-")]
    layers = []
    for index, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        kernel = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)
        activation = "relu" if index < len(sizes) - 2 else OUTPUTS[size]
        layers.append(DenseLayer(f"layer_{index}", kernel, 0.1 * rng.standard_normal(n_out), activation))
    return Network.chain(layers)


def make_goals(timings: list[Timing]) -> list[dict]:
    """Return a goal per size and batch: the fastest peer over the generated C++."""
    goals = []
    for size in OUTPUTS:
        for batch in BATCHES:
            times = {one.runtime: one.best_cpu_ns for one in timings if (one.network, one.batch) == (size, batch)}
            peers = {name: times[name] for name in PEERS if name in times}
            ratio = min(peers.values()) / times["cpp"] if len(peers) == len(PEERS) else None
            nearest = f" (nearest: {min(peers, key=peers.get)})" if peers else ""
            goals.append(goal(f"fastest peer over C++, {size}, batch {batch}{nearest}", ratio, ">=", 1.0))
    return goals


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--repeats", type=int, default=25, metavar="N")
    parser.add_argument(
        "--sizes", nargs="+", choices=OUTPUTS, default=list(OUTPUTS), metavar="SIZE", help=", ".join(OUTPUTS)
    )
    options = parser.parse_args()
    timings: list[Timing] = []
    try:
        for size in options.sizes:
            timings += time_networks(
                {size: random_chain(size)}, runtimes=[*PEERS, "json", "cpp"], batches=BATCHES, repeats=options.repeats
            )
    except CodesignError as error:
        print(error, file=sys.stderr)
        return 1
    rows = [{"method": f"{one.network}, {one.runtime}, batch {one.batch}", **one.as_dict()} for one in timings]
    write_result("cpu_runtimes", "GENERATED", rows, make_goals(timings), path=options.json, seeds=[SEED])
    return 0


if __name__ == "__main__":
    sys.exit(main())
