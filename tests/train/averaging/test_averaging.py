"""Snapshots, averages of weights and of predictions, against plain NumPy."""

import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError, DataError, TrainingError, UnfinishedWarning, UnsupportedLayerError
from codesign.network import Network
from codesign.train import (
    FastGeometricEnsembling,
    SnapshotEnsemble,
    WeightAveraging,
    ensemble_of,
    load_model,
    save_model,
    update_batch_statistics,
)
from codesign.train.restart import fit_resumable
from tests.train.killed import goes_on

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
Y = (X[:, :1] > X[:, 1:]).astype(np.float32)


class Weights(keras.callbacks.Callback):
    """Keeps the weights after each step."""

    def on_train_begin(self, logs=None):
        self.kept = []

    def on_train_batch_end(self, batch, logs=None):
        self.kept.append(self.model.get_weights())


def model_of(*middle, seed=0):
    keras.utils.set_random_seed(seed)
    last = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="tanh"), *middle, last])
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    return model


def fit(model, *callbacks, epochs=6, **options):
    return model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, callbacks=list(callbacks), **options)


def check_equal(received, expected, **tolerance):
    for one, other in zip(received, expected, strict=True):
        np.testing.assert_allclose(one, other, **tolerance)


@pytest.mark.parametrize(
    "callback, steps",
    [
        (lambda: SnapshotEnsemble(2), (9, 19, 29)),
        pytest.param(lambda: SnapshotEnsemble(1, keep=2), (24, 29), marks=pytest.mark.slow),
        (lambda: FastGeometricEnsembling(cycle_epochs=2), (4, 14, 24)),
        # 2 of 5 steps are before the half
        pytest.param(lambda: FastGeometricEnsembling(cycle_epochs=1, start=3), (16, 21, 26), marks=pytest.mark.slow),
    ],
)
def test_snapshots_are_the_weights_at_the_lows(callback, steps):
    callback, seen, model = callback(), Weights(), model_of()
    fit(model, callback, seen)
    assert len(callback.snapshots) == len(steps)
    for snapshot, step in zip(callback.snapshots, steps):
        check_equal(snapshot, seen.kept[step])
    found = callback.to_model()
    expected = np.mean([one.predict(X, verbose=0) for one in callback.to_models()], 0)
    np.testing.assert_allclose(found.predict(X, verbose=0), expected, atol=1e-6)
    check_equal(model.get_weights(), seen.kept[-1])  # copies: the model stays


def test_a_second_fit_begins_anew_and_one_that_goes_on_adds():
    model, snapshots = model_of(), SnapshotEnsemble(2, keep=None)
    fit(model, snapshots, epochs=2)
    fit(model, snapshots, epochs=4, initial_epoch=2)
    assert len(snapshots.snapshots) == 2
    fit(model, snapshots, epochs=2)
    assert len(snapshots.snapshots) == 1


def test_several_steps_in_one_call():
    model, snapshots = model_of(), FastGeometricEnsembling(cycle_epochs=2)
    model.compile("adam", "binary_crossentropy", steps_per_execution=3)
    fit(model, snapshots)
    assert len(snapshots.snapshots) == 3


@pytest.mark.parametrize(
    "suffix, weights", [pytest.param(".keras", None, marks=pytest.mark.slow), (".h5", [1, 0.5, 2.5])]
)
def test_an_ensemble_is_one_model_that_is_saved_and_read(suffix, weights, tmp_path):
    members = [model_of(seed=0), model_of(keras.layers.Dense(2, activation="swish"), seed=1), model_of(seed=2)]
    ensemble = ensemble_of(members, weights)
    expected = np.average([one.predict(X, verbose=0) for one in members], 0, weights)
    save_model(ensemble, tmp_path / f"ensemble{suffix}")
    for model in (ensemble, load_model(tmp_path / f"ensemble{suffix}")):
        np.testing.assert_allclose(model.predict(X, verbose=0), expected, atol=1e-6)
    for network in (Network.from_keras(ensemble), Network.load(tmp_path / f"ensemble{suffix}")):
        np.testing.assert_allclose(network.predict(X), expected, atol=1e-6)


def test_an_ensemble_of_models_with_several_inputs_and_outputs():
    first, second = keras.Input((2,)), keras.Input((1,))
    x = keras.layers.Concatenate()([first, second])
    member = keras.Model([first, second], [keras.layers.Dense(1)(x), keras.layers.Dense(2)(x)])
    found = ensemble_of([member, member]).predict([X, Y], verbose=0)
    check_equal(found, member.predict([X, Y], verbose=0), atol=1e-6)


@pytest.mark.parametrize(
    "models, weights, message",
    [
        (list, None, "models: expected at least one"),
        (lambda: [model_of(), keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])], None, "same inputs"),
        (lambda: [keras.Sequential([keras.layers.Dense(1)])], None, "knows its inputs"),
        (lambda: [model_of()] * 2, [1, -1], "weights: expected 2 numbers of at least 0"),
        (lambda: [model_of()] * 2, [0, 0], "weights: expected 2 numbers"),
        (lambda: [model_of()] * 2, [1, np.nan], "weights: expected 2 numbers"),
        (lambda: [model_of()] * 2, [1], "weights: expected 2 numbers"),
    ],
)
def test_what_is_no_ensemble_is_one_line(models, weights, message):
    with pytest.raises((ConfigError, UnsupportedLayerError), match=message):
        ensemble_of(models(), weights)


@pytest.mark.parametrize(
    "callback, message",
    [
        (lambda: SnapshotEnsemble(7), "cycle_epochs: expected at most the 6 epochs"),
        (lambda: FastGeometricEnsembling(start=6), "start, cycle_epochs: expected half a cycle within the 6 epochs"),
        (lambda: WeightAveraging(7), "start: expected at most the 6 epochs"),
    ],
)
def test_a_fit_that_is_too_short_is_one_line(callback, message):
    with pytest.raises(ConfigError, match=message):
        fit(model_of(), callback())
    with pytest.raises(TrainingError, match="expected a fit in which a cycle ended"):
        SnapshotEnsemble(2).to_model()


def test_weights_are_averaged_from_the_start_on():
    model, average, seen = model_of(), WeightAveraging(start=3), Weights()
    fit(model, average, seen)
    ends = seen.kept[4::5][2:]
    assert average.n_averaged == len(ends) == 4
    check_equal(model.get_weights(), [np.mean(one, 0) for one in zip(*ends)], atol=1e-6)


def test_a_fit_that_goes_on_averages_on():
    model, average, seen = model_of(), WeightAveraging(start=1), Weights()
    fit(model, average, seen, epochs=2)
    ends = seen.kept[4::5]
    fit(model, average, seen, epochs=4, initial_epoch=2)
    check_equal(model.get_weights(), [np.mean(one, 0) for one in zip(*ends, *seen.kept[4::5])], atol=1e-6)


def renewed(ends, loss, renewal):
    """The rule of `WeightAveraging` with validation events, on lists of epochs."""
    first, second, wait, times = [0], None, renewal, 1
    for epoch in range(1, len(ends)):
        first, second = [*first, epoch], None if second is None else [*second, epoch]
        wait -= 1
        if wait == 0:
            if second is not None:
                is_better = loss(second) < loss(first)
                first, times = (second, 1) if is_better else (first, times + 1)
            second, wait = [epoch], renewal * times
    return first


@pytest.mark.parametrize("worse_later", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_mean_of_better_epochs_takes_its_place(worse_later):
    model, seen = model_of(), Weights()
    y = 1 - Y if worse_later else Y  # of validation: the longer it is trained the worse it is
    average = WeightAveraging(start=1, validation_data=(X, y, np.ones(40)), renewal=2)
    fit(model, average, seen, epochs=9)
    ends, other = seen.kept[4::5], model_of()

    def mean(epochs):
        return [np.mean([ends[epoch][index] for epoch in epochs], 0) for index in range(4)]

    def loss(epochs):
        other.set_weights(mean(epochs))
        return other.evaluate(X, y, verbose=0)

    chosen = renewed(ends, loss, 2)
    assert (chosen[0] == 0) == worse_later
    check_equal(model.get_weights(), mean(chosen), atol=1e-6)


def test_statistics_of_batch_normalisation_are_those_of_the_averaged_weights():
    model = model_of(keras.layers.BatchNormalization(momentum=0.9), keras.layers.Dropout(0.1))
    with pytest.raises(ConfigError, match="x: expected the training events.*batch_norm"):
        fit(model, WeightAveraging(2))
    fit(model, WeightAveraging(2, x=X, batch_size=len(X)))
    hidden = keras.Model(model.inputs, model.layers[0].output).predict(X, verbose=0)
    norm = model.layers[1]
    check_equal(norm.get_weights()[2:], [hidden.mean(0), hidden.var(0)], rtol=1e-5)
    before = model.get_weights()
    update_batch_statistics(model, X, batch_size=15)  # the last batch has 10
    np.testing.assert_allclose(norm.get_weights()[2], hidden.mean(0), rtol=1e-4, atol=1e-6)
    shares = [hidden[begin : begin + 15].var(0) * len(hidden[begin : begin + 15]) / 40 for begin in (0, 15, 30)]
    np.testing.assert_allclose(norm.get_weights()[3], np.sum(shares, 0), rtol=1e-4)
    check_equal([*model.get_weights()[:4], *model.get_weights()[6:]], [*before[:4], *before[6:]])
    assert norm.momentum == 0.9


@pytest.mark.slow
def test_averaging_that_was_killed_ends_with_the_same_bits(tmp_path):
    def run(*more, directory=None):
        model, average = model_of(), WeightAveraging(2, validation_data=(X, Y), renewal=1)
        options = {"batch_size": 8, "epochs": 6, "seed": 1, "restart_directory": directory}
        fit_resumable(model, (X, Y), callbacks=[average, *more], **options)
        return model.get_weights()

    expected, received = goes_on(run, 4, tmp_path)
    check_equal(received, expected, rtol=0)


BAD = np.where(np.arange(40)[:, None] == 7, np.nan, X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": X[:, :1]}, r"x: expected events as 'sequential.* takes them, of shape \(None, 2\). Received: \(40, 1\)"),
        ({"x": BAD}, "x: expected finite numbers. Received: NaN or inf in 1 of 40 events"),
        ({"x": X[:0]}, "x: expected events. Received: none"),
        ({"validation_data": (X[:, :1], Y)}, r"validation_data\[0\]: expected events as 'seq"),
        ({"validation_data": (X, Y[:-1])}, r"Received: 40 of validation_data\[0\], 39 of validation_data\[1\]"),
        ({"validation_data": (X, Y, np.ones(39))}, r"39 of validation_data\[2\]"),
        ({"validation_data": (X, np.ones((40, 3)))}, "validation_data: expected events and labels that 'seq"),
        ({"validation_data": (BAD, Y)}, r"validation_data\[0\]: expected finite numbers"),
        ({"validation_data": (X, BAD[:, :1])}, r"validation_data\[1\]: expected finite numbers"),
    ],
)
def test_data_that_cannot_be_averaged_with_are_refused_before_the_first_step(options, message):
    model = model_of()
    before = model.get_weights()
    with pytest.raises((ConfigError, DataError), match=message) as error:
        fit(model, WeightAveraging(1, **options), epochs=1)
    assert "\n" not in str(error.value)
    check_equal(model.get_weights(), before)


@pytest.mark.parametrize("x", [X[:, :1], BAD])
def test_statistics_of_events_that_do_not_fit_change_nothing(x):
    model = model_of(keras.layers.BatchNormalization())
    before = model.get_weights()
    with pytest.raises((ConfigError, DataError), match="x: expected"):
        update_batch_statistics(model, x, batch_size=8)
    check_equal(model.get_weights(), before)


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (lambda: WeightAveraging(4), "training up to epoch 4, its start. Received: one that ended after epoch 1"),
        (lambda: SnapshotEnsemble(4), "SnapshotEnsemble: expected a training in which a cycle ends"),
        (
            lambda: FastGeometricEnsembling(start=3),
            "FastGeometricEnsembling: expected a training in which a cycle ends",
        ),
    ],
)
def test_a_training_that_is_stopped_before_says_so(callback, message):
    stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", True))
    model, callback, seen = model_of(), callback(), Weights()
    with pytest.warns(UnfinishedWarning, match=message) as warned:
        fit(model, callback, stop, seen)
    assert len(warned) == 1 and "\n" not in str(warned[0].message)
    check_equal(model.get_weights(), seen.kept[-1])
