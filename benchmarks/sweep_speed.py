#!/usr/bin/env python3
"""Designs per second of a sweep of 5,000 on all cores, with nothing cached: 250 precisions, some by layer.

python benchmarks/sweep_speed.py [--json PATH]
"""

import argparse
import time

from jet_network import jet_network
from result import goal, write_result

from codesign.cli.json_option import add_json_option
from codesign.fpga import Grid, sweep


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    options = parser.parse_args()
    network, data = jet_network()
    names = [layer.name for layer in network.layers]
    by_layer = [
        dict(zip(names, bits)) for bits in ((5, 4, 4, 6), (6, 5, 5, 7), (7, 6, 5, 6), (4, 5, 6, 7), (8, 6, 6, 8))
    ]
    grid = Grid(
        weights=(4, 5, 6, 7, 8, *by_layer),
        activations=(6, 7, 8, 9, 10),
        inputs=(6, 7, 8, 9, 10),
        reuse_factors=(1, 2, 4, 8, 16, 32),
        implementations=("hls4ml-latency", "hls4ml-resource", "unrolled"),
        adder_levels_per_stage=(1, 2, 3, 4, 5, 6, 8, 10),
    )
    start = time.perf_counter()
    designs = sweep(network, data.x_test, data.y_test, grid, calibration=data.x_train[:20_000])
    seconds = time.perf_counter() - start
    rows = [{"method": "sweep", "designs": len(designs), "wall_s": seconds, "designs_per_s": len(designs) / seconds}]
    goals = [goal("designs", len(designs), ">=", 5000), goal("wall time of the sweep, s", seconds, "<=", 120)]
    write_result("sweep_speed", data.kind, rows, goals, path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
