import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError, DataError
from codesign.export import Names, load_network, write_cpp
from codesign.export.single_precision import shift_and_scale
from codesign.network import Input, Network, Node
from codesign.network.ends import folded, split_softmax, split_standardisation, with_softmax, with_standardisation
from codesign.network.ops import Add, Concatenate, Dense
from tests.export.example_chains import chain_of

RNG = np.random.default_rng(0)
X = RNG.normal(2, 3, size=(40, 4)).astype(np.float32)


def model_of(*layers):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), *layers])


@pytest.mark.parametrize(
    "layers",
    [
        [keras.layers.Dense(5, activation="relu"), keras.layers.Dense(3, activation="softmax")],
        [keras.layers.Dense(5), keras.layers.ReLU(), keras.layers.Dense(3), keras.layers.Softmax()],
        [
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1, activation="sigmoid"),
        ],
        [keras.layers.Normalization(mean=[1, 2, 3, 0], variance=[1, 4, 9, 0.5]), keras.layers.Dense(2)],
    ],
)
def test_reads_what_keras_predicts(layers):
    model = model_of(*layers)
    network = load_network(model)
    np.testing.assert_allclose(network.predict(X), model.predict(X, verbose=0), atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}])
def test_batch_normalisation_before_and_behind_a_layer(options):
    before, after = keras.layers.BatchNormalization(**options), keras.layers.BatchNormalization()
    model = model_of(before, keras.layers.Dense(5), after, keras.layers.ReLU(), keras.layers.Dense(2))
    for layer in (before, after):
        layer.set_weights([RNG.uniform(0.5, 2, size=weights.shape) for weights in layer.get_weights()])
    if before.scale:
        before.gamma.assign([1, 0, 2, -1])  # a gamma of 0 leaves beta
    np.testing.assert_allclose(load_network(model).predict(X), model.predict(X, verbose=0), atol=1e-5)


def test_the_ends_of_a_keras_model_are_nodes():
    normalization = keras.layers.Normalization(mean=[1, 2, 3, 0], variance=[1, 4, 9, 0.5])
    network = load_network(model_of(normalization, keras.layers.Dense(3, activation="softmax")))
    affines, rest = split_standardisation(network)
    offset, scale = shift_and_scale(*affines.values())
    np.testing.assert_allclose([-offset, 1 / scale**2], [[1, 2, 3, 0], [1, 4, 9, 0.5]], rtol=1e-6)
    core, softmaxes = split_softmax(rest)
    assert core.is_chain and len(softmaxes) == 1
    np.testing.assert_allclose(split_softmax(folded(network))[0].predict(X).argmax(1), network.predict(X).argmax(1))


def two_inputs():
    ops = [("a", Dense([[1.0], [2.0]], [0.5]), ["x"]), ("b", Dense([[3.0], [4.0]], [0.0]), ["z"])]
    nodes = [Node(*one) for one in (*ops, ("sum", Add(), ["a", "b"]))]
    return Network(nodes, [Input("x", (2,)), Input("z", (3, 2))], ["sum"])


def test_a_standardisation_is_folded_where_it_is_the_features_own():
    x = np.random.default_rng(0).normal(size=(9, 8))
    for scale, is_folded in (([2, 3, *(4, 5) * 3], True), ([2, 3, 4, 5, 6, 7, 8, 9], False)):
        network = with_standardisation(two_inputs(), np.arange(8) % 2, scale)
        np.testing.assert_allclose(network.predict(x), two_inputs().predict((x + np.arange(8) % 2) * scale))
        found = folded(network)
        assert ("z" in split_standardisation(found)[0]) != is_folded and "x" not in split_standardisation(found)[0]
        np.testing.assert_allclose(found.predict(x), network.predict(x))


def test_names_are_those_given_or_say_which_input():
    chain = chain_of(([[1, 0], [0, 2]], [0, 0], "relu"), ([[1], [0]], [1]))
    assert Names(outputs=("score",)).of(chain) == Names("network", ("x0", "x1"), ("score",))
    assert Names().of(two_inputs()).inputs == ("x0", "x1", *(f"z{index}" for index in range(6)))
    alike = Network([Node("s", Concatenate(), ["x", "x1"])], [Input("x", (11,)), Input("x1", (1,))], ["s"])
    assert len(set(Names().of(alike).inputs)) == 12


def test_bad_ends_and_names_are_refused(tmp_path):
    chain = chain_of((np.ones((2, 2)), np.zeros(2)))
    for error, call in [
        (DataError, lambda: Names(inputs=("a", "a")).of(chain)),
        (DataError, lambda: with_standardisation(chain, None, [1])),
        (DataError, lambda: load_network(chain, offset=[np.nan, 0])),
        (DataError, lambda: Names("a b")),
        (
            DataError,
            lambda: write_cpp(chain.with_ops({"layer_0": Dense(np.full((2, 2), 1e39), [0, 0])}), tmp_path / "n"),
        ),
        (ConfigError, lambda: load_network(with_standardisation(chain, None, [1, 2]), scale=[1, 2])),
        (ConfigError, lambda: load_network(with_softmax(chain), softmax=True)),
    ]:
        with np.errstate(over="ignore"), pytest.raises(error, match="expected"):
            call()
