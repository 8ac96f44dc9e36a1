#!/usr/bin/env python3
"""Ten networks trained to ten numbers of LUTs: how near each ends, and how good it is. GENERATED jets, one seed each.

python benchmarks/lut_budget.py [--json PATH] [--epochs N] [--budgets LUT ...]
"""

import argparse
import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np
from result import goal, write_result

from codesign._keras import keras, tf
from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.data import Dataset, load_dataset
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.posterior import CollapseToBudget, LutBudget
from codesign.train.cosine_fit import CosineFit, fit_along_cosine

BUDGETS = tuple(range(1000, 11_000, 1000))
HIDDEN, PARTS = (64, 32, 32), 5


def train(data: Dataset, adder_cost: float, epochs: int, seed: int) -> Network:
    """Return a network of at most this adder cost."""
    keras.utils.set_random_seed(seed)
    hidden = [PosteriorDense(units, activation="relu") for units in HIDDEN]
    model = keras.Sequential(
        [keras.Input((data.n_features,)), *hidden, PosteriorDense(data.n_classes), keras.layers.Softmax()]
    )
    fit(model, data, LutBudget(adder_cost, data.x_train), epochs=epochs, batch_size=2048, rate=2.4e-2)
    fit(
        model,
        data,
        CollapseToBudget(adder_cost, data.x_train),
        epochs=2 * PARTS,
        batch_size=512,
        rate=3e-3,
        cycles=PARTS,
    )
    return Network.from_keras(model)


def fit(
    model: keras.Model,
    data: Dataset,
    callback: keras.callbacks.Callback,
    *,
    epochs: int,
    batch_size: int,
    rate: float,
    cycles: int = 1,
) -> None:
    """Train in place by Adam along `cycles` cosines."""
    course = CosineFit(epochs, batch_size, rate, cycles=cycles, steps_per_call=16)
    events = tf.constant(data.x_train), tf.constant(data.y_train)
    fit_along_cosine(model, events, "sparse_categorical_crossentropy", course, callbacks=[callback])


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--epochs", type=int, default=60, metavar="N")
    parser.add_argument("--budgets", type=float, nargs="+", default=BUDGETS, metavar="LUT")
    options = parser.parse_args()
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    data, rows = load_dataset("jets_hlf").standardized(), []
    for seed, lut in enumerate(options.budgets):
        start = time.process_time()
        network = train(data, lut, options.epochs, seed)
        cost = trace_circuit(network).adder_cost
        accuracy = float(np.mean(network.emulate(data.x_test).argmax(1) == data.y_test))
        row = {"method": f"{lut:g} LUTs", "adder_cost": cost, "share": cost / lut, "test_accuracy": accuracy}
        rows.append(row | {"train_cpu_s": time.process_time() - start})
        print(f"{lut:,.0f} asked for: {cost:,}, accuracy {accuracy:.4f}", flush=True)
    within = sum(0.9 <= row["share"] <= 1 for row in rows)
    goals = [goal(f"networks of {len(rows)} within 90 to 100 % of the budget", within, ">=", len(rows))]
    write_result("lut_budget", data.kind, rows, goals, path=options.json, seeds=list(range(len(rows))))


if __name__ == "__main__":
    main()
