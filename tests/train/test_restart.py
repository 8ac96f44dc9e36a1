"""A training that is stopped at any batch and started again ends with the bits of one that was not."""

from functools import partial

import numpy as np
import pytest

from codesign._keras import keras
from codesign.data import Dataset
from codesign.layers import PosteriorDense, TopKGate, VariationalDense
from codesign.posterior import CollapseSchedule
from codesign.train import CostSchedule, FitSettings, GateSchedule, KLSchedule, fit_classifier
from codesign.train.restart import fit_resumable
from codesign.train.training_state import TrainingState, identity_of, read_state, write_state

_RNG = np.random.default_rng(5)
X = _RNG.normal(size=(330, 4)).astype(np.float32)
Y = (X @ _RNG.normal(size=(4, 3))).argmax(1)
EPOCHS, BATCH = 5, 64
_STEPS = EPOCHS * -(-len(X) // BATCH)


class Stopped(Exception):
    pass


class StopAt(keras.callbacks.Callback):
    """Stands for a kill in the middle of an epoch."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        self.steps -= 1
        if self.steps == 0:
            raise Stopped


def chain(*layers):
    return keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3), keras.layers.Softmax()])


def all_training_layers():
    gates = GateSchedule(narrow_end=0.3, hard_start=0.4, cool_end=0.6, freeze_start=0.7)
    callbacks = [gates, KLSchedule(n_train=len(X), start=1, end=3), CostSchedule(1e-5), _halving()]
    return chain(TopKGate(3), VariationalDense(6), PosteriorDense(5), keras.layers.BatchNormalization()), callbacks


def _halving():
    return keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1.0, factor=0.5)


def early_stopping():
    stop = keras.callbacks.EarlyStopping("loss", min_delta=1.0, patience=2, restore_best_weights=True)
    return chain(PosteriorDense(5)), [stop, _halving()]


def noise_and_halving():
    return chain(VariationalDense(5, n_train=len(X))), [_halving()]


def collapse():
    return chain(PosteriorDense(4), keras.layers.ReLU(), PosteriorDense(4)), [CollapseSchedule(X)]


def noise_that_cannot_be_set():
    return chain(keras.layers.Dense(5), keras.layers.Dropout(0.5)), []


def train(make, directory=None, stop_at=0):
    keras.utils.set_random_seed(1)
    model, callbacks = make()
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    callbacks = [*callbacks, StopAt(stop_at)]
    fit_resumable(
        model, (X, Y), batch_size=BATCH, epochs=EPOCHS, seed=2**40 + 3, callbacks=callbacks, restart_directory=directory
    )
    return model.get_weights()


def prune(directory=None, stop_at=0):
    data = Dataset(X, Y, X, Y, tuple("abcd"), ("0", "1", "2"))
    settings = FitSettings(epochs=EPOCHS, batch_size=BATCH, sparsity=0.5, seed=4)
    keras.utils.set_random_seed(4)
    model = chain(keras.layers.Dense(6, "relu"))
    options = {"callbacks": [StopAt(stop_at)], "restart_directory": directory, "progress": False}
    return fit_classifier(model, data, settings, **options).get_weights()


def check(run, directory, stops):
    whole = run()
    for stop_at in stops:
        with pytest.raises(Stopped):
            run(directory=directory, stop_at=stop_at)
    for one, other in zip(whole, run(directory=directory), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not directory.exists()


@pytest.mark.parametrize("make", [noise_and_halving, pytest.param(noise_that_cannot_be_set, marks=pytest.mark.slow)])
def test_stopped_training_ends_with_the_same_bits(make, tmp_path):
    check(partial(train, make), tmp_path / "restart", [15])


@pytest.mark.slow
@pytest.mark.parametrize(
    "run", [prune, *(partial(train, make) for make in (all_training_layers, early_stopping, collapse))]
)
def test_training_stopped_again_and_again_ends_with_the_same_bits(run, tmp_path):
    stops = np.random.default_rng(0).integers(1, _STEPS // 2, 3).tolist()
    check(run, tmp_path / "restart", stops)


def test_training_step_is_traced_once():
    calls = []

    class Counting(keras.Sequential):
        def train_step(self, data):
            calls.append(data)
            return super().train_step(data)

    model = Counting([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Softmax()])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    fit_resumable(model, (X, Y), batch_size=BATCH, epochs=2, seed=0)
    assert len(calls) == 1


def test_state_of_another_training_or_a_damaged_one_is_not_used(tmp_path):
    model = chain()
    model.compile("adam", "sparse_categorical_crossentropy")
    identity = identity_of(model, (X, Y), {"seed": 0})
    path, state = tmp_path / "training.npz", TrainingState.of(model, [keras.callbacks.TerminateOnNaN()], 1, 2.5)
    write_state(path, identity, state)
    assert read_state(path, identity).cpu_s == 2.5
    assert read_state(path, identity_of(model, (X, Y), {"seed": 1})) is None
    assert read_state(path, identity_of(model, (X + 1, Y), {"seed": 0})) is None
    whole = path.read_bytes()
    for content in (b"", b"PK", *(whole[: int(cut)] for cut in np.random.default_rng(0).integers(len(whole), size=50))):
        path.write_bytes(content)
        assert read_state(path, identity) is None
