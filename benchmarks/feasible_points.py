#!/usr/bin/env python3
"""Random designs of a sweep that an estimate calls feasible: are they, once they are synthesised?

python benchmarks/feasible_points.py [--points N] [--lut LUT] [--latency-ns NS] [--confidence P] [--near SHARE]
    [--seed SEED] [--json PATH]

The 16-64-32-32-5 tagger of benchmarks/jet_network.py is swept on GENERATED jets over weights, activations and adder
levels, unrolled; of the designs that meet the limits N are drawn at random, written as Verilog and synthesised.
LUTs are then Yosys', and cycles those of the pipeline. --near 0.8 draws those alone whose estimate is 0.8 to 1.0 of the
limit on LUTs; --confidence 0 takes the estimates as they are, with no margin for their errors.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from jet_network import jet_network
from result import goal, write_result

from codesign.cli.json_option import add_json_option
from codesign.fpga import Budget, Design, Grid, sweep
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog

BITS, LEVELS = {"weights": (2, 3, 4), "activations": (3, 4, 5, 6, 8)}, (1, 2, 3, 4, 6)


def synthesised(design: Design) -> tuple[int, float]:
    """Return the LUTs that Yosys counts, and the latency of the pipeline, ns."""
    with tempfile.TemporaryDirectory() as folder:
        levels = design.adder_levels_per_stage
        project = write_verilog(trace_circuit(design.network), Path(folder) / "rtl", adder_levels_per_stage=levels)
        report = synthesize_verilog(project)
    return report.lut, project.latency_cycles * design.clock_period_ns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=20, metavar="N")
    parser.add_argument("--lut", type=int, default=5000)
    parser.add_argument("--latency-ns", type=float, default=60.0)
    parser.add_argument("--confidence", type=float, default=0.9, metavar="P")
    parser.add_argument("--near", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--seed", type=int, default=0)
    add_json_option(parser, "also write the rows and goals as JSON")
    options = parser.parse_args()
    network, data = jet_network()
    grid = Grid(**BITS, implementations=("unrolled",), adder_levels_per_stage=LEVELS)
    designs = sweep(network, data.x_test[:2000], data.y_test[:2000], grid, jobs=1, progress=False)
    budget = Budget(lut=options.lut, latency_ns=options.latency_ns, confidence=options.confidence or None)
    feasible = [one for one in designs if budget.is_met(one) and one.report.lut >= options.near * budget.lut]
    chosen = np.random.default_rng(options.seed).permutation(len(feasible))[: options.points]
    rows, plain = [], replace(budget, confidence=None)
    print(f"{len(designs)} designs, {len(feasible)} feasible, {len(chosen)} drawn", file=sys.stderr)
    for design in (feasible[index] for index in chosen):
        lut, latency_ns = synthesised(design)
        holds = lut <= budget.lut and latency_ns <= budget.latency_ns
        row = {"method": design.label, "estimate_lut": design.report.lut, "yosys_lut": lut}
        row |= {"estimate_latency_ns": design.report.latency_ns, "latency_ns": latency_ns, "is_feasible": holds}
        rows.append(row | {"probability": budget.chances(design).joint, "by_estimate": plain.is_met(design)})
        said = f"{design.label}: {row['estimate_lut']:,} LUT, Yosys {lut:,}; {latency_ns:g} ns: {holds}"
        print(said, file=sys.stderr)
    held = sum(row["is_feasible"] for row in rows)
    goals = [goal(f"designs called feasible that are, of {len(rows)}", held, ">=", len(rows))]
    write_result("feasible_points", data.kind, rows, goals, path=options.json, seeds=[options.seed])


if __name__ == "__main__":
    main()
