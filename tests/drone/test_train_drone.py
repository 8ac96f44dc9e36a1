import numpy as np
import pytest

from codesign._keras import keras
from codesign.drone import Drone, as_teacher, train_drone
from codesign.errors import ConfigError, DataError, TrainingError
from codesign.layers import TernaryDense
from codesign.network import Network

X = (np.random.default_rng(0).normal(size=(1500, 3)) * [1, 100, 0.01] + [0, 5000, 3]).astype(np.float32)
QUICK = {"max_units": 6, "max_epochs": 12, "fine_tune_iterations": 200, "progress": False}
SEEN = []


def teacher(x):
    u = (x - [0, 5000, 3]) / [1, 100, 0.01]
    return 1 / (1 + np.exp(-3 * np.tanh(u[:, 0] - u[:, 1]) + u[:, 2]))


@pytest.fixture(scope="module")
def drone():
    watcher = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: SEEN.append(sorted(logs)))
    return train_drone(teacher, X, callbacks=[watcher], **QUICK)


def test_drone_imitates_and_is_a_keras_model(drone):
    given = drone.predict(X)
    assert (given.shape, given.dtype) == ((1500, 1), np.float32)
    assert np.abs(given[:, 0] - teacher(X)).mean() < 0.01
    np.testing.assert_allclose(drone.model.predict(X, verbose=0), given, atol=1e-6)
    n_inputs, hidden, n_outputs = drone.sizes
    assert (n_inputs, n_outputs) == (3, 1) and hidden <= 6
    assert drone.n_parameters == 5 * hidden + 1
    np.testing.assert_allclose(drone.mean, X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(drone.std, X.std(0), rtol=1e-3)
    np.testing.assert_allclose(drone.core((X - drone.mean) / drone.std), given, atol=2e-4)


def test_history_tells_how_it_grew_and_callbacks_see_both_stages(drone):
    assert len(SEEN) == len(drone.history) and all(names == ["loss", "val_loss"] for names in SEEN)
    assert [entry["units"][0] for entry in drone.history] == sorted(entry["units"][0] for entry in drone.history)
    assert {entry["stage"] for entry in drone.history} == {"fit", "fine_tune"}
    tuned = [entry["val_loss"] for entry in drone.history if entry["stage"] == "fine_tune"]
    assert min(tuned) < 0.5 * tuned[0]


def test_saved_drone_is_the_same(drone, tmp_path):
    drone.save(tmp_path / "drone.keras")
    loaded = Drone.load(tmp_path / "drone.keras")
    np.testing.assert_array_equal(loaded.predict(X), drone.predict(X))
    assert (loaded.kind, loaded.history, loaded.sizes) == (drone.kind, drone.history, drone.sizes)
    assert keras.models.load_model(tmp_path / "drone.keras", compile=False).count_params() >= drone.n_parameters
    (tmp_path / "other.keras").write_bytes((tmp_path / "drone.keras").read_bytes()[:900])
    for name in ("nothing.keras", "other.keras"):
        with pytest.raises(DataError, match="path: expected a drone"):
            Drone.load(tmp_path / name)
    with pytest.raises(DataError, match="ends in .keras"):
        drone.save(tmp_path / "drone.h5")


@pytest.mark.slow
def test_same_seed_same_drone(drone):
    np.testing.assert_array_equal(train_drone(teacher, X, **QUICK).predict(X), drone.predict(X))


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["paper", "reference"])
def test_published_rules_end_after_their_epochs(rule):
    drone = train_drone(teacher, X, rule=rule, max_epochs=8, progress=False)
    assert len(drone.history) == 8 and {entry["stage"] for entry in drone.history} == {"fit"}


@pytest.mark.slow
def test_values_of_any_size_and_two_hidden_layers():
    values = as_teacher(lambda x: 1e4 + 300 * np.stack([x[:, 0], x[:, 0] ** 2], 1), output="value")
    drone = train_drone(values, X, hidden=(4, 3), activation="tanh", **QUICK)
    assert drone.kind == "value" and len(drone.sizes) == 4
    assert np.abs(drone.predict(X) - values.predict(X)).mean() < 15


@pytest.mark.slow
def test_several_probabilities_add_up_to_1():
    classes = as_teacher(lambda x: np.stack([3 * x[:, 0], 0 * x[:, 0], (x[:, 1] - 5000) / 50], 1), output="logit")
    drone = train_drone(classes, X, **QUICK)
    np.testing.assert_allclose(drone.predict(X).sum(1), 1, atol=1e-5)
    assert np.abs(drone.predict(X) - classes.predict(X)).mean() < 0.02


def qdense(units, name):
    from qkeras import QDense

    return QDense(
        units, name=name, kernel_quantizer="quantized_bits(8,2,alpha=1)", bias_quantizer="quantized_bits(8,2,alpha=1)"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(qdense, id="QDense"),
        pytest.param(lambda units, name: TernaryDense(units, name=name), id="TernaryDense"),
    ],
)
def test_drones_of_few_bits_go_on_as_networks(layer, tmp_path):
    drone = train_drone(
        teacher,
        X,
        hidden=(8,),
        max_units=10,
        activation="quantized_relu(8,3)",
        layer=layer,
        max_epochs=15,
        progress=False,
    )
    assert np.abs(drone.predict(X)[:, 0] - teacher(X)).mean() < 0.8 * np.abs(teacher(X).mean() - teacher(X)).mean()
    network = Network.from_keras(drone.core)
    z = (X - drone.mean) / drone.std
    np.testing.assert_allclose(network.predict(z), drone.predict(X), atol=0.03)  # it rounds no activations
    drone.save(tmp_path / "drone.keras")
    np.testing.assert_array_equal(Drone.load(tmp_path / "drone.keras").predict(X), drone.predict(X))


@pytest.mark.slow
def test_constant_features_do_no_harm():
    drone = train_drone(lambda x: np.full(len(x), 0.3), np.ones((50, 2)), max_epochs=3, progress=False)
    assert np.isfinite(drone.predict(np.ones((5, 2)))).all()


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"rule": "papre"}, "did you mean 'paper'"),
        ({"hiden": (5,)}, "did you mean 'hidden'"),
        ({"hidden": ()}, "hidden"),
        ({"hidden": (5, 0)}, "hidden"),
        ({"max_units": 4}, "max_units"),
        ({"max_epochs": 0}, "max_epochs"),
        ({"held_out": 1.0}, "held_out"),
        ({"loss": "mae"}, "loss"),
        ({"activation": "sinus"}, "activation"),
        ({"fine_tune_iterations": 5, "layer": qdense}, "fine_tune_iterations"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ConfigError, match=message):
        train_drone(teacher, X, progress=False, **settings)


def test_bad_events_and_divergence():
    for x, message in [
        (X[:, 0], "n_events"),
        (X[:5], "at least 20"),
        (np.where(X > 5000, np.nan, X), "NaN or inf in"),
        (X.astype(str), "numbers"),
    ]:
        with pytest.raises(DataError, match=message):
            train_drone(teacher, x, progress=False)
    with pytest.raises(ConfigError, match="mse"):
        train_drone(as_teacher(teacher, output="value"), X, loss="cross_entropy", progress=False)
    with pytest.raises(TrainingError, match="lower the learning_rate"):
        train_drone(teacher, X, activation="relu", loss="mse", optimizer=keras.optimizers.SGD(1e38), progress=False)
