import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import BudgetError, ConfigError, DataError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.posterior import CollapseToBudget, LutBudget, collapse

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 1000)
X = (RNG.normal(size=(1000, 6)) + 1.5 * np.eye(3, 6)[Y]).astype(np.float32)


def model_of_posterior_layers():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((6,)),
            PosteriorDense(16, activation="relu"),
            PosteriorDense(8, activation="relu"),
            PosteriorDense(3),
        ]
    )


def copy_of(model):
    copy = model_of_posterior_layers()
    copy.set_weights(model.get_weights())
    return copy


def fit(model, *callbacks, epochs, rate, batch_size=100):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(
        keras.optimizers.Adam(rate), loss, run_eagerly=epochs < 5
    )  # few steps take less time than tracing them
    model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0, callbacks=list(callbacks))


@pytest.fixture(scope="module")
def trained():
    model, budget = model_of_posterior_layers(), LutBudget(300, X)
    fit(model, budget, epochs=40, rate=0.02)
    return model, budget


@pytest.fixture(scope="module")
def begun():
    """A training of a few epochs, still beyond its budget: there is too little noise to leave bits out."""
    model, budget = model_of_posterior_layers(), LutBudget(300, X)
    for layer in model.layers:
        layer.log_sigma2.assign(np.full(layer.kernel.shape, -10.0))
    fit(model, budget, epochs=4, rate=0.02, batch_size=500)
    return model, budget


def test_bits_grow_dearer_while_the_network_is_too_large(begun):
    weights, luts = np.array(begun[1].history).T
    assert len(luts) > 1 and (luts[:-1] > 300).all() and (np.diff(weights) > 0).all()


@pytest.mark.slow
def test_training_is_steered_to_the_budget(trained):
    _, budget = trained
    weights, luts = np.array(budget.history).T
    assert len(luts) > 15
    assert 150 < np.median(luts[-5:]) < 600
    moves = np.diff(np.log(weights))
    assert (moves[luts[:-1] > 300] > 0).all() and (
        moves[luts[:-1] < 280] < 0
    ).all()  # too large a network makes bits dearer


def test_collapse_leaves_the_network_as_it_is(begun):
    model, _ = begun
    before = model.get_weights()
    collapsed = (collapse(model, X, weight_width=width, input_width=1.0) for width in (0.5, 8.0))
    fine, coarse = (trace_adder_graph(Network.from_keras(one)).adder_cost for one in collapsed)
    assert 0 < coarse < fine
    for old, new in zip(before, model.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_collapse_ends_within_the_budget(begun):
    model = copy_of(begun[0])
    fit(model, CollapseToBudget(250, X, parts=(1.0,)), epochs=1, rate=0.003, batch_size=500)
    assert 0.8 * 250 < trace_adder_graph(Network.from_keras(model)).adder_cost <= 250


@pytest.mark.slow
def test_collapse_ends_within_lut_and_levels(trained):
    model = copy_of(trained[0])
    fit(model, CollapseToBudget(250, X, adder_levels=7, parts=(1.0,)), epochs=1, rate=0.003)
    graph = trace_adder_graph(Network.from_keras(model))
    assert graph.adder_cost <= 250 and 4 < graph.adder_levels <= 7
    np.testing.assert_array_equal(graph.predict(X), model.predict(X, verbose=0))
    assert np.mean(model.predict(X, verbose=0).argmax(1) == Y) > 0.6


@pytest.mark.slow
def test_a_budget_out_of_reach_says_the_least_and_leaves_a_network(trained):
    model = copy_of(trained[0])
    with pytest.raises(
        BudgetError,
        match=r"adder_cost: expected at least \d+, the least that was reached .* Received: adder_cost=1; the model "
        r"holds",
    ) as error:
        fit(model, CollapseToBudget(1, X, parts=(1.0,)), epochs=1, rate=0.003)
    graph = trace_adder_graph(Network.from_keras(model))
    assert f"at least {graph.adder_cost}," in str(error.value) and "\n" not in str(error.value)
    assert 1 < graph.adder_cost < 20 and not graph.is_constant
    np.testing.assert_array_equal(graph.predict(X), model.predict(X, verbose=0))


@pytest.mark.slow
def test_too_deep_a_graph_makes_bits_dearer(trained):
    for levels, rises in ((2, True), (None, False)):
        budget, model = LutBudget(1e6, X, adder_levels=levels), copy_of(trained[0])
        fit(model, budget, epochs=2, rate=1e-6)
        ((before, _),) = budget.history
        assert (model.layers[0].cost_weight > before) == rises


def test_events_are_checked_before_the_training():
    model = keras.Sequential([keras.Input((6,)), PosteriorDense(3, input_precision="ap_fixed<4,1>")])
    with pytest.raises(DataError, match="x_train: expected feature . within -1 to 0.875"):
        fit(model, LutBudget(100, X), epochs=1, rate=0.01)
    with pytest.raises(DataError, match="x_train: expected finite"):
        LutBudget(100, X * np.nan)
    with pytest.raises(ConfigError, match="weight_width, input_width"):
        LutBudget(100, X, weight_width=0)


@pytest.mark.parametrize("levels", [0, -1, 2.5, "3"])
def test_bad_levels(levels):
    for kind in (LutBudget, CollapseToBudget):
        with pytest.raises(
            ConfigError,
            match="adder_levels: expected (an integer of at least 1, or None|a whole number or None). Received: ",
        ):
            kind(100, X, adder_levels=levels)


@pytest.mark.parametrize("adder_cost", [0, -1, np.nan, np.inf])
def test_bad_budgets(adder_cost):
    for kind in (LutBudget, CollapseToBudget):
        with pytest.raises(ConfigError, match="adder_cost: expected a positive number"):
            kind(adder_cost, X)


def test_bad_model():
    with pytest.raises(ConfigError, match="expected a model with PosteriorDense"):
        fit(keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)]), LutBudget(100, X), epochs=1, rate=0.01)


@pytest.mark.parametrize(
    "options, x, error, message",
    [
        ({"weight_width": 0.0}, X, ConfigError, "weight_width, input_width: expected positive numbers"),
        ({}, X[:, :3], DataError, r"^x: expected shape \(n_events, 6\)"),
        ({}, X * np.nan, DataError, "^x: expected finite training events"),
    ],
)
def test_collapse_refuses(options, x, error, message):
    with pytest.raises(error, match=message):
        collapse(model_of_posterior_layers(), x, **options)


def test_collapse_once(begun):
    collapsed = collapse(begun[0], X)
    with pytest.raises(ConfigError, match="PosteriorDense layers that are not collapsed. Received: none"):
        collapse(collapsed, X)
