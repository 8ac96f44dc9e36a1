"""Dense connections, embedded columns and swish: plain NumPy in Keras, and the same function in every back end."""

import numpy as np
import pytest

from codesign import dense_block, embed_columns, ensemble_of, export_model, load_model, quantize_network, save_model
from codesign._keras import keras
from codesign.errors import CodesignError, ConfigError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.network import Network

FEATURES = ("pt [GeV]", "n_jets", "eta", "charge")


@pytest.fixture(scope="module")
def events():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 4)).astype(np.float32)
    x[:, 1], x[:, 3] = rng.integers(0, 4, 100), rng.integers(0, 2, 100)
    return x


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,))
    x = embed_columns(inputs, FEATURES, {"charge": 2, "n_jets": (4, 3)})
    x = dense_block(x, 5, 2, "swish", kernel_initializer="he_normal")
    one = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
    return ensemble_of([one, keras.models.clone_model(one)], [1, 2])


@pytest.fixture(scope="module")
def network(model, events):
    return Network.from_keras(model, x=events)


def by_hand(model, x):
    """One member: others, charge, n_jets; then twice the newest outputs in front of what was there."""
    charge, jets, *dense = model.get_weights()
    charges, jet_numbers = x[:, 3].astype(int), x[:, 1].astype(int)
    value = np.concatenate([x[:, [0]], x[:, [2]], charge[charges], jets[jet_numbers]], 1).astype(np.float64)
    for kernel, bias in zip(dense[:-2:2], dense[1:-2:2]):
        z = value @ kernel + bias
        value = np.concatenate([z / (1 + np.exp(-z)), value], 1)
    return 1 / (1 + np.exp(-(value @ dense[-2] + dense[-1])))


def test_the_function_is_that_of_numpy(model, network, events):
    members = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    expected = np.average([by_hand(one, events) for one in members], 0, [1, 2])
    np.testing.assert_allclose(model.predict(events, verbose=0), expected, atol=1e-6)
    np.testing.assert_allclose(network.predict(events), expected, atol=1e-6)


def test_the_block_of_the_higgs_solution_has_its_weights():
    inputs = keras.Input((31,))
    x = embed_columns(inputs, [f"x{index}" for index in range(31)], {"x30": (4, 3)})
    x = keras.layers.Dense(33, activation="swish")(dense_block(x, 33, 5))
    assert keras.Model(inputs, keras.layers.Dense(1)(x)).count_params() == 23_113


@pytest.mark.parametrize(
    "to, suffix", [("cpp", ".hpp"), ("keras3", ".keras"), ("tflite", ".tflite"), ("onnx", ".onnx")]
)
def test_exports_compute_the_same(network, tmp_path, to, suffix):
    """`export_model` evaluates the file and compares."""
    if to == "onnx":
        pytest.importorskip("onnxruntime")
    assert export_model(network, tmp_path / f"network{suffix}", to=to).agreement.difference < 1e-5


@pytest.mark.parametrize("suffix", [".keras", pytest.param(".h5", marks=pytest.mark.slow)])
def test_files_hold_all_of_it(model, network, events, tmp_path, suffix):
    save_model(model, tmp_path / f"model{suffix}")
    again = load_model(tmp_path / f"model{suffix}")
    np.testing.assert_array_equal(again.predict(events, verbose=0), model.predict(events, verbose=0))
    np.testing.assert_array_equal(Network.load(tmp_path / f"model{suffix}").predict(events), network.predict(events))


def test_designs_look_categories_up(events, tmp_path):
    """In integers: near the network, and equal to the bit in C++, whose codes are drawn within the tables."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,))
    x = dense_block(embed_columns(inputs, FEATURES, {"charge": 2, "n_jets": (4, 3)}), 3, 1)
    network = Network.from_keras(keras.Model(inputs, keras.layers.Dense(1)(x)))
    fixed = quantize_network(network, events, weights=8, activations=10)
    np.testing.assert_allclose(fixed.emulate(events), network.predict(events), atol=0.1)
    export_model(fixed, tmp_path / "integers.hpp", to="cpp-integer")
    assert trace_adder_graph(fixed).adder_cost > 0


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda x: embed_columns(x, FEATURES, {"n_jet": 4}), "names of features. Received: 'n_jet' .did you mean 'n_j"),
        (
            lambda x: embed_columns(x, FEATURES[:3], {"n_jets": 4}),
            "features: expected a name of its own for each of the 4",
        ),
        (lambda x: embed_columns(x, FEATURES, {}), "categories: expected at least one column"),
        (lambda x: embed_columns(x, FEATURES, {"n_jets": (0, 3)}), "expected 1 to .* categories"),
        (lambda x: dense_block(x, 3, 0), "depth: expected a number from 1"),
        (lambda x: dense_block(x, 3, 1, "swoosh"), "activation: expected one of keras.activations. Received: 'swoosh'"),
        (lambda x: dense_block(x, 3, 1, name="a b"), "name: expected letters"),
        (lambda x: dense_block(np.ones((2, 2)), 3, 1), "x: expected a value that a Keras layer gives"),
    ],
)
def test_bad_arguments_are_one_line(call, message):
    with pytest.raises(ConfigError, match=message):
        call(keras.Input((4,)))


def test_an_event_of_an_unknown_category_is_an_error(network, events):
    unknown = events.copy()
    unknown[0, 1] = 4
    with pytest.raises(CodesignError, match="expected whole numbers from 0 to 3"):
        network.predict(unknown)
