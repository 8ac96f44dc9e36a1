"""Random nets of the recipe's parts, embedded columns, selections, dense blocks: the same function everywhere."""

import numpy as np
import pytest

from codesign import dense_block, embed_columns, quantize_network
from codesign._keras import keras
from codesign.layers import ColliderAugmentation, FeatureSelection
from codesign.network import Network
from tests.random_designs import export_difference

L = keras.layers
SEEDS = {"few": range(3), "many": range(3, 15)}
ACTIVATIONS = ("swish", "relu", "tanh", "elu", "selu")


def embedded(rng, inputs, names, sizes):
    """The columns, those of categories embedded: by embed_columns, or by hand behind FeatureSelection."""
    if rng.random() < 0.5:
        return embed_columns(inputs, names, {names[column]: count for column, count in sizes.items()})
    plain = [index for index in range(len(names)) if index not in sizes]
    found = [L.Normalization(mean=0.5, variance=4.0)(FeatureSelection(plain)(inputs))]
    for column, count in sizes.items():
        rows = L.Embedding(count, int(rng.integers(1, 4)))(FeatureSelection([column])(inputs))
        found.append(L.Flatten()(rows) if rng.random() < 0.5 else L.Reshape((rows.shape[-1],))(rows))
    return L.Concatenate()(found)


def recipe(seed):
    """A model with every weight at random, and events for it."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    n = int(rng.integers(2, 7))
    columns = rng.permutation(n)[: rng.integers(1, n)].tolist()
    sizes = {column: int(rng.integers(1, 6)) for column in columns}
    names = [f"x{index}" for index in range(n)]
    inputs = keras.Input((n,))
    plain = [name for index, name in enumerate(names) if index not in sizes]
    x = inputs if len(plain) < 2 else ColliderAugmentation(names, polar={"v": (plain[0], None, plain[1])})(inputs)
    x = embedded(rng, x, names, sizes)
    for block in range(rng.integers(1, 3)):
        activation = str(rng.choice(ACTIVATIONS))
        x = dense_block(x, int(rng.integers(1, 5)), int(rng.integers(1, 4)), activation, name=f"block_{block}")
        x = L.Dense(int(rng.integers(2, 5)), activation)(x)
    outputs = int(rng.integers(1, 4))
    model = keras.Model(inputs, L.Dense(outputs, "softmax" if outputs > 1 else "sigmoid")(x))
    events = rng.normal(size=(100, n)).astype(np.float32)
    for column, count in sizes.items():
        events[:, column] = rng.integers(0, count, 100)
    return model, events


@pytest.fixture(scope="module", params=["few", pytest.param("many", marks=pytest.mark.slow)])
def recipes(request):
    return [recipe(seed) for seed in SEEDS[request.param]]


@pytest.fixture(scope="module")
def networks(recipes):
    return [Network.from_keras(model, x=x, softmax=True, standardisation=True) for model, x in recipes]


def test_networks_are_the_models(recipes, networks):
    for (model, x), network in zip(recipes, networks):
        np.testing.assert_allclose(network.predict(x), model(x, training=False), atol=1e-5)


@pytest.mark.parametrize(
    "to, suffix", [pytest.param("cpp", ".hpp", marks=pytest.mark.slow), ("tflite", ".tflite"), ("onnx", ".onnx")]
)
def test_exports_are_the_networks(networks, tmp_path, to, suffix):
    """`export_model` evaluates the file and compares."""
    assert export_difference(networks, tmp_path / f"nets{suffix}", to) < 2e-5


def test_designs_are_near_and_come_back_from_their_files(recipes, tmp_path):
    for model, x in recipes:
        network = Network.from_keras(model)
        fixed = quantize_network(network, x, weights=12, activations=16)
        np.testing.assert_allclose(fixed.emulate(x), network.predict(x), atol=0.05)
        fixed.save(tmp_path / "design.json")
        np.testing.assert_array_equal(Network.load(tmp_path / "design.json").emulate(x), fixed.emulate(x))
