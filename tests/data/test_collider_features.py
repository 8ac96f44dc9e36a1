"""What networks take of momenta: one function in NumPy, as a layer, as nodes, and in every export."""

import numpy as np
import pytest

from codesign import keras, load_model, quantize_network, save_model
from codesign.data import ColliderVectors
from codesign.data.collider_inputs import ColliderInputs
from codesign.errors import CodesignError, ConfigError
from codesign.export.cpp_library import CompiledNetwork
from codesign.layers import ColliderFeatures, FillMissing
from codesign.network import Network
from tests.random_designs import export_difference, side_by_side

PARTS = (("pt", "eta", "phi"), ("pt", None, "phi"), ("px", "py", "pz"), ("px", "py", None))
MISSING = -999.0


def drawn(seed):
    """Momenta of any kind between other columns, and which of them events are aligned by."""
    rng = np.random.default_rng(seed)
    momenta = [(f"m{index}", PARTS[kind]) for index, kind in enumerate(rng.integers(0, 4, rng.integers(2, 5)))]
    columns = [f"{name}_{part}" for name, parts in momenta for part in parts if part] + ["mass", "n_jets"]
    features = tuple(str(one) for one in rng.permutation(columns))
    named = {name: tuple(part and f"{name}_{part}" for part in parts) for name, parts in momenta}
    polar = {name: one for name, one in named.items() if f"{name}_pt" in one}
    cartesian = {name: one for name, one in named.items() if name not in polar}
    order = [str(name) for name in rng.permutation([name for name, _ in momenta])]
    order.sort(key=lambda name: None in named[name])  # the reference has an eta or pz where any has
    reference, other = order[:2] if seed % 3 else (None, None)
    vectors = ColliderVectors(features, polar, cartesian, MISSING if rng.random() < 0.7 else None)
    return ColliderInputs(vectors, reference, other, masses=bool(rng.random() < 0.8))


def events(wanted, seed, n_events=300):
    """Momenta of all sizes; exact zeros, and parts that do not exist."""
    rng, features = np.random.default_rng(seed), wanted.vectors.features
    x = rng.normal(size=(n_events, len(features))) * 30
    for place, name in enumerate(features):
        if name.endswith("_pt"):
            x[:, place] = rng.gamma(2, 20, n_events)
        elif name.endswith("_eta"):
            x[:, place] = rng.normal(0, 2, n_events)
            x[:3, place] = [150, -1e6, 1e30]  # such as nothing has, but files are compared on
        elif name.endswith("_phi"):
            x[:, place] = rng.uniform(-np.pi, np.pi, n_events)
    x[rng.random(x.shape) < 0.05] = 0
    if wanted.vectors.missing is not None:
        x[rng.random(x.shape) < 0.05] = MISSING
    return x.astype(np.float32)


def check_near(found, wanted, x):
    """A mass of about 0 is the root of what is left of large numbers."""
    expected = wanted.evaluate(x)
    energy = 1 + np.abs(np.where(expected == MISSING, 0, expected)).max(1, keepdims=True)
    beyond = np.abs(found - expected) > 1e-5 * energy
    masses = np.array([name.startswith(("m_", "mt_")) for name in wanted.names])
    beyond[:, masses] &= np.abs(found**2 - expected**2)[:, masses] > 1e-5 * energy**2
    assert not beyond.any(), [(wanted.names[c], found[e, c], expected[e, c], e) for e, c in np.argwhere(beyond)[:5]]


SEEDS = [pytest.param(seed, marks=[pytest.mark.slow] if seed > 5 else []) for seed in range(12)]


@pytest.mark.parametrize("seed", SEEDS)
def test_layer_and_network_are_the_function_in_numpy(seed):
    wanted = drawn(seed)
    x, layer = events(wanted, seed), ColliderFeatures.of(wanted)
    found = layer(x).numpy()
    assert found.shape == (300, len(wanted.names)) and layer.compute_output_shape((None, 9))[-1] == len(wanted.names)
    check_near(found, wanted, x)
    inputs = keras.Input(x.shape[1:])
    network = Network.from_keras(keras.Model(inputs, layer(inputs)))
    check_near(network.predict(x), wanted, x)


def model_of(wanted, seed=0):
    keras.utils.set_random_seed(seed)
    inputs, n = keras.Input((len(wanted.vectors.features),)), len(wanted.names)
    x = ColliderFeatures.of(wanted)(inputs)
    x = x if wanted.vectors.missing is None else FillMissing(np.linspace(-1, 1, n).tolist(), missing=MISSING)(x)
    x = keras.layers.Normalization(mean=np.full(n, 3.0), variance=np.full(n, 900.0))(x)
    return keras.Model(inputs, keras.layers.Dense(2, "tanh")(x))


@pytest.fixture(scope="module")
def models():
    return [(model_of(drawn(seed)), events(drawn(seed), seed, 200)) for seed in (1, 4)]


@pytest.fixture(scope="module")
def networks(models):
    return [Network.from_keras(model, x=x, standardisation=True) for model, x in models]


@pytest.mark.parametrize(
    "to, suffix",
    [
        pytest.param("cpp", ".hpp", marks=pytest.mark.slow),
        pytest.param("tflite", ".tflite", marks=pytest.mark.slow),
        ("onnx", ".onnx"),
        pytest.param("keras3", ".keras", marks=pytest.mark.slow),
    ],
)
def test_exports_are_the_networks(networks, tmp_path, to, suffix):
    """`export_model` evaluates the file and compares; events of momenta in generated C++ are below."""
    assert export_difference(networks, tmp_path / f"nets{suffix}", to) < 1e-3


def test_generated_cpp_is_keras_on_momenta(models, networks):
    """On zeros and on values that do not exist too."""
    x = np.concatenate([one for _, one in models], 1)
    expected = np.concatenate([model.predict(one, verbose=0) for model, one in models], 1)
    found = CompiledNetwork(side_by_side(networks)).predict(x)
    assert np.quantile(np.abs(found - expected), 0.99) < 1e-5 and np.abs(found - expected).max() < 1e-2


@pytest.mark.parametrize("suffix", [".keras", pytest.param(".h5", marks=pytest.mark.slow)])
def test_files_hold_what_is_made_of_momenta(models, networks, tmp_path, suffix):
    (model, x), path = models[0], tmp_path / f"model{suffix}"
    save_model(model, path)
    np.testing.assert_array_equal(load_model(path).predict(x, verbose=0), model.predict(x, verbose=0))
    network = Network.load(path)
    np.testing.assert_allclose(network.predict(x), networks[0].predict(x), atol=1e-9)
    network.save(tmp_path / "network.json")
    np.testing.assert_array_equal(Network.load(tmp_path / "network.json").predict(x), network.predict(x))


def test_designs_refuse_momenta_in_one_line(models, networks):
    """Roots and exponentials of events in physical units are no tables of an FPGA."""
    with pytest.raises(CodesignError, match=r"(?s)^[^\n]*expected finite values of the events[^\n]*$"):
        quantize_network(networks[0], models[0][1], weights=8, activations=16).emulate(models[0][1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda v: ColliderInputs(v, "lep", "me"),
            "other: expected one of lep, met. Received: 'me' .did you mean 'met'",
        ),
        (lambda v: ColliderInputs(v, "lep"), "other: expected one of lep, met. Received: None"),
        (lambda v: ColliderInputs(v, "lep", "lep"), "other: expected another momentum than the reference"),
        (
            lambda v: ColliderVectors(v.features, v.polar, {"lep": ("x", "y", None)}),
            "columns, each once. Received: the n",
        ),
        (lambda v: ColliderFeatures.of(ColliderInputs(v))(np.ones((2, 3))), "names of all 3 columns. Received: 7"),
        (
            lambda v: FillMissing([1.0], missing=MISSING)(np.ones((2, 3))),
            "fill: expected 3 numbers, one a feature. Received: 1",
        ),
        (lambda v: FillMissing([np.nan], missing=1), r"fill, missing: expected finite numbers. Received: \[nan\], 1.0"),
    ],
)
def test_bad_input_is_named(call, message):
    features = ("pt", "eta", "phi", "met", "met_phi", "x", "y")
    with pytest.raises(ConfigError, match=message):
        call(ColliderVectors(features, {"lep": features[:3], "met": ("met", None, "met_phi")}))
