import json
import warnings
from functools import cache

import numpy as np
import pytest

from codesign._keras import keras, tf
from codesign.errors import ConfigError, DataError, PrecisionError, UnsupportedLayerError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import ROUNDED
from codesign.posterior import FrontPoint, train_front
from codesign.posterior.front.train import _CostMove
from codesign.train import load_model

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 600)
X = (RNG.normal(size=(600, 6)) + 2.5 * np.eye(3, 6)[Y]).astype(np.float32)
QUICK = {
    "epochs": 12,
    "settle_epochs": 6,
    "collapse_epochs": 5,
    "batch_size": 100,
    "collapse_batch_size": 100,
    "progress": False,
}
WEIGHTS = (1e-4, 3e-3)


def untrained(*outputs, hidden=PosteriorDense):
    keras.utils.set_random_seed(0)
    output = outputs or (PosteriorDense(3), keras.layers.Softmax())
    return keras.Sequential([keras.Input((6,)), hidden(8, activation="relu"), *output])


same = cache(untrained)  # which train_front leaves as it is


def train(model=None, x=X, y=Y, **options):
    return train_front(model or same(), x, y, **{"cost_weights": WEIGHTS, **QUICK, **options})


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    directory, model = tmp_path_factory.mktemp("front"), untrained()
    before = model.get_weights()
    points = train(model, directory=directory)
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)  # the caller's model is left as it is
    return points, directory


BRIEF = {"cost_weights": (1e-3,), "epochs": 3, "settle_epochs": 2, "collapse_epochs": 2}
BRIEF |= {"batch_size": 300, "collapse_batch_size": 300}


@pytest.fixture(scope="module")
def brief(tmp_path_factory):
    """A front of one network that is hardly trained."""
    directory = tmp_path_factory.mktemp("brief")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Even though the `tf.config")
        tf.config.run_functions_eagerly(True)  # few steps take less time than tracing them
        try:
            return train(directory=directory, **BRIEF), directory
        finally:
            tf.config.run_functions_eagerly(False)


def check_costs(points):
    for point in points:
        graph = trace_adder_graph(point.network)
        assert (point.adder_cost, point.adder_levels) == (graph.adder_cost, graph.adder_levels)
        assert point.train_cpu_s > 0


def assert_same(points, others):
    for one, other in zip(points, others, strict=True):
        assert (one.cost_weight, one.adder_cost, one.adder_levels) == (
            other.cost_weight,
            other.adder_cost,
            other.adder_levels,
        )
        np.testing.assert_array_equal(one.network.emulate(X), other.network.emulate(X))


def test_the_costs_are_those_of_the_network(brief):
    assert brief[0][0].adder_cost > 0
    check_costs(brief[0])


@pytest.mark.slow
def test_each_network_is_smaller_and_still_good(front):
    points, _ = front
    assert [point.cost_weight for point in points] == list(WEIGHTS) and isinstance(points[0], FrontPoint)
    assert 0 < points[1].adder_cost < points[0].adder_cost
    check_costs(points)
    assert all(np.mean(point.network.emulate(X).argmax(1) == Y) > 0.7 for point in points)


def test_finished_networks_are_read_and_not_trained_again(brief, monkeypatch):
    points, directory = brief
    monkeypatch.setattr(keras.Model, "fit", lambda *args, **options: pytest.fail("trained"))
    again = train(directory=directory, **BRIEF)
    assert_same(points, again)
    assert [point.train_cpu_s for point in again] == [point.train_cpu_s for point in points]
    assert not load_model(directory / "noisy_0.h5").layers[0].is_collapsed


@pytest.mark.slow
def test_run_that_is_stopped_again_and_again_ends_with_the_same_networks(front, tmp_path, monkeypatch):
    calls, fit = [], keras.Model.fit

    def stopping(model, *args, **options):
        if calls:
            raise KeyboardInterrupt
        calls.append(model)
        return fit(model, *args, **options)

    monkeypatch.setattr(keras.Model, "fit", stopping)
    for _ in range(3):
        calls.clear()
        with pytest.raises(KeyboardInterrupt):
            train(directory=tmp_path)
        np.random.seed(5)
    calls.clear()
    assert_same(front[0], train(directory=tmp_path))


@pytest.mark.slow
def test_folder_of_another_front_is_refused(front):
    _, directory = front
    with pytest.raises(DataError, match="where settle_epochs is 6 instead of 7; choose another directory"):
        train(directory=directory, settle_epochs=7)
    with pytest.raises(DataError, match="where data is"):
        train(x=X + 1, directory=directory)
    with pytest.raises(DataError, match="where model is"):
        train(untrained(PosteriorDense(3)), directory=directory)


def test_damaged_folder(tmp_path):
    (tmp_path / "front.json").write_text('{"settings"')
    with pytest.raises(DataError, match="directory: expected a front of train_front. Received: a damaged .*front.json"):
        train(directory=tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="directory: expected a folder that can be written"):
        train(directory=tmp_path / "file")


@pytest.mark.parametrize("theirs", ["noisy_0.h5", "network_1.json", "noisy_1_restart/training.npz"])
def test_files_of_the_user_are_refused(tmp_path, theirs):
    (tmp_path / theirs).parent.mkdir(exist_ok=True)
    (tmp_path / theirs).write_text("mine")
    with pytest.raises(DataError, match=f"directory: .*where {theirs} was not made by codesign"):
        train(directory=tmp_path)
    assert (tmp_path / theirs).read_text() == "mine"


@pytest.mark.slow
def test_regression():
    targets = X[:, :1] - 0.5 * X[:, 1:2]
    options = {"loss": keras.losses.MeanSquaredError(), "cost_weights": [1e-4], "epochs": 30}
    (point,) = train(untrained(PosteriorDense(1)), y=targets, **options)
    assert np.mean((point.network.emulate(X) - targets) ** 2) < 0.5 * targets.var()


def test_weight_moves_evenly_in_its_logarithm():
    move = _CostMove(1e-6, 1e-4)
    np.testing.assert_allclose([move.weight_at(share) for share in (0, 0.25, 0.5, 1)], [1e-6, 1e-5, 1e-4, 1e-4])


@pytest.mark.parametrize(
    "weights",
    [(), 1e-6, (0.0, 1e-6), (-1e-6, 1e-6), (2e-6, 1e-6), (1e-6, 1e-6), (1e-6, np.nan), (1e-6, np.inf), "many"],
)
def test_bad_cost_weights(weights):
    with pytest.raises(ConfigError, match="cost_weights: expected (positive|a list of) numbers"):
        train(cost_weights=weights)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "^epochs: expected a whole number of at least 1. Received: 0$"),
        ({"collapse_batch_size": 2.5}, "^collapse_batch_size: expected a whole number"),
        ({"settle_rate": 0}, "^settle_rate: expected a positive number. Received: 0$"),
        ({"learning_rate": np.nan}, "^learning_rate: expected a positive number"),
        ({"seed": -1}, "^seed: expected a whole number from 0"),
        ({"loss": "sparse"}, "^loss: expected a Keras loss or its name"),
    ],
)
def test_bad_settings(options, message):
    with pytest.raises(ConfigError, match=message):
        train(**options)


def test_bad_models():
    with pytest.raises(ConfigError, match="expected PosteriorDense layers. Received: none"):
        train(untrained(keras.layers.Dense(3), hidden=keras.layers.Dense))
    with pytest.raises(UnsupportedLayerError, match="a model that knows its inputs"):
        train(keras.Sequential([PosteriorDense(3)]))
    begun = untrained()
    begun.layers[0].start_collapse(ROUNDED, np.ones(6))
    with pytest.raises(ConfigError, match="have not begun to collapse. Received: 'posterior_dense"):
        train(begun)
    with pytest.raises(UnsupportedLayerError):
        train(untrained(PosteriorDense(4), keras.layers.Lambda(lambda x: x), PosteriorDense(3)))
    with pytest.raises(PrecisionError):
        train(untrained(keras.layers.Dense(3)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": np.where(X > 3, np.nan, X)}, r"^x: expected finite numbers. Received: NaN or inf in \d+ of 600 events"),
        ({"x": X[:, :5]}, r"^x: expected shape \(n_events, 6\). Received: \(600, 5\)"),
        ({"x": X[:0], "y": Y[:0]}, "^x: expected shape"),
        ({"x": np.array([["a"] * 6])}, "^x, y: expected arrays of numbers"),
        ({"y": Y[:-1]}, "^y: expected labels of 600 events, as many as x has"),
        ({"y": Y + 1}, "^y: expected labels 0 to 2, one of each event, for this loss. Received: 1 to 3"),
        ({"y": np.where(Y > 1, np.nan, Y)}, "^y: expected finite numbers"),
    ],
)
def test_bad_data(data, message, tmp_path):
    with pytest.raises(DataError, match=message):
        train(directory=tmp_path / "front", **data)
    assert not (tmp_path / "front").exists()


def test_folder_says_what_it_holds(brief):
    state = json.loads((brief[1] / "front.json").read_text())
    assert [point["adder_cost"] for point in state["points"]] == [point.adder_cost for point in brief[0]]
