from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import ConfigError, DataError, PrecisionError, UnsupportedLayerError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network, exact_type
from codesign.refine import refine_network
from codesign.refine.digit_cost import neighbours, powers_near, weight_cost
from codesign.refine.losses import make_loss
from codesign.refine.network_state import NetworkState

RNG = np.random.default_rng(5)
X = RNG.normal(size=(900, 5))
TEACHER = np.exp(3 * X[:, :3]) / np.exp(3 * X[:, :3]).sum(1, keepdims=True)
CLASSES = TEACHER.argmax(1)


def random_network(seed, sizes=(5, 8, 6, 3), activation="relu"):
    """Of few powers of two, with formats per element, as CollapseSchedule leaves them; some values wrap."""
    rng, layers = np.random.default_rng(seed), []
    for index, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        last = index == len(sizes) - 2
        kernel = rng.choice([-1.5, -1, -0.5, 0, 0, 0.25, 1, 2.25], size=(n_in, n_out))
        bias = rng.integers(-8, 8, n_out) / 16
        width = rng.integers(0, 6, n_out)
        output = None if last else FixedPoint(width, width - rng.integers(0, 4, n_out), signed=activation == "linear")
        precision = LayerPrecision(exact_type(kernel, widest=24), exact_type(bias, widest=24), output=output)
        layers.append(DenseLayer(f"dense_{index}", kernel, bias, "linear" if last else activation, precision))
    width = rng.integers(3, 7, sizes[0])
    return Network.chain(tuple(layers), FixedPoint(width, np.full(sizes[0], 3), True, "RND", "SAT"))


def loss_of(network, x=X, y=TEACHER, name="categorical_crossentropy"):
    return make_loss(name, y, network.sizes[-1], len(x)).value(network.emulate(x).T.astype(np.float32))


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_what_a_change_leads_to_is_what_the_changed_network_gives(activation):
    for seed in range(8):
        network = random_network(seed, activation=activation)
        state = NetworkState(network, X, make_loss("categorical_crossentropy", TEACHER, 3, len(X)))
        assert state.loss == pytest.approx(loss_of(network), abs=1e-5)
        rng = np.random.default_rng(seed)
        for _ in range(6):
            index = rng.integers(3)
            layer = state.layers[index]
            source, unit, change = (
                rng.integers(layer.kernel.shape[0]),
                rng.integers(layer.kernel.shape[1]),
                rng.choice([-1, 0.5, 0.125]),
            )
            trial = state.try_sums(index, unit, layer.sums[unit] + np.float32(change) * layer.inputs[source])
            before = state.loss
            layer.kernel[source, unit] += change
            assert trial.loss == pytest.approx(loss_of(state.network()), abs=1e-5)
            if rng.random() < 0.5:
                layer.kernel[source, unit] -= change
                assert loss_of(state.network()) == pytest.approx(before, abs=1e-5)
            else:
                state.accept(trial)


def test_slopes_are_those_of_small_changes():
    network = random_network(3)
    state = NetworkState(network, X, make_loss("categorical_crossentropy", TEACHER, 3, len(X)))
    last, (first, second) = state.layers[-1], state.slopes()[-1]
    for source, unit in [(0, 0), (3, 2), (5, 1)]:
        up, down = (
            state.try_sums(2, unit, last.sums[unit] + np.float32(step) * last.inputs[source]).loss
            for step in (0.02, -0.02)
        )
        assert (up - down) / 0.04 == pytest.approx(first[source, unit], abs=2e-4)
        assert (up + down - 2 * state.loss) / 0.02**2 == pytest.approx(second[source, unit], rel=0.1, abs=5e-3)


@pytest.mark.parametrize("seed", range(4))
def test_refinement_lowers_what_it_minimises_and_stays_exact(seed):
    network = random_network(seed)
    refined = refine_network(network, X, TEACHER, sweeps=2)
    first, last = (
        NetworkState(one, X, make_loss("categorical_crossentropy", TEACHER, 3, len(X))) for one in (network, refined)
    )
    price = 0.02 / first.cost
    assert last.loss + price * last.cost < first.loss + price * first.cost - 0.05
    assert last.loss == pytest.approx(loss_of(refined), abs=1e-5)
    graph, wild = trace_adder_graph(refined), np.concatenate([X, 5 * X])
    np.testing.assert_array_equal(graph.predict(wild), refined.emulate(wild))
    np.testing.assert_array_equal(network.layers[0].kernel, random_network(seed).layers[0].kernel)


def test_trials_end_when_they_are_used_up():
    network = random_network(1)
    few, some = (loss_of(refine_network(network, X, TEACHER, trade=0, max_trials=trials)) for trials in (20, 400))
    assert some < few <= loss_of(network)


def test_a_dear_lut_shrinks_the_network_and_a_cheap_one_lets_it_grow():
    network = random_network(1)
    costs = [
        trace_adder_graph(refine_network(network, X, TEACHER, trade=trade, sweeps=2)).adder_cost
        for trade in (0.0, 10.0)
    ]
    assert costs[1] < 0.5 * trace_adder_graph(network).adder_cost
    assert costs[0] > 2 * costs[1]


def test_formats_of_a_whole_tensor_and_of_a_detector_stay():
    network = random_network(2)
    whole = FixedPoint(6, 3, True, "RND", "SAT")
    given = replace(network, inputs=(replace(network.inputs[0], precision=whole),))
    assert refine_network(given, X, TEACHER, sweeps=1).input_precision == whole
    assert refine_network(network, X, TEACHER, sweeps=1, moves_inputs=False).input_precision == network.input_precision


@pytest.mark.parametrize(
    ("loss", "y", "n_outputs"),
    [
        ("sparse_categorical_crossentropy", CLASSES, 3),
        ("mean_squared_error", X[:, :2] @ [[1, 0.5], [0.3, -1]], 2),
        ("mean_squared_error", X[:, 0] - X[:, 1], 1),
        ("binary_crossentropy", (X[:, 0] > 0).astype(float), 1),
    ],
)
def test_every_loss_of_keras_falls(loss, y, n_outputs):
    network = random_network(0, sizes=(5, 6, n_outputs))
    refined = refine_network(network, X, y, loss=loss, sweeps=2)
    assert loss_of(refined, y=y, name=loss) < 0.9 * loss_of(network, y=y, name=loss)


@pytest.mark.parametrize(
    ("name", "keras_name", "y"),
    [
        ("categorical_crossentropy", "CategoricalCrossentropy", RNG.dirichlet(np.ones(3), 50)),
        ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", RNG.integers(0, 3, 50)),
        ("binary_crossentropy", "BinaryCrossentropy", RNG.integers(0, 2, (50, 1))),
        ("mean_squared_error", "MeanSquaredError", RNG.normal(size=(50, 3))),
    ],
)
def test_losses_are_those_of_keras(name, keras_name, y):
    from codesign._keras import keras

    outputs = RNG.normal(size=(50, np.shape(y)[1] if np.ndim(y) == 2 else 3)).astype(np.float32)
    theirs = getattr(keras.losses, keras_name)(**({} if name == "mean_squared_error" else {"from_logits": True}))
    assert make_loss(name, y, outputs.shape[1], 50).value(outputs.T) == pytest.approx(
        float(theirs(y, outputs)), rel=1e-5
    )


def test_digits():
    assert neighbours(1.5) == [-0.5, 0.0, 0.75, 1.0, 1.25, 1.75, 2.0, 3.0]
    assert 0.0 in neighbours(2.0**-9)
    assert powers_near(-0.3) == [-0.0625, -0.125, -0.25, -0.5]
    np.testing.assert_array_equal(weight_cost(np.array([0, 1.0, 1.5, -0.625]), 4), [0, 5, 10, 10])


def test_bad_input_is_refused_in_one_line():
    network = random_network(0)
    for options in ({"trade": -1.0}, {"sweeps": 0}, {"max_trials": 0}, {"loss": "hinge"}, {"trade": np.nan}):
        with pytest.raises(ConfigError, match="expected"):
            refine_network(network, X, TEACHER, **options)
    for x, y in (
        (X[:, :4], TEACHER),
        (X, TEACHER[:5]),
        (X, np.full((900, 3), np.nan)),
        (np.full_like(X, np.nan), TEACHER),
    ):
        with pytest.raises(DataError, match="expected"):
            refine_network(network, x, y)
    with pytest.raises(DataError, match="classes 0 to 2"):
        refine_network(network, X, CLASSES + 1, loss="sparse_categorical_crossentropy")
    with pytest.raises(PrecisionError, match="2\\^-9"):
        layer = network.layers[0]
        kernel = layer.kernel + 2.0**-12
        refine_network(network.with_layers((replace(layer, kernel=kernel), *network.layers[1:])), X, TEACHER)
    with pytest.raises(UnsupportedLayerError, match="tanh"):
        refine_network(
            network.with_layers((replace(network.layers[0], activation="tanh"), *network.layers[1:])), X, TEACHER
        )
    with pytest.raises(PrecisionError, match="expected"):
        refine_network(replace(network, inputs=(replace(network.inputs[0], precision=None),)), X, TEACHER)


@pytest.mark.parametrize("name", ["categorical_crossentropy", "binary_crossentropy", "mean_squared_error"])
def test_an_event_of_weight_two_counts_as_two_events(name):
    outputs, twice = RNG.normal(size=(3, 60)).astype(np.float32), np.repeat(np.arange(60), 1 + np.arange(60) % 2)
    weights = (1.0 + np.arange(60) % 2) * 60 / len(twice)
    weighted, repeated = make_loss(name, TEACHER[:60], 3, 60, weights), make_loss(name, TEACHER[twice], 3, len(twice))
    assert weighted.value(outputs) == pytest.approx(repeated.value(outputs[:, twice]), rel=1e-5)
    for own, others in zip(weighted.slopes(outputs), repeated.slopes(outputs[:, twice])):
        total = np.stack([others[:, twice == event].sum(1) for event in range(60)], 1)
        assert np.allclose(own, total, rtol=1e-4, atol=1e-8)


def test_rejects_weights_that_do_not_fit():
    with pytest.raises(DataError, match="sample_weight: expected 900 numbers that are not negative"):
        refine_network(random_network(0), X, TEACHER, sample_weight=np.ones(3))
