#!/usr/bin/env python3
"""What ten nets cost beside one: epochs, events turned and mirrored at random, an event in generated C++; one core.

python benchmarks/ensemble_cost.py [--json PATH] [--rounds N] [--members K]

The REAL events of HiggsML that codesign holds; nets of 32-32-32, swish. CPU seconds, all kinds of training in turn; the
first epoch of each, in which TensorFlow traces, is dropped. LUMIN 0.9.1 takes 228 us for an event with 8 copies.
"""

import argparse
import os
import time
from collections.abc import Callable

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # TensorFlow's graph optimizer reports on itself otherwise

import numpy as np
from result import goal, write_result

from codesign import ColliderVectors, Dataset, EnsembleClassifier, keras, load_dataset
from codesign._keras import tf
from codesign.cli.json_option import add_json_option
from codesign.cpu import time_network
from codesign.data.collider_inputs import ColliderInputs
from codesign.layers import ColliderAugmentation
from codesign.train import Ensemble, EnsembleSettings

HIDDEN, BATCH, EPOCHS, CPP_BATCH = (32, 32, 32), 256, 4, 1000
MISSING, LUMIN_US = -999.0, 228.0
ONE, ONE_AUGMENTED = "one net, Keras's fit", "one net, ColliderAugmentation in front, Keras's fit"
ALL, ALL_AUGMENTED = "the ensemble", "the ensemble, augmented"
FROM_COLUMNS, BEHIND = "generated C++ from columns", "generated C++ behind the alignment"


def momenta(features: tuple[str, ...]) -> ColliderVectors:
    """Return the lepton, the tau, two jets and the missing momentum."""
    names = {"lep": "lep", "tau": "tau", "jet1": "jet_leading", "jet2": "jet_subleading"}
    polar = {name: tuple(f"PRI_{own}_{part}" for part in ("pt", "eta", "phi")) for name, own in names.items()}
    return ColliderVectors(features, {**polar, "met": ("PRI_met", None, "PRI_met_phi")}, missing=MISSING)


def classifier(data: Dataset, members: int, symmetry: str) -> EnsembleClassifier:
    """Return the recipe."""
    names = {"vectors": momenta(data.features), "missing": MISSING}
    if symmetry == "align":
        names |= {"reference": "lep", "other": "tau"}
    return EnsembleClassifier(members=members, hidden=HIDDEN, epochs=1, symmetry=symmetry, **names)


def one_net(x: np.ndarray, y: np.ndarray, front: list[keras.layers.Layer]) -> Callable[[], list[float]]:
    """Return what trains one net by Keras and gives the end of each epoch."""
    layers = [keras.layers.Dense(units, "swish") for units in HIDDEN]
    scale = keras.layers.Normalization(mean=x.mean(0), variance=np.maximum(x.var(0), 1e-6))
    model = keras.Sequential([keras.Input(x.shape[1:]), *front, scale, *layers, keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(), "binary_crossentropy")

    def train() -> list[float]:
        stamps: list[float] = []
        stamp = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: stamps.append(time.process_time()))
        options = {"batch_size": BATCH, "epochs": EPOCHS + 1, "validation_split": 0.1, "verbose": 0}
        model.fit(x, y, callbacks=[stamp], **options)
        return stamps

    return train


def all_nets(x: np.ndarray, y: np.ndarray, members: int, augment: Callable | None) -> Callable[[], list[float]]:
    """Return what trains them together and gives the end of each epoch."""
    settings = EnsembleSettings(members=members, hidden=HIDDEN, epochs=EPOCHS + 1, batch_size=BATCH)

    def train() -> list[float]:
        stamps: list[float] = []
        told = {"shown": lambda epoch, loss: stamps.append(time.process_time())}
        Ensemble.train(x, y, settings=settings, augment=augment, **told)
        return stamps

    return train


def training_rows(data: Dataset, members: int, rounds: int) -> dict[str, float]:
    """Return the median CPU s of an epoch of each kind."""
    model = classifier(data, members, "augment").prepare(data.x_train)
    x, y, wanted = model.inputs(data.x_train), data.y_train.astype(int), ColliderInputs(model.vectors)
    turning = ColliderAugmentation(wanted.names, cartesian=wanted.cartesian.cartesian, missing=None)
    kinds = {
        ONE: one_net(x, y, []),
        ONE_AUGMENTED: one_net(x, y, [turning]),
        ALL: all_nets(x, y, members, None),
        ALL_AUGMENTED: all_nets(x, y, members, turning.augment),
    }
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, train in kinds.items():
            found[name] += np.diff(train()).tolist()
    return {name: float(np.median(values)) for name, values in found.items()}


def event_rows(data: Dataset, members: int, rounds: int) -> dict[str, float]:
    """Return us per event in generated C++ from columns as they are, and behind the alignment."""
    model = classifier(data, members, "align").fit(data.x_train[:2000], data.y_train[:2000].astype(int))
    networks = {FROM_COLUMNS: model.to_network(), BEHIND: model.ensemble_.to_network()}
    found = {}
    for name, network in networks.items():
        (one,) = time_network(network, runtimes=["cpp"], batches=(CPP_BATCH,), repeats=rounds)
        found[name] = one.cpu_ns / 1e3
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--members", type=int, default=10)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    data = load_dataset("higgsml")
    epochs = training_rows(data, options.members, options.rounds)
    events = event_rows(data, options.members, options.rounds)
    rows = [
        {"method": name, "epoch_cpu_s": value, "ratio_to_one": value / epochs[ONE]} for name, value in epochs.items()
    ]
    rows += [{"method": name, "batch": CPP_BATCH, "us_per_event": value} for name, value in events.items()]
    share = {name: 1 - epochs[plain] / epochs[name] for name, plain in ((ALL_AUGMENTED, ALL), (ONE_AUGMENTED, ONE))}
    goals = [
        goal(f"an epoch of {options.members} nets, in epochs of one", epochs[ALL] / epochs[ONE], "<=", 3.5),
        *(goal(f"share of the augmentation: {name}", value, "<=", 0.15) for name, value in share.items()),
        goal("LUMIN's time of an event over generated C++ from columns", LUMIN_US / events[FROM_COLUMNS], ">=", 200),
    ]
    write_result("ensemble_cost", "REAL", rows, goals, path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
