"""What raw detector words cost: LUTs of networks that take them, against networks of standardised inputs.

Both are trained by posterior precision on the jets with one light recipe (a teacher of two nets, 60 noisy epochs, five
parts of a collapse of 3 epochs each, refinement), for three cost weights and some seeds. Costs are compared where the
accuracy is the same, by interpolation along each seed's curve.

    python benchmarks/raw_words.py train --kind words --seed 0 --weight 2e-5 --into runs
    python benchmarks/raw_words.py table --into runs
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from codesign._keras import tf
from codesign.data import load_dataset
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.training import Trainer

KINDS = ("standardised", "words")
SETTINGS = JetsSettings(epochs=60, collapse_epochs=3, teacher_nets=2, teacher_epochs=20)


def train(kind: str, seed: int, weight: float) -> dict:
    """Train one network; return its cost and accuracy."""
    start = time.process_time()
    data = load_dataset("jets_hlf")
    data = data.in_words() if kind == "words" else data.standardized()
    rest, held = data.hold_out()
    network = Trainer(rest, SETTINGS, seed).posterior(weight)
    graph = trace_circuit(network)
    return {
        "kind": kind,
        "seed": seed,
        "weight": weight,
        "adder_cost": graph.adder_cost,
        "adder_levels": graph.adder_levels,
        "held_out": float(np.mean(network.emulate(held.x).argmax(1) == held.y)),
        "test": float(np.mean(network.emulate(data.x_test).argmax(1) == data.y_test)),
        "input_bits": int(np.sum(network.input_precision.width * network.layers[0].kernel.any(1))),
        "first_layer_weights": int(np.count_nonzero(network.layers[0].kernel)),
        "cpu_s": time.process_time() - start,
    }


def table(runs: list[dict]) -> str:
    """Return all runs, and the ratio of costs at equal test accuracy, seed by seed and of the mean curves."""
    lines = ["kind          seed  weight   adder cost  levels  held-out  test   input bits  CPU s"]
    for run in sorted(runs, key=lambda one: (one["kind"], one["seed"], one["weight"])):
        lines.append(
            f"{run['kind']:13} {run['seed']:4}  {run['weight']:.1e}  {run['adder_cost']:9}  {run['adder_levels']:6}  "
            f"{run['held_out']:.4f}  {run['test']:.4f}  {run['input_bits']:9}  {run['cpu_s']:.0f}"
        )
    curves = {kind: _curve([run for run in runs if run["kind"] == kind]) for kind in KINDS}
    low = max(test[0] for test, _ in curves.values())
    high = min(test[-1] for test, _ in curves.values())
    for accuracy in np.linspace(low, high, 5):
        costs = {kind: float(np.exp(np.interp(accuracy, *curve))) for kind, curve in curves.items()}
        ratio = costs["words"] / costs["standardised"]
        lines.append(
            f"at {accuracy:.4f}: " + ", ".join(f"{k} {c:.0f}" for k, c in costs.items()) + f", ratio {ratio:.3f}"
        )
    return "\n".join(lines)


def _curve(runs: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Accuracy, ascending, and log cost, the means over the seeds at each cost weight."""
    weights = sorted({run["weight"] for run in runs}, reverse=True)
    groups = [[run for run in runs if run["weight"] == weight] for weight in weights]
    test = np.array([np.mean([run["test"] for run in group]) for group in groups])
    cost = np.array([np.mean([np.log(run["adder_cost"]) for run in group]) for group in groups])
    order = np.argsort(test)
    return test[order], cost[order]


def main() -> None:
    """Train one network, or print the table of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("train", "table"))
    parser.add_argument("--kind", choices=KINDS, default="words")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weight", type=float, default=2e-5)
    parser.add_argument("--into", type=Path, default=Path("runs"))
    options = parser.parse_args()
    options.into.mkdir(exist_ok=True)
    if options.action == "table":
        print(table([json.loads(path.read_text()) for path in sorted(options.into.glob("*.json"))]))
        return
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    run = train(options.kind, options.seed, options.weight)
    print(run)
    name = f"{options.kind}_{options.seed}_{options.weight:g}.json"
    (options.into / name).write_text(json.dumps(run))


if __name__ == "__main__":
    main()
