"""Times: the recipe's training and test, an epoch of ten nets against one of one net, and an event everywhere."""

import time
from collections.abc import Callable

import numpy as np

from codesign._keras import keras
from codesign.cpu import time_network
from codesign.data import HiggsML
from codesign.drone import Drone
from codesign.reproduce.higgsml.distilled import drone_of, trained
from codesign.reproduce.higgsml.events import momenta, split
from codesign.reproduce.higgsml.recipe import chosen_of, classifier
from codesign.reproduce.higgsml.settings import LADDER
from codesign.reproduce.study import Run
from codesign.train import Ensemble, EnsembleSettings

RAW_COLUMNS = "ensemble, of raw columns"
_BATCHES = (1, 1000)
_EPOCHS = 4  # timed, behind the first, in which TensorFlow traces
_BATCH_SIZE = 256


def training_costs(found: HiggsML, run: Run, seed: int) -> dict:
    """Return CPU times of the recipe of a seed, as the medians of a few measurements.

    Returns:
        ``train_cpu_s``, ``test_us_per_event``: of the whole training, and of an event from its columns on;
        ``single_epoch_cpu_s``, ``ensemble_epoch_cpu_s``, ``augmented_epoch_cpu_s``: of an epoch of one of its nets in
        Keras's `fit`, of all together, and of all with augmentation.
    """
    measured = [_costs(found, run, seed) for _ in range(min(3, run.settings.repeats))]
    return {name: float(np.median([one[name] for one in measured])) for name in measured[0]}


def _costs(found: HiggsML, run: Run, seed: int) -> dict[str, float]:
    cut, method = split(found, seed), chosen_of(run, seed)
    begun, model = time.process_time(), classifier(found, run.settings, method, seed)
    model.fit(cut.train.x, cut.train.y, cut.train.weights)
    row = {"train_cpu_s": time.process_time() - begun}
    test_ns = _median_ns(lambda: model.predict_proba(cut.test.x), len(cut.test.x), run.settings.repeats)
    row["test_us_per_event"] = test_ns / 1000
    augment = model.set_params(symmetry="augment").augmentation()
    x, y = model.set_params(symmetry="align").inputs(cut.train.x), cut.train.y.astype(int)
    hidden = LADDER[method]["hidden"]
    options = EnsembleSettings(members=run.settings.members, hidden=hidden, epochs=_EPOCHS + 1)
    row["single_epoch_cpu_s"] = _single_epoch(x, y, hidden)
    row["ensemble_epoch_cpu_s"] = _ensemble_epoch(x, y, options, None)
    return row | {"augmented_epoch_cpu_s": _ensemble_epoch(x, y, options, augment)}


def _ensemble_epoch(x: np.ndarray, y: np.ndarray, settings: EnsembleSettings, augment: Callable | None) -> float:
    """CPU s of an epoch of all members."""
    stamps = [time.process_time()]
    told = {"shown": lambda epoch, loss: stamps.append(time.process_time())}
    Ensemble.train(x, y, settings=settings, augment=augment, **told)
    return float(np.median(np.diff(stamps)[1:]))


def _single_epoch(x: np.ndarray, y: np.ndarray, hidden: tuple[int, ...]) -> float:
    """CPU s of an epoch of one net as Keras trains it: nine tenths of the events, and its loss on the last."""
    layers = [keras.layers.Dense(units, "swish") for units in hidden]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers, keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(), "binary_crossentropy")
    stamps = [time.process_time()]
    stamp = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: stamps.append(time.process_time()))
    scaled = (x - x.mean(0)) / np.maximum(x.std(0), 1e-6)
    options = {"batch_size": _BATCH_SIZE, "epochs": _EPOCHS + 1, "validation_split": 0.1, "verbose": 0}
    model.fit(scaled, y, callbacks=[stamp], **options)
    return float(np.median(np.diff(stamps)[1:]))


def event_times(found: HiggsML, run: Run, seed: int) -> dict:
    """Return ns per event of the ensemble and the drone, in Keras and in generated C++, and of the alignment.

    In C++ the ensemble is there twice: of prepared events, and of raw columns, alignment and masses included.
    """
    (ensemble, model, cut), drone, repeats = trained(found, run, seed), drone_of(run, seed), run.settings.repeats
    networks, x = {"ensemble": ensemble, "drone": drone}, model.inputs(cut.test.x)
    rows = [row for name, one in networks.items() for row in _keras_rows(name, one, x, repeats)]
    compiled = {"ensemble": ensemble.to_network(), RAW_COLUMNS: model.to_network(), "drone": drone}
    for name, network in compiled.items():
        for one in time_network(network, runtimes=["cpp"], batches=_BATCHES, repeats=repeats):
            rows.append({"network": name, "runtime": "C++", "batch": one.batch, "ns_per_event": one.cpu_ns})
    align = _median_ns(lambda: model.inputs(cut.test.x), len(x), repeats)
    copies = _median_ns(lambda: momenta(found.data.features).copies(cut.test.x), len(x), repeats)
    rows.append({"network": "alignment and masses", "runtime": "NumPy", "batch": len(x), "ns_per_event": align})
    rows.append({"network": "making of 8 copies", "runtime": "NumPy", "batch": len(x), "ns_per_event": copies})
    return {"rows": rows}


def _keras_rows(name: str, model: Ensemble | Drone, x: np.ndarray, repeats: int) -> list[dict]:
    event = x[:1]
    calls = {1: lambda: model.model(event, training=False), len(x): lambda: model.predict(x)}
    times = {batch: _median_ns(call, batch, repeats) for batch, call in calls.items()}
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
