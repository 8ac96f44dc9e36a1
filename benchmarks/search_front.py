#!/usr/bin/env python3
"""The front of a search with a tenth of the designs, beside the front of the whole uniform grid.

python benchmarks/search_front.py [--data jets_hlf hbb] [--methods descent tpe] [--seeds 3] [--plot PATH] [--json PATH]

Both are found on one half of the test events, and judged on it and on the other half, which neither has seen. What is
compared is what codesign.pareto_front compares: the accuracy, the share of the part and the latency. The hypervolume is
that of (1 - accuracy, log share, log latency) below the worst values of the grid, as a share of the box between these
and the best of all fronts; "covered" is the share of the grid's front, designs that give the same counting once, that a
design of the search's is at least as good as in all of these; "but for an error", if one standard error of the accuracy
is let pass; "in all costs", in the accuracy, LUT, FF, DSP, block RAM, latency and initiation interval.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from jet_network import jet_network
from result import goal, write_result

from codesign.cli.json_option import add_json_option
from codesign.data import load_dataset
from codesign.fpga import Design, Grid, pareto_front, search, sweep
from codesign.fpga.design.standing import costs, part_share
from codesign.fpga.search.proposals import METHODS
from codesign.network import Network

BUILD = Path(__file__).parent / "build"
GRID = Grid(
    weights=(3, 4, 5, 6, 7, 8),
    activations=(4, 5, 6, 7, 8, 10),
    inputs=(5, 6, 8, 10),
    reuse_factors=(1, 2, 4, 8),
    adder_levels_per_stage=(2, 3, 5),
)
CALIBRATION = 10_000
GRID_RUN = ("grid", 0)


def trained_network(name: str) -> tuple[Network, np.ndarray, np.ndarray, np.ndarray, str]:
    """Return a network trained on a sample, events to find ranges on, and test events with their labels."""
    if name == "jets_hlf":
        network, data = jet_network()
        return network, data.x_train[:CALIBRATION], data.x_test, data.y_test, data.kind
    data = load_dataset(name).standardized()
    path = BUILD / f"search_{name}.json"
    if not path.exists():
        from codesign.train import FitSettings, build_qmlp, fit_classifier

        model = build_qmlp(data.n_features, (64, 32, 32), data.n_classes, weight_bits=8, activation_bits=10)
        model = fit_classifier(model, data, FitSettings(epochs=12, sparsity=0.5), label=f"network of {name}")
        BUILD.mkdir(exist_ok=True)
        Network.from_keras(model).save(path)
    return Network.load(path), data.x_train[:CALIBRATION], data.x_test, data.y_test, data.kind


def losses(designs: Sequence[Design]) -> np.ndarray:
    """(n, 3) what should be low."""
    return np.array(
        [(1 - one.accuracy, np.log(part_share(one)), np.log(one.report.latency_ns)) for one in designs]
    ).reshape(-1, 3)


def hypervolume(points: np.ndarray, worst: np.ndarray) -> float:
    """The volume below `worst` that points dominate, by slices along the last axis."""
    points = points[(points < worst).all(1)]
    if not len(points):
        return 0.0
    if points.shape[1] == 1:
        return float(worst[0] - points.min())
    order = points[np.argsort(points[:, -1], kind="stable")]
    ends = np.append(order[1:, -1], worst[-1])
    volume = 0.0
    for index, (point, end) in enumerate(zip(order, ends)):
        if end > point[-1]:
            volume += (end - point[-1]) * hypervolume(order[: index + 1, :-1], worst[:-1])
    return volume


def all_costs(designs: Sequence[Design]) -> np.ndarray:
    """(n, 7) what should be low, each resource for itself."""
    return np.array([(1 - one.accuracy, *(cost or 0 for cost in costs(one))) for one in designs])


def covered(points: np.ndarray, others: np.ndarray) -> float:
    """The share of the others, of equal ones once, that some point is at least as good as."""
    return float(np.mean([(points <= one).all(1).any() for one in np.unique(others, axis=0)]))


def standard_error(designs: Sequence[Design], n_events: int) -> float:
    """Of the best accuracy."""
    best = max(one.accuracy for one in designs)
    return float(np.sqrt(best * (1 - best) / n_events))


def judged(designs: Sequence[Design], x: np.ndarray, y: np.ndarray) -> list[Design]:
    """The same designs with their accuracy on other events."""
    known: dict[int, float] = {}
    found = []
    for one in designs:
        if id(one.network) not in known:
            known[id(one.network)] = float((one.network.emulate(x).argmax(1) == y).mean())
        found.append(replace(one, accuracy=known[id(one.network)], metrics={}, events=len(x)))
    return found


def compare(name: str, options: argparse.Namespace) -> tuple[list[dict], dict[str, np.ndarray], str]:
    """Return a row for the grid and for each search, and the losses of each front on the events held out."""
    network, ranges, x, y, kind = trained_network(name)
    half, rng = len(x) // 2, np.random.default_rng(0)
    order = rng.permutation(len(x))
    (x, y), (x_new, y_new) = ((x[part], y[part]) for part in (order[:half], order[half:]))
    start = time.perf_counter()
    cache = options.cache and f"{options.cache}-{name}.jsonl"
    grid = sweep(network, x, y, GRID, calibration=ranges, jobs=options.jobs, cache=cache)
    runs = {GRID_RUN: (grid, time.perf_counter() - start)}
    for method in options.methods:
        for seed in range(options.seeds):
            start = time.perf_counter()
            chosen = {"method": method, "seed": seed, "designs": len(grid) // 10, "jobs": options.jobs}
            kept = options.cache and f"{options.cache}-{name}-{method}-{seed}.journal"
            found = search(network, x, y, GRID, calibration=ranges, storage=kept, **chosen)
            runs[method, seed] = (found, time.perf_counter() - start)
    fronts = {run: pareto_front(found) for run, (found, _) in runs.items()}
    both = {"searched on": fronts, "held out": {run: judged(front, x_new, y_new) for run, front in fronts.items()}}
    rows, slack = [], np.array([standard_error(grid, half), 0, 0])
    for run, (found, seconds) in runs.items():
        row = {"data": name, "method": run[0], "seed": run[1], "designs": len(found), "front": len(fronts[run])}
        for where, of in both.items():
            points, worst = {one: losses(front) for one, front in of.items()}, losses(grid).max(0)
            best = np.min([one.min(0) for one in points.values()], axis=0)
            row[f"hypervolume, {where}"] = hypervolume(points[run], worst) / float(np.prod(worst - best))
            row[f"covered, {where}"] = covered(points[run], points[GRID_RUN])
            row[f"covered but for an error, {where}"] = covered(points[run] - slack, points[GRID_RUN])
            row[f"covered in all costs, {where}"] = covered(all_costs(of[run]), all_costs(of[GRID_RUN]))
        rows.append({**row, "wall_s": seconds})
        print(row | {"wall_s": round(seconds, 1)}, file=sys.stderr)
    new = {run: losses(front) for run, front in both["held out"].items()}
    return rows, {f"{run[0]} {run[1]}": points for run, points in new.items()}, kind


def draw(fronts: dict[str, dict[str, np.ndarray]], path: str) -> None:
    """Accuracy against the share of the part, of every front on the events held out."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(fronts), figsize=(6 * len(fronts), 4.5), squeeze=False)
    for axis, (name, found) in zip(axes[0], fronts.items()):
        for label, points in found.items():
            order = np.argsort(points[:, 1])
            best = np.minimum.accumulate(points[order, 0])
            style = {"color": "black", "lw": 2} if label.startswith("grid") else {"lw": 1}
            axis.step(100 * np.exp(points[order, 1]), 1 - best, where="post", label=label, **style)
        axis.set(xscale="log", xlabel="share of the part, %", ylabel="accuracy, held out", title=name)
        axis.legend()
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["jets_hlf"], metavar="NAME")
    parser.add_argument("--methods", nargs="+", default=[METHODS[0]], choices=METHODS)
    parser.add_argument("--seeds", type=int, default=3, metavar="N")
    parser.add_argument("--jobs", type=int, default=-1, metavar="N")
    parser.add_argument("--cache", metavar="PATH", help="beginning of the names of files that keep grids and searches")
    parser.add_argument("--plot", metavar="PATH")
    add_json_option(parser, "also write the rows and goals as JSON")
    options = parser.parse_args()
    rows, fronts, kinds = [], {}, []
    for name in options.data:
        found, fronts[name], kind = compare(name, options)
        rows, kinds = rows + found, [*kinds, kind]
    goals = []
    for name in options.data:
        of = [row for row in rows if row["data"] == name]
        for where in ("searched on", "held out"):
            for key in (f"hypervolume, {where}", f"covered, {where}"):
                least = min(row[key] for row in of if row["method"] == options.methods[0])
                label = f"{name}: least {key} of {options.methods[0]} over that of the grid"
                goals.append(goal(label, least / of[0][key], ">=", 1.0))
    if options.plot:
        draw(fronts, options.plot)
    write_result("search_front", ", ".join(dict.fromkeys(kinds)), rows, goals, path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
