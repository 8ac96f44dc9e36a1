"""Times: an epoch of ten nets against one of one net, what augmentation costs, and an event in Keras and in C++."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from codesign._keras import keras
from codesign.cpu import time_network
from codesign.data import HiggsML
from codesign.drone import Drone
from codesign.reproduce.higgsml.distilled import drone_of, trained
from codesign.reproduce.higgsml.events import momenta, split
from codesign.reproduce.higgsml.recipe import classifier
from codesign.reproduce.higgsml.settings import ENSEMBLE, LADDER, HiggsSettings
from codesign.train import Ensemble, EnsembleSettings

_BATCHES = (1, 1000)
_EPOCHS = 4  # timed, behind the first, in which TensorFlow traces
_BATCH_SIZE = 256


def training_costs(found: HiggsML, settings: HiggsSettings, seed: int) -> dict:
    """Return CPU s of an epoch of the recipe's ensemble, of one of its nets in Keras's `fit`, and with augmentation."""
    cut = split(found, seed)
    model = classifier(found, settings, ENSEMBLE, seed).prepare(cut.train.x)
    x, y = model.inputs(cut.train.x), cut.train.y.astype(int)
    options = EnsembleSettings(members=settings.members, hidden=LADDER[ENSEMBLE]["hidden"], epochs=_EPOCHS + 1)

    def ensemble(augment: Callable | None) -> float:
        stamps = [time.process_time()]
        told = {"shown": lambda epoch, loss: stamps.append(time.process_time())}
        Ensemble.train(x, y, settings=options, augment=augment, **told)
        return float(np.median(np.diff(stamps)[1:]))

    augment = classifier(found, settings, "augmentation", seed).set_params(masses=True).augmentation()
    found_s = [(_single_epoch(x, y), ensemble(None), ensemble(augment)) for _ in range(min(3, settings.repeats))]
    single, plain, augmented = np.median(found_s, 0)
    row = {"single_epoch_cpu_s": single, "ensemble_epoch_cpu_s": plain, "augmented_epoch_cpu_s": augmented}
    return {name: float(value) for name, value in row.items()}


def _single_epoch(x: np.ndarray, y: np.ndarray) -> float:
    """CPU s of an epoch of one net as Keras trains it: nine tenths of the events, and its loss on the last."""
    layers = [keras.layers.Dense(units, LADDER[ENSEMBLE]["activation"]) for units in LADDER[ENSEMBLE]["hidden"]]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers, keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(), "binary_crossentropy")
    stamps = [time.process_time()]
    stamp = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: stamps.append(time.process_time()))
    scaled = (x - x.mean(0)) / np.maximum(x.std(0), 1e-6)
    options = {"batch_size": _BATCH_SIZE, "epochs": _EPOCHS + 1, "validation_split": 0.1, "verbose": 0}
    model.fit(scaled, y, callbacks=[stamp], **options)
    return float(np.median(np.diff(stamps)[1:]))


def event_times(found: HiggsML, settings: HiggsSettings, seed: int, folder: Path) -> dict:
    """Return ns per event of the ensemble and the drone, in Keras and in generated C++, and of the alignment."""
    ensemble, cut, inputs = trained(found, settings, seed, folder)
    drone, x = drone_of(folder, seed), inputs["test"]
    rows = [
        row
        for name, model in (("ensemble", ensemble), ("drone", drone))
        for row in _keras_rows(name, model, x, settings)
    ]
    for name, network in (("ensemble", ensemble.to_network()), ("drone", drone)):
        for one in time_network(network, runtimes=["cpp"], batches=_BATCHES, repeats=settings.repeats):
            rows.append({"network": name, "runtime": "C++", "batch": one.batch, "ns_per_event": one.cpu_ns})
    model = classifier(found, settings, ENSEMBLE, seed).prepare(cut.train.x)
    align = _median_ns(lambda: model.inputs(cut.test.x), len(x), settings.repeats)
    copies = _median_ns(lambda: momenta(found.data.features).copies(cut.test.x), len(x), settings.repeats)
    rows.append({"network": "alignment and masses", "runtime": "NumPy", "batch": len(x), "ns_per_event": align})
    rows.append({"network": "making of 8 copies", "runtime": "NumPy", "batch": len(x), "ns_per_event": copies})
    return {"rows": rows}


def _keras_rows(name: str, model: Ensemble | Drone, x: np.ndarray, settings: HiggsSettings) -> list[dict]:
    event = x[:1]
    calls = {1: lambda: model.model(event, training=False), len(x): lambda: model.predict(x)}
    times = {batch: _median_ns(call, batch, settings.repeats) for batch, call in calls.items()}
    return [
        {"network": name, "runtime": "Keras", "batch": batch, "ns_per_event": value} for batch, value in times.items()
    ]


def _median_ns(call: Callable[[], object], n_events: int, repeats: int) -> float:
    call()
    found = []
    for _ in range(repeats):
        begun = time.process_time_ns()
        call()
        found.append(time.process_time_ns() - begun)
    return float(np.median(found)) / n_events
