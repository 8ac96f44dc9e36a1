#!/usr/bin/env python3
"""Generated integers of fixed-point networks against LiteRT int8 and the generated float C++, one thread.

    python benchmarks/cpp_integer.py [--json PATH] [--repeats N] [--batches N ...]

Needs g++. Networks of random weights, quantised to the bits that are named, with ReLU in between: dense ones, and
sparse ones whose smallest weights are 0; "few bits" is about what a posterior network of 600 adders is: 4-bit weights,
90 % zeros, 6-bit values. LiteRT runs each as int8 of its own, on float32 events, as `codesign time` does; the integers
take codes. All in turn in every repeat; goals compare the least CPU time of each. Every header is compared with
Network.emulate first, bit for bit, on random and on extreme codes, for all events at once and one by one.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from result import goal, write_result

from codesign.cli.json_option import add_json_option
from codesign.cpu import Timing, time_networks
from codesign.errors import CodesignError
from codesign.export import write_cpp_integer
from codesign.export.cpp_integer.library import check_emulator
from codesign.network import DenseLayer, Network, quantize_network

RUNTIMES = ("litert-int8", "cpp", "cpp-integer")
JETS, HBB = (16, 64, 32, 32, 5), (100, 64, 64, 10)
GOAL_BATCH, SEED = 100_000, 1


def random_network(sizes: tuple[int, ...], weights: int, values: int, zeros: float = 0.0) -> Network:
    """Return a network with types, of which a share of the weights is 0; of 2 bits: -1, 0 and 1."""
    rng, layers = np.random.default_rng(SEED), []
    for index, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        kernel = rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in / (1 - zeros))
        kernel *= np.abs(kernel) >= np.quantile(np.abs(kernel), zeros)
        kernel = np.sign(kernel) / 2 if weights == 2 else kernel
        activation = "relu" if index < len(sizes) - 2 else "linear"
        layers.append(DenseLayer(f"layer_{index}", kernel, 0.1 * rng.standard_normal(n_out), activation))
    x = rng.standard_normal((2000, sizes[0]))
    return quantize_network(Network.chain(layers), x, weights=weights, activations=values, inputs=values)


def networks() -> dict[str, tuple[Network, float]]:
    """Return what is timed, and how many times faster than LiteRT int8 it is to be."""
    return {
        "16-64-32-32-5, 8 bits": (random_network(JETS, 8, 8), 1.0),
        "100-64-64-10, 8 bits": (random_network(HBB, 8, 8), 1.0),
        "16-64-32-32-5, 8 bits, 75 % zeros": (random_network(JETS, 8, 8, 0.75), 2.0),
        "16-64-32-32-5, ternary, 50 % zeros": (random_network(JETS, 2, 6, 0.5), 2.0),
        "16-64-32-32-5, few bits": (random_network(JETS, 4, 6, 0.9), 2.0),
    }


def count_checked(network: Network) -> int:
    """Return on how many events a header gives the integers of Network.emulate; it raises unless on all."""
    x = np.random.default_rng(SEED).standard_normal((1000, network.n_inputs))
    with tempfile.TemporaryDirectory() as folder:
        header = write_cpp_integer(network, Path(folder, "network.hpp"))
        return check_emulator(network, header, x, namespace="network", name="the header").n_events


def make_goals(timings: list[Timing], batches: list[int]) -> list[dict]:
    """Return a goal for each network in the largest batch, and the ratios in the others."""
    times = {(one.network, one.runtime, one.batch): one.best_cpu_ns for one in timings}
    found = []
    for name, (_, wanted) in networks().items():
        for batch in batches:
            ratio = times[name, "litert-int8", batch] / times[name, "cpp-integer", batch]
            found.append(goal(f"LiteRT int8 over integers, {name}, batch {batch}", ratio, ">=", wanted))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--repeats", type=int, default=25, metavar="N")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 1000, GOAL_BATCH], metavar="N")
    options = parser.parse_args()
    models, rows = {name: network for name, (network, _) in networks().items()}, []
    try:
        for name, network in models.items():
            rows.append({"method": f"{name}, the same integers on events", "n_events": count_checked(network)})
        timings = time_networks(models, runtimes=RUNTIMES, batches=options.batches, repeats=options.repeats)
    except CodesignError as error:
        print(error, file=sys.stderr)
        return 1
    rows += [{"method": f"{one.network}, {one.runtime}, batch {one.batch}", **one.as_dict()} for one in timings]
    goals = make_goals(timings, options.batches)
    write_result("cpp_integer", "GENERATED", rows, goals, path=options.json, seeds=[SEED])
    return 0


if __name__ == "__main__":
    sys.exit(main())
