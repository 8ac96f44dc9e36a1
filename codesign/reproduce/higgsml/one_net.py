"""Rows of one net that Keras trains: warm restarts, weight averaging, snapshots, fast geometric ensembling."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from codesign._keras import keras
from codesign.data import HiggsML
from codesign.reproduce.higgsml.events import balanced, split
from codesign.reproduce.higgsml.recipe import classifier
from codesign.reproduce.higgsml.scores import score
from codesign.reproduce.higgsml.settings import LADDER, NARROW, HiggsSettings
from codesign.train import CosineWarmRestarts, FastGeometricEnsembling, SnapshotEnsemble, WeightAveraging, save_model

_RATE = 2e-3  # of LUMIN's range test
_FITS = {"batch_size": 256, "verbose": 0}

Callback = keras.callbacks.Callback


def train_one(found: HiggsML, settings: HiggsSettings, method: str, seed: int, folder: Path) -> dict:
    """Train one net of three narrow layers on aligned events with masses, and return what was measured."""
    cut = split(found, seed)
    prepared = classifier(found, settings, NARROW, seed).prepare(cut.train.x)
    x, validation, test = (prepared.inputs(getattr(cut, part).x) for part in ("train", "validation", "test"))
    keras.utils.set_random_seed(seed)
    model, weights = one_net(x), balanced(cut.train)
    callbacks, finish = CALLBACKS[method](settings.epochs)
    begun = time.process_time()
    model.fit(x, cut.train.y, sample_weight=weights, epochs=settings.epochs, callbacks=callbacks, **_FITS)
    model = finish(model)
    row = {"train_cpu_s": time.process_time() - begun, "parameters": int(model.count_params())}
    said = [model.predict(part, batch_size=8192, verbose=0)[:, 0] for part in (validation, test)]
    begun = time.process_time()
    model.predict(prepared.inputs(cut.test.x), batch_size=8192, verbose=0)
    row["test_us_per_event"] = (time.process_time() - begun) / len(test) * 1e6
    folder.mkdir(parents=True, exist_ok=True)
    save_model(model, folder / f"{method}-{seed}.keras")
    return row | score(cut, *said)


def one_net(x: np.ndarray) -> keras.Model:
    """Return a net of three narrow layers that standardises what it takes, compiled."""
    options = LADDER[NARROW]
    scale = keras.layers.Normalization(mean=x.mean(0), variance=np.maximum(x.var(0), 1e-12))
    hidden = [
        keras.layers.Dense(units, options["activation"], kernel_initializer="he_normal") for units in options["hidden"]
    ]
    model = keras.Sequential([keras.Input(x.shape[1:]), scale, *hidden, keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(_RATE), "binary_crossentropy")
    return model


def _restarts(epochs: int) -> tuple[list[Callback], Callable]:
    return [CosineWarmRestarts(_RATE)], lambda model: model


def _averaged(epochs: int) -> tuple[list[Callback], Callable]:
    return [WeightAveraging(start=max(1, epochs // 3))], lambda model: model


def _snapshots(epochs: int) -> tuple[list[Callback], Callable]:
    kept = SnapshotEnsemble(cycle_epochs=max(1, epochs // 5), keep=4, learning_rate=_RATE)
    return [kept], lambda model: kept.to_model()


def _geometric(epochs: int) -> tuple[list[Callback], Callable]:
    kept = FastGeometricEnsembling((_RATE / 10, _RATE), cycle_epochs=max(1, epochs // 7), start=epochs // 2)
    return [kept], lambda model: kept.to_model()


CALLBACKS = {"sgdr": _restarts, "swa": _averaged, "snapshots": _snapshots, "fge": _geometric}
