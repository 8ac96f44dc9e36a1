#!/usr/bin/env python3
"""A front of networks by warm starts from one training, beside as many trainings from scratch.

GENERATED jets, one seed. python benchmarks/posterior_front.py [--json PATH] [--epochs N] [--settle-epochs N]
[--settle-rate R] [--cost-weights W ...]
"""

import argparse
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np
from result import goal, write_result

from codesign._keras import keras
from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.data import Dataset, Events, load_dataset
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.posterior import FrontPoint, train_front

COST_WEIGHTS, HIDDEN = (2e-6, 8e-6, 3e-5), (64, 32, 32)


def untrained(data: Dataset, seed: int) -> keras.Model:
    """Return a 16-64-32-32-5 network of PosteriorDense layers."""
    keras.utils.set_random_seed(seed)
    hidden = [PosteriorDense(units, activation="relu") for units in HIDDEN]
    return keras.Sequential(
        [keras.Input((data.n_features,)), *hidden, PosteriorDense(data.n_classes), keras.layers.Softmax()]
    )


def accuracy(network: Network, x: np.ndarray, y: np.ndarray) -> float:
    """Return the share of right decisions, emulated bit for bit."""
    return float(np.mean(network.emulate(x).argmax(1) == y))


def rows_of(method: str, points: tuple[FrontPoint, ...], data: Dataset, held_out: Events) -> list[dict]:
    """Return a row for each network, and print it."""
    rows = []
    for point in points:
        row = {
            "method": method,
            "cost_weight": point.cost_weight,
            "validation_accuracy": accuracy(point.network, held_out.x, held_out.y),
        }
        row |= {"test_accuracy": accuracy(point.network, data.x_test, data.y_test), "adder_cost": point.adder_cost}
        rows.append(row | {"adder_levels": point.adder_levels, "train_cpu_s": point.train_cpu_s})
        print(
            f"{method}, cost weight {point.cost_weight:g}: adder cost {point.adder_cost:,}, validation "
            f"{row['validation_accuracy']:.4f}, test {row['test_accuracy']:.4f}, {point.train_cpu_s:.0f} CPU s",
            flush=True,
        )
    return rows


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--epochs", type=int, default=150, metavar="N", help="of a training from scratch")
    parser.add_argument("--settle-epochs", type=int, default=50, metavar="N", help="of a training from a warm start")
    parser.add_argument("--settle-rate", type=float, default=2.4e-2, metavar="R", help="its learning rate at the start")
    parser.add_argument("--cost-weights", type=float, nargs="+", default=COST_WEIGHTS, metavar="W")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    data, held_out = load_dataset("jets_hlf").standardized().hold_out(0.1)
    shared = {"epochs": options.epochs, "seed": options.seed}
    settle = {"settle_epochs": options.settle_epochs, "settle_rate": options.settle_rate}
    model, x, y = untrained(data, options.seed), data.x_train, data.y_train
    front = rows_of(
        "one front", train_front(model, x, y, cost_weights=options.cost_weights, **shared, **settle), data, held_out
    )
    separate = []
    for weight in options.cost_weights:
        separate += rows_of("from scratch", train_front(model, x, y, cost_weights=(weight,), **shared), data, held_out)
    spent, spent_apart = (sum(row["train_cpu_s"] for row in rows) for rows in (front, separate))
    goals = [goal("CPU s of the front over those of separate trainings", spent / spent_apart, "<=", 1)]
    write_result("posterior_front", data.kind, front + separate, goals, path=options.json, seeds=[options.seed])


if __name__ == "__main__":
    main()
