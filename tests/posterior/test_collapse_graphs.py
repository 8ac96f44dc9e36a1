"""PosteriorDense layers in functional models: collapse, budgets of the adder graph, and Networks of them."""

import numpy as np
import pytest

from codesign._keras import keras
from codesign._layer_walk import read_layer_graph
from codesign.errors import DataError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import ROUNDED, TRUNCATED
from codesign.network import Network
from codesign.posterior import CollapseSchedule, CollapseToBudget, LutBudget, collapse
from codesign.posterior.equalize import equalize_scales
from codesign.posterior.feeds import Feeds

L = keras.layers
RNG = np.random.default_rng(0)
X = {
    "jet": RNG.normal(size=(300, 4)).astype(np.float32),
    "particles": RNG.normal(size=(300, 3, 2)).astype(np.float32),
}


def tagger(seed=0):
    """Two inputs, a dense layer over particles, concatenated branches, a layer used twice, a sum, two outputs."""
    keras.utils.set_random_seed(seed)
    jet, particles = keras.Input((4,), name="jet"), keras.Input((3, 2), name="particles")
    first = PosteriorDense(6, activation="relu", name="jet_dense")(jet)
    one = PosteriorDense(5, activation="relu", name="one")(first)
    each = PosteriorDense(4, activation="relu", name="each")(particles)
    two = PosteriorDense(3, activation="relu", name="two")(L.GlobalMaxPooling1D()(each))
    joined = PosteriorDense(5, activation="relu", name="joined")(L.Concatenate()([one, two]))
    twice = PosteriorDense(5, name="twice")
    total = L.ReLU()(L.Add()([twice(joined), joined, twice(PosteriorDense(5, name="side")(jet))]))
    outputs = [PosteriorDense(3, name="last")(total), PosteriorDense(1, name="other")(joined)]
    model = keras.Model({"jet": jet, "particles": particles}, outputs)
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if isinstance(layer, PosteriorDense):
            layer.bias.assign(0.3 * rng.normal(size=layer.units))
            layer.mean_square.assign(rng.uniform(0.1, 9, layer.mean_square.shape))
            layer.log_tau2.assign(rng.uniform(-9, -4, layer.log_tau2.shape))
            layer.log_sigma2.assign(rng.uniform(-12, -6, layer.log_sigma2.shape))
    return model


def side_by_side(outputs):
    return np.concatenate([np.asarray(one) for one in outputs], 1)


@pytest.fixture(scope="module")
def models():
    """A model, and the same after its collapse."""
    model = tagger()
    return model, collapse(model, X)


def test_layers_truncate_where_nothing_else_reads_what_feeds_them(models):
    modes = {layer.name: layer.mode for layer in models[1].layers if isinstance(layer, PosteriorDense)}
    assert modes == {
        **dict.fromkeys(("jet_dense", "each", "two", "twice", "side", "last", "other"), ROUNDED),
        **dict.fromkeys(("one", "joined"), TRUNCATED),
    }


def test_a_network_is_the_collapsed_model_to_the_bit_and_near_the_one_before(models):
    model, collapsed = models
    network, wild = Network.from_keras(collapsed), {name: 3 * x for name, x in X.items()}
    for x in (X, wild):
        np.testing.assert_array_equal(network.emulate(x), side_by_side(collapsed(x)))
    before, after = side_by_side(model(X)), network.emulate(X)
    assert np.abs(after - before).mean() < 0.2 * before.std()
    graph = trace_adder_graph(network)
    np.testing.assert_array_equal(graph.predict(network.check_events(wild)), network.emulate(wild))


@pytest.mark.slow
def test_scales_move_between_the_layers_of_a_concatenation_and_the_one_behind_it():
    model = tagger()
    before, layer = side_by_side(model(X)), model.get_layer("joined")
    mode, feeders = Feeds(read_layer_graph(model)).mode_and_feeders(layer)
    assert [(feeder.layer.name, feeder.inputs) for feeder in feeders] == [("one", slice(0, 5)), ("two", slice(5, 8))]
    equalize_scales(feeders, layer)
    assert mode == TRUNCATED and np.abs(np.log2(layer.mean_square.numpy())).max() <= 1
    np.testing.assert_allclose(side_by_side(model(X)), before, rtol=1e-5, atol=1e-6)


def test_formats_of_a_layer_that_is_used_twice_cover_both_places():
    one, two = keras.Input((2,), name="one"), keras.Input((2,), name="two")
    shared = PosteriorDense(3, initial_log_sigma2=-12, initial_log_tau2=-12)
    model = keras.Model([one, two], L.Subtract()([shared(one), shared(two)]))
    x = [np.full((4, 2), 0.5, np.float32), np.full((4, 2), -20.0, np.float32)]
    layer = collapse(model, x).layers[-2]
    assert (np.asarray(layer.input_format.code_low) * 2.0**-layer.input_format.fraction <= -20).all()


@pytest.mark.slow
def test_a_graph_trains_to_a_budget_of_adders():
    model, y = tagger(), [X["jet"][:, :3], X["jet"][:, :1] - X["particles"][:, 0, :1]]
    x = [X["jet"], X["particles"]]
    for callback in (LutBudget(300, X), CollapseToBudget(300, x, parts=(0.5, 1.0))):
        model.compile(keras.optimizers.Adam(0.01), "mse")
        model.fit(X, y, epochs=4, batch_size=100, verbose=0, callbacks=[callback])
    network = Network.from_keras(model)
    assert 0 < trace_adder_graph(network).adder_cost <= 300
    np.testing.assert_array_equal(network.emulate(x), side_by_side(model(X)))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (X["jet"], "x: expected arrays of jet, particles for the same events. Received: 1 arrays"),
        ([X["jet"], X["jet"]], r"x: expected shape \(n_events, 3, 2\) of 'particles'. Received: \(300, 4\)"),
        ({**X, "jet": np.full((300, 4), np.nan)}, r"x\['jet'\]: expected finite training events"),
        ({"jet": X["jet"]}, "x: expected arrays of jet, particles"),
    ],
)
def test_events_of_other_inputs_are_refused(models, x, message):
    with pytest.raises(DataError, match=message):
        collapse(models[0], x)


@pytest.mark.slow
def test_a_schedule_takes_events_by_name():
    model = tagger()
    model.compile("adam", "mse", run_eagerly=True)
    y = [X["jet"][:, :3], X["jet"][:, :1]]
    model.fit(X, y, epochs=1, batch_size=150, verbose=0, callbacks=[CollapseSchedule(X, parts=(1.0,))])
    assert all(layer.is_collapsed for layer in model.layers if isinstance(layer, PosteriorDense))
