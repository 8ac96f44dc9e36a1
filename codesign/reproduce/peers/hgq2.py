#!/usr/bin/env python3
"""HGQ2 0.2.0: the accuracy-cost front of one training with learnt bit widths, every point as da4ml's bit-exact program.

    hgq2.py EVENTS.npz --json OUT.json [--seed N] [--epochs N] ...

EVENTS.npz holds x_train, y_train, x_val, y_val, x_test, y_test, standardised. The weight of the cost rises over the
epochs, the learning rate restarts in cosine cycles; epochs that no other exceeds in EBOPs and in validation accuracy,
or in validation loss, are kept and traced. Needs an environment of its own: HGQ2's wheel overwrites qkeras.
"""

import argparse
import json
import math
import os
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

import keras
import numpy as np
from da4ml.converter import trace_model
from da4ml.trace import HWConfig, comb_trace
from hgq.config import QuantizerConfig, QuantizerConfigScope
from hgq.layers import QDense
from hgq.utils import trace_minmax
from hgq.utils.sugar import BetaScheduler, Dataset, FreeEBOPs, PieceWiseSchedule
from sklearn.metrics import roc_auc_score


def build(n_features: int, hidden: list[int], n_classes: int, beta: float) -> keras.Model:
    """Return the model: weights within (-1, 1) times 2^k, activations that wrap, widths learnt."""
    bits = {"b0": 6, "k0": 1, "i0": 0, "default_q_type": "kbi"}
    with (
        QuantizerConfigScope(place="all", overflow_mode="SAT_SYM", **bits),
        QuantizerConfigScope(place="bias", overflow_mode="WRAP", **bits),
        QuantizerConfigScope(place="datalane", default_q_type="kif", k0=0, i0=3, f0=4, overflow_mode="WRAP"),
    ):
        inputs = values = keras.Input((n_features,))
        for index, units in enumerate(hidden):
            first = {"iq_conf": QuantizerConfig(place="datalane", k0=1)} if index == 0 else {}
            values = QDense(units, activation="relu", beta0=beta, **first)(values)
        return keras.Model(inputs, QDense(n_classes, beta0=beta)(values))


def cosine_restarts(rate: float, cycle: int, decay: float):
    """Return the learning rate by epoch: cosine cycles whose peaks shrink by `decay`."""

    def rate_at(epoch: int, _: float | None = None) -> float:
        number, place = divmod(epoch, cycle)
        return 1e-5 + 0.5 * (rate * decay**number - 1e-5) * (
            1 + math.cos(math.pi * min(1.0, place / max(1, cycle - 2)))
        )

    return rate_at


class Front(keras.callbacks.Callback):
    """Keeps the weights of epochs that are not dominated in accuracy or in loss, and of the ends of cycles."""

    def __init__(self, cycle: int, warm: int, least_ebops: float) -> None:
        super().__init__()
        self.cycle, self.warm, self.least_ebops = cycle, warm, least_ebops
        self.points, self.ends = [], []

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        ebops = int(logs["ebops"])
        point = {"epoch": epoch, "val": float(logs["val_accuracy"]), "loss": -float(logs["val_loss"]), "ebops": ebops}
        new = [key for key in ("val", "loss") if not any(_beats(p, point, key) for p in self.points)]
        if epoch >= self.warm // 2 and ebops and new:
            self.points = [p for p in self.points if not all(_beats(point, p, key) for key in ("val", "loss"))]
            self.points.append(point | {"weights": self.model.get_weights()})
        elif epoch % self.cycle == self.cycle - 1:
            self.ends.append(point | {"weights": self.model.get_weights()})
        if ebops < self.least_ebops:
            self.model.stop_training = True


def _beats(one: dict, other: dict, key: str) -> bool:
    return one[key] >= other[key] and one["ebops"] <= other["ebops"]


def scores(logits: np.ndarray, labels: np.ndarray) -> dict:
    """Return accuracy and macro AUC, one class versus the rest; of two classes both have the same."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    shares = powers / powers.sum(1, keepdims=True)
    shares = shares[:, 1] if shares.shape[1] == 2 else shares
    auc = roc_auc_score(labels, shares, multi_class="ovr", average="macro")
    return {"accuracy": float((logits.argmax(1) == labels).mean()), "auc": float(auc)}


def measure(model: keras.Model, point: dict, events: dict[str, np.ndarray], programs: str | None) -> dict:
    """Return accuracy and cost of da4ml's program of one epoch, and leave it in a folder, if there is one."""
    model.set_weights(point["weights"])
    trace_minmax(model, events["x_train"], batch_size=25600, reset=True)
    trace_minmax(model, events["x_val"], batch_size=25600, reset=False)
    comb = comb_trace(*trace_model(model, hwconf=HWConfig(1, -1, -1), solver_options={"hard_dc": 2}))
    if programs:
        comb.save(Path(programs) / f"epoch-{point['epoch']}.json")
    found = {
        "epoch": point["epoch"],
        "ebops": point["ebops"],
        "adder_cost": float(comb.cost),
        "adder_levels": float(max(comb.latency)),
    }
    for part in ("val", "test"):
        logits = np.asarray(comb.predict(events[f"x_{part}"].astype(np.float64), n_threads=1), np.float64)
        found |= {f"{part}_{key}": value for key, value in scores(logits, events[f"y_{part}"]).items()}
    return found


def parse_options() -> argparse.Namespace:
    """Return the options; a short training ends its cycles too: otherwise it keeps no point at all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events")
    parser.add_argument("--json", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=1500)
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 32, 32])
    parser.add_argument("--batch", type=int, default=2048)
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--decay", type=float, default=0.97)
    parser.add_argument("--cycle", type=int, default=100)
    parser.add_argument("--warm", type=int, default=100)
    parser.add_argument("--beta", type=float, nargs=2, default=(1e-6, 1e-3))
    parser.add_argument(
        "--ebops", type=float, nargs=2, default=(200, 100_000), help="of the points traced; if none, the cheapest"
    )
    parser.add_argument("--measure", type=int, default=60, help="points traced at most")
    parser.add_argument("--programs", help="folder for da4ml's program of each point")
    options = parser.parse_args()
    options.cycle, options.warm = (min(value, max(4, options.epochs // 4)) for value in (options.cycle, options.warm))
    return options


def train(events: dict[str, np.ndarray], options: argparse.Namespace) -> tuple[keras.Model, Front, float]:
    """Return the model, what its one training kept, and the CPU s that it took."""
    keras.utils.set_random_seed(options.seed)
    model = build(events["x_train"].shape[1], options.hidden, int(events["y_train"].max()) + 1, options.beta[0])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(options.rate), loss, metrics=["accuracy"], steps_per_execution=4)
    data = Dataset(events["x_train"], events["y_train"].astype("i4"), options.batch, "cpu:0", shuffle=True)
    validation = Dataset(events["x_val"], events["y_val"].astype("i4"), len(events["x_val"]), "cpu:0")
    steps = [
        (0, options.beta[0], "constant"),
        (options.warm, options.beta[0], "log"),
        (options.epochs, options.beta[1], "constant"),
    ]
    front, start = Front(options.cycle, options.warm, 0.75 * options.ebops[0]), time.process_time()
    schedule = keras.callbacks.LearningRateScheduler(cosine_restarts(options.rate, options.cycle, options.decay))
    callbacks = [FreeEBOPs(), schedule, BetaScheduler(PieceWiseSchedule(steps)), front]
    model.fit(data, epochs=options.epochs, verbose=0, validation_data=validation, callbacks=callbacks)
    return model, front, time.process_time() - start


def main() -> None:
    """Train, trace, write."""
    options = parse_options()
    events = dict(np.load(options.events))
    if options.programs:
        Path(options.programs).mkdir(parents=True, exist_ok=True)
    model, front, train_cpu_s = train(events, options)
    kept = sorted(front.points + front.ends, key=lambda point: point["ebops"])
    kept = [point for point in kept if options.ebops[0] <= point["ebops"] <= options.ebops[1]] or kept[:1]
    points = [
        measure(model, point, events, options.programs) for point in kept[:: max(1, -(-len(kept) // options.measure))]
    ]
    content = {"peer": "HGQ2 0.2.0", "seed": options.seed, "train_cpu_s": train_cpu_s, "points": points}
    Path(options.json).write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
