#!/usr/bin/env python3
"""What the training layers cost in training: epochs on one core, next to Dense epochs of the same size, taken in turn.

python benchmarks/layer_cost.py [--json PATH] [--rounds N]
"""

import argparse
import os
import statistics
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np
from result import goal, write_result

from codesign._keras import keras, tf
from codesign.cli.json_option import add_json_option
from codesign.layers import CancelOut, MaskedDense, TernaryDense, TopKGate, VariationalDense
from codesign.train import GateSchedule, KLSchedule

SIZES = (59, 150, 6)
BATCH, STEPS, EPOCHS = 512, 100, 10
LIMITS = {"VariationalDense": 2.5, "TopKGate on the inputs": 1.3, "TopKGate on the hidden units": 1.3}


def models() -> dict[str, keras.Model]:
    """Return a compiled 59-150-6 network for each way of training."""
    n_in, hidden, n_out = SIZES
    relu, dense = keras.layers.ReLU, keras.layers.Dense
    chains = {
        "Dense": [dense(hidden), relu(), dense(n_out)],
        "VariationalDense": [VariationalDense(hidden), relu(), VariationalDense(n_out)],
        "TopKGate on the inputs": [TopKGate(20), dense(hidden), relu(), dense(n_out)],
        "TopKGate on the hidden units": [dense(hidden), relu(), TopKGate(30), dense(n_out)],
        "TopKGate on both": [TopKGate(20), dense(hidden), relu(), TopKGate(30), dense(n_out)],
        "TernaryDense": [TernaryDense(hidden), relu(), TernaryDense(n_out)],
        "MaskedDense": [MaskedDense(hidden), relu(), MaskedDense(n_out)],
        "CancelOut": [CancelOut(), dense(hidden), relu(), dense(n_out)],
    }
    built = {name: keras.Sequential([keras.Input((n_in,)), *chain]) for name, chain in chains.items()}
    for model in built.values():
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return built


def callbacks(name: str) -> list[keras.callbacks.Callback]:
    """Return what the training needs; the gates' mask never freezes, so that they are timed at their dearest."""
    if name == "VariationalDense":
        return [KLSchedule(n_train=BATCH * STEPS)]
    return [GateSchedule(narrow_end=0.3, hard_start=0.5, cool_end=1.0, freeze_start=1.0)] if "TopKGate" in name else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(BATCH * STEPS, SIZES[0])).astype(np.float32), rng.integers(0, SIZES[-1], BATCH * STEPS)
    built = models()
    seconds = {name: [] for name in built}
    for _ in range(options.rounds + 1):  # the first round traces, and is dropped
        for name, model in built.items():
            start = time.process_time()
            model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, callbacks=callbacks(name))
            seconds[name].append(time.process_time() - start)
    rows = []
    for name, values in seconds.items():
        ratios = [value / dense for value, dense in zip(values[1:], seconds["Dense"][1:])]
        rows.append(
            {
                "method": name,
                "cpu_ms_per_step": 1e3 * statistics.median(values[1:]) / (EPOCHS * STEPS),
                "ratio_to_dense": statistics.median(ratios),
            }
        )
    goals = [
        goal(f"{row['method']}: epoch over Dense epoch", row["ratio_to_dense"], "<=", LIMITS[row["method"]])
        for row in rows
        if row["method"] in LIMITS
    ]
    write_result("layer_cost", "GENERATED", rows, goals, path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
