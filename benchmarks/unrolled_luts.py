#!/usr/bin/env python3
"""How near the estimate of unrolled networks is to what Yosys counts, and how often the count is in the interval.

python benchmarks/unrolled_luts.py [FILE ...] [--networks N] [--first SEED] [--tagger] [--fit] [--json PATH]

Networks are drawn at random, of 2 to 16 inputs, 1 to 3 layers of up to 24 units, 2 to 8 bits of weights, 4 to 10 of
activations, 0 to 85 % of zeros and 1 to 6 additions per stage, or read from files (network.json of builds). Those of
more than 5,000 additions' LUTs are left out: Yosys takes minutes for them. --tagger adds 17 designs of any size of the
trained tagger of benchmarks/jet_network.py, in which every unit saturates. --fit prints prices fitted to all of them.
The prices that are built in are of seeds 45 to 109, 200 to 239, 2040 to 2055, and of the tagger: measure on others.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from jet_network import jet_network
from result import goal, write_result
from scipy.optimize import nnls

from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.fpga import Design, estimate
from codesign.fpga.design.chances import limit_probability
from codesign.fpga.estimate.adder_counts import AdderCounts, adder_counts
from codesign.fpga.estimate.unrolled import OFFSET, AdderPrices
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.network import DenseLayer, Network, quantize_network

LARGEST = 5000
TAGGER = {  # bits of weights and activations -> additions per stage
    (3, 3): (2, 3, 4, 6),
    (3, 4): (2, 3, 4),
    (3, 6): (3, 4, 6),
    (4, 3): (2, 4, 6),
    (4, 4): (2, 3, 4, 6),
}
FIT_OFFSET = 60  # LUTs: the errors that are least squared are relative to the count and these


def drawn_design(seed: int) -> Design:
    rng = np.random.default_rng(seed)
    depth, n_in = int(rng.integers(1, 4)), int(rng.integers(2, 17))
    sizes = [n_in, *(int(rng.integers(2, 25)) for _ in range(depth - 1)), int(rng.integers(1, 6))]
    weights, activations = int(rng.integers(2, 9)), int(rng.integers(4, 11))
    sparsity = float(rng.choice([0, 0.3, 0.5, 0.7, 0.85]))
    layers = []
    for index, (before, units) in enumerate(zip(sizes, sizes[1:])):
        kernel = rng.normal(size=(before, units)) / np.sqrt(before) * (rng.random((before, units)) >= sparsity)
        activation = "relu" if index < depth - 1 else "linear"
        layers.append(DenseLayer(f"d{index}", kernel, rng.normal(size=units) / 8, activation))
    x = rng.normal(size=(400, n_in))
    network = quantize_network(Network.chain(tuple(layers)), x, weights=weights, activations=activations)
    return Design(network, adder_levels_per_stage=int(rng.integers(1, 7)), precision=f"w{weights} a{activations}")


def tagger_designs() -> Iterator[tuple[str, Design]]:
    network, data = jet_network()
    for (weights, activations), levels in TAGGER.items():
        found = quantize_network(network, data.x_test[:2000], weights=weights, activations=activations)
        precision = f"w{weights} a{activations}"
        for one in levels:
            yield f"tagger {precision} {one}", Design(found, adder_levels_per_stage=one, precision=precision)


def measured_rows(options: argparse.Namespace) -> Iterator[dict]:
    designs = [(str(path), Design(Network.load(path))) for path in options.files]
    seeds = range(options.first, options.first + options.networks)
    designs += tagger_designs() if options.tagger else ()
    for name, design in (*designs, *((f"random {seed}", drawn_design(seed)) for seed in seeds)):
        graph = trace_circuit(design.network)
        if graph.adder_cost > LARGEST and not name.startswith("tagger"):
            print(f"{name}: left out, about {graph.adder_cost:,} LUTs", flush=True)
            continue
        found, levels = estimate(design, graph=graph), design.adder_levels_per_stage
        with tempfile.TemporaryDirectory() as folder:
            project = write_verilog(graph, Path(folder) / "rtl", adder_levels_per_stage=levels)
            counted = synthesize_verilog(project)
        counts = asdict(adder_counts(graph, levels)) if isinstance(graph, AdderGraph) else {}
        low, high = found.interval("lut") or (found.lut, found.lut)
        row = {"method": name, "estimate_lut": found.lut, "yosys_lut": counted.lut, "low": low, "high": high}
        row |= {"estimate_ff": found.ff, "yosys_ff": counted.ff, "counts": counts}
        print(f"{name}: {found.lut:,} ({low:,.0f} - {high:,.0f}) LUT, Yosys {counted.lut:,}", flush=True)
        yield row


def print_fit(rows: list[dict]) -> None:
    """Print prices, and the half-width of a 90 % interval, each network left out in its turn."""
    rows = [row for row in rows if row["counts"] and row["yosys_lut"]]
    names = [name for name in rows[0]["counts"] if any(row["counts"][name] for row in rows)]
    bits = np.array([[row["counts"][name] for name in names] for row in rows], float)
    luts = np.array([row["yosys_lut"] for row in rows], float)
    scale = luts + FIT_OFFSET
    left_out, scores = np.zeros(len(rows)), []
    for index, row in enumerate(rows):
        others = np.arange(len(rows)) != index
        found = nnls((bits / scale[:, None])[others], (luts / scale)[others])[0]
        left_out[index] = bits[index] @ found
        prices = replace(AdderPrices(half_width=1.0), **dict(zip(names, found.tolist())))
        sides = prices.logarithms(AdderCounts(**row["counts"]))
        error = np.log((luts[index] + OFFSET) / (left_out[index] + OFFSET))
        scores.append(error / sides[int(error > 0)])
    print(dict(zip(names, nnls(bits / scale[:, None], luts / scale)[0].round(3).tolist())))
    half_width = np.quantile(scores, min(1.0, 0.9 * (1 + 1 / len(rows))))
    error = np.median(np.abs(left_out / luts - 1))
    print(f"half-width {half_width:.3f}, median error {error:.1%}, {len(rows)} networks")


def held_near_limits(rows: list[dict], confidence: float = 0.9) -> float:
    """Return the share of limits, 1 to 1.25 times an estimate and thought to hold so surely, that the count keeps."""
    held = []
    for row in rows:
        for limit in np.unique(np.ceil(row["estimate_lut"] / np.linspace(0.8, 1.0, 41))):
            interval = row["low"], row["high"]
            if limit_probability("lut", row["estimate_lut"], interval, float(limit)) >= confidence:
                held.append(row["yosys_lut"] <= limit)
    return float(np.mean(held)) if held else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--networks", type=int, default=20, metavar="N")
    parser.add_argument("--first", type=int, default=2000, metavar="SEED")
    parser.add_argument("--tagger", action="store_true")
    parser.add_argument("--fit", action="store_true")
    add_json_option(parser, "also write the rows and goals as JSON")
    options = parser.parse_args()
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    rows = [row for row in measured_rows(options) if row["yosys_lut"]]
    errors = [100 * abs(row["estimate_lut"] / row["yosys_lut"] - 1) for row in rows]
    inside = [row["low"] <= row["yosys_lut"] <= row["high"] for row in rows]
    if options.fit:
        print_fit(rows)
    held = 100 * held_near_limits(rows)
    goals = [
        goal(f"median error of LUTs over {len(rows)} networks, percent", float(np.median(errors)), "<=", 5.0),
        goal("networks within the 90 % interval of LUTs, percent", 100 * float(np.mean(inside)), ">=", 90.0),
        goal("limits just above estimates, held where that is thought 90 % sure, percent", held, ">=", 90.0),
    ]
    seeds = list(range(options.first, options.first + options.networks))
    write_result("unrolled_luts", "GENERATED", rows, goals, path=options.json, seeds=seeds)


if __name__ == "__main__":
    main()
