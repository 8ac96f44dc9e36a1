"""Ensembles, against members that Keras and NumPy compute one by one."""

import copy

import numpy as np
import pytest

from codesign import Ensemble, EnsembleSettings, load_network
from codesign.errors import CodesignError, ConfigError, DataError, TrainingError
from codesign.export import check_cpp
from codesign.train.ensemble.flat_adam import FlatAdam
from codesign.train.ensemble.folds import stratified_folds
from codesign.train.ensemble.members import Members
from codesign.train.ensemble.served import served_model

RNG = np.random.default_rng(0)
X = RNG.normal(3, [1, 2, 5, 1], size=(400, 4)).astype(np.float32)
X[:, 3] = RNG.integers(0, 4, 400)
Y = ((X[:, 0] > 3) ^ (X[:, 3] > 1)).astype(int)
KINDS = {"relu": {"activation": "relu"}, "categories": {"categories": ((3, 4),), "dense_connections": True}}


def settings(**options):
    return EnsembleSettings(**{"members": 3, "hidden": (5, 4), "epochs": 2, "batch_size": 40, **options})


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def ensemble(request):
    return Ensemble.train(X, Y, settings=settings(**request.param), seed=1)


def test_model_is_the_mean_of_its_members_and_the_network_is_the_model(ensemble):
    each = ensemble.predict_members(X)
    assert each.shape == (400, 1, 3) and ensemble.shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(ensemble.predict(X), each @ ensemble.shares, atol=1e-6)
    np.testing.assert_allclose(ensemble.to_network().predict(X), ensemble.predict(X), atol=1e-6)
    losses = ensemble.trained.losses[ensemble.trained.best_epochs, np.arange(3)]
    np.testing.assert_allclose(ensemble.shares * losses, ensemble.shares[0] * losses[0], rtol=1e-5)


def test_one_file_is_the_whole_ensemble(ensemble, tmp_path):
    ensemble.save(tmp_path / "ensemble.keras")
    again, network = Ensemble.load(tmp_path / "ensemble.keras"), load_network(tmp_path / "ensemble.keras")
    np.testing.assert_array_equal(again.predict(X), ensemble.predict(X))
    np.testing.assert_allclose(network.predict(X), ensemble.predict(X), atol=1e-6)


def test_events_in_pieces_copies_and_weights_that_changed_since_the_first_call(ensemble):
    whole, model = ensemble.predict(X), copy.deepcopy(ensemble)
    np.testing.assert_allclose(ensemble.predict(X, batch_size=7), whole, atol=1e-6)
    np.testing.assert_array_equal(model.predict(X), whole)
    assert ensemble.predict(X[:0]).shape == (0, 1)
    model.model.set_weights([0 * one for one in model.model.get_weights()])
    assert (model.predict(X) == 0).all() and (ensemble.predict(X) == whole).all()


def test_one_pass_of_cpp_is_all_members():
    members = Members(settings(**KINDS["categories"]), 4, 1)
    weights = members.start(np.random.default_rng(0))
    model = served_model(members, weights, X[:, :3].mean(0), X[:, :3].std(0), np.full(3, 1 / 3))
    assert check_cpp(Ensemble(model).to_network(), X[:50]) < 1e-5


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_members_are_plain_dense_networks(kind):
    members = Members(settings(**kind), 4, 2)
    weights = members.start(np.random.default_rng(0))
    x = RNG.normal(size=(7, 4)).astype(np.float32)
    x[:, 3] = RNG.integers(0, 4, 7)
    found = members.logits(np.tile(x, (3, 1, 1)), weights).numpy()
    n_tables = len(members.settings.categories)
    act = {"swish": lambda z: z / (1 + np.exp(-z)), "relu": lambda z: np.maximum(z, 0)}[members.settings.activation]
    for member in range(3):
        own = [one[member] for one in weights]
        value = np.hstack([x[:, members.plain], *(t[x[:, 3].astype(int)] for t in own[:n_tables])])
        layers = own[n_tables:]
        for kernel, bias in zip(layers[:-2:2], layers[1:-2:2]):
            hidden = act(value @ kernel + bias)
            value = np.hstack([hidden, value]) if members.settings.dense_connections else hidden
        np.testing.assert_allclose(found[member], value @ layers[-2] + layers[-1], atol=1e-5)


def test_members_share_nothing_and_each_leaves_its_fold_out():
    """Changing the events of fold 0 moves every member but the one that leaves it out; its loss alone sees them."""
    rng = np.random.default_rng(4)
    fold = stratified_folds(Y, 3, np.random.default_rng(1))
    changed = X.copy()
    changed[fold == 0, 0] += rng.normal(0, 3, (fold == 0).sum())
    scale = X.mean(0), X.std(0)
    options = {"settings": settings(epochs=1), "scale": scale, "seed": 1}
    first, second = (Ensemble.train(x, Y, **options).predict_members(X)[:, 0] for x in (X, changed))
    moved = np.abs(first - second).max(0)
    assert moved[0] == 0 and (moved[1:] > 1e-4).all()


def test_weights_of_zero_take_events_out_and_classes_count_alike():
    weight = np.where(Y == 1, 0.001, 50.0) * (np.arange(400) % 2)
    options = {"settings": settings(epochs=1, batch_size=400), "scale": (X.mean(0), X.std(0))}
    other = X.copy()
    other[::2] += 1
    found = [Ensemble.train(x, Y, weight, **options).predict_members(X) for x in (X, other)]
    np.testing.assert_allclose(*found, atol=1e-6)
    scaled = Ensemble.train(X, Y, np.where(Y == 1, 1000.0, 1.0) * weight, **options).predict_members(X)
    np.testing.assert_allclose(scaled, found[0], atol=1e-6)


def test_patience_stops_a_member_at_its_best_epoch():
    run = settings(epochs=30, patience=1, learning_rate=0.3, batch_size=20)
    trained = Ensemble.train(X, RNG.permutation(Y), settings=run).trained
    assert len(trained.losses) < 30
    for best, losses in zip(trained.best_epochs, trained.losses.T):
        assert losses[best] == losses[: best + 2].min()


def test_several_classes_and_folds_of_one_size():
    y = np.digitize(X[:, 0], [2, 3, 4])
    ensemble = Ensemble.train(X, y, settings=settings(epochs=1))
    np.testing.assert_allclose(ensemble.predict(X).sum(1), 1, atol=1e-5)
    fold = stratified_folds(y, 7, RNG, strata=(X[:, 3] > 1).astype(int))
    assert np.ptp(np.bincount(fold)) <= 1
    assert all(np.ptp(np.bincount(fold[y == kind], minlength=7)) <= 2 for kind in range(4))


def test_flat_adam_is_kerass():
    from codesign import keras

    start = [RNG.normal(size=shape).astype(np.float32) for shape in ((2, 3, 2), (2, 1, 2))]
    adam, variables = FlatAdam(start), [keras.backend.variable(one) for one in start]
    plain = keras.optimizers.Adam(0.05, beta_1=0.9, epsilon=1e-8)
    for step in range(1, 6):
        gradients = [RNG.normal(size=one.shape).astype(np.float32) for one in start]
        plain.apply_gradients(zip(gradients, variables))
        adam.step(np.concatenate([one.reshape(2, -1) for one in gradients], 1), 0.05, 0.9, np.float32(step))
    for one, other in zip(adam.split(adam.values), variables):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"sample_weight": -np.ones(400)}, DataError, "sample_weight: expected 0 or above"),
        ({"sample_weight": (Y == 0) * 1.0}, DataError, "0 for all events of class 1"),
        ({"sample_weight": np.full(400, np.nan)}, DataError, "sample_weight: expected finite"),
        ({"settings": settings(members=300)}, DataError, "members: expected at most the events of the rarest class"),
        ({"x": np.where(X > 3, np.nan, X)}, DataError, "NaN or inf in"),
        ({"y": Y + 1}, DataError, "none of class 0"),
        ({"y": Y[:5]}, DataError, "y: expected 400 integer labels"),
        ({"settings": settings(categories=((9, 4),))}, ConfigError, "categories: expected columns from 0 to 3"),
        ({"settings": settings(categories=((0, 4),))}, DataError, "whole numbers from 0 to 3 in column 0"),
        ({"settings": settings(hidden=(64, 64)), "scale": (np.zeros(4), np.full(4, 1e-37))}, TrainingError, "diverged"),
        ({"scale": (np.zeros(4), np.zeros(4))}, ConfigError, "scale: expected"),
    ],
)
def test_bad_input_is_named(change, error, message):
    with pytest.raises(error, match=message):
        Ensemble.train(**{"x": X, "y": Y, "settings": settings(), **change})


def test_events_to_predict_are_checked(ensemble):
    unknown = np.where(np.arange(4) == 3, 4.0, X)
    if any(one.name == "categories_3" for one in ensemble.model.layers):
        with pytest.raises(DataError, match="whole numbers from 0 to 3 in column 3.* Received: 4, in 400 of 400"):
            ensemble.predict(unknown)
    with pytest.raises(DataError, match="x: expected finite numbers"):
        ensemble.predict_members(X * np.nan)
    with pytest.raises(DataError, match="expected shape .n_events, 4."):
        ensemble.predict(X[:, :3])


def test_settings_and_files_that_are_none_are_refused(tmp_path):
    from codesign import keras, save_model

    with pytest.raises(ConfigError, match="did you mean 'swish'"):
        EnsembleSettings(activation="swich")
    with pytest.raises(ConfigError, match="members: expected a number from 2"):
        EnsembleSettings(members=1)
    save_model(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), tmp_path / "other.keras")
    with pytest.raises(CodesignError, match="no layer of the members"):
        Ensemble.load(tmp_path / "other.keras")
