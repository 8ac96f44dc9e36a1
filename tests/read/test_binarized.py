"""Binary and ternary layers and activations, from old examples of hls4ml and from QKeras."""

import json

import h5py
import numpy as np
import pytest
from qkeras import QActivation, QDense

from codesign._keras import keras, tf
from codesign.errors import DataError, UnsupportedLayerError
from codesign.network import FixedPoint, Network
from codesign.network.ops import Dense
from codesign.train import load_model, save_model

SIGNS = (
    "binary",
    "binary(alpha=1)",
    "binary(use_01=1,alpha=0.75)",
    "ternary",
    "ternary(alpha=1)",
    "ternary(alpha=2,threshold=0.5)",
    "ternary(threshold=0)",
    "binary_tanh",
)


class Clip(keras.constraints.Constraint):
    """As nn_playground writes it."""

    def __init__(self, min_value, max_value=None):
        self.min_value, self.max_value = min_value, max_value

    def get_config(self):
        return {"name": "__call__", "min_value": self.min_value, "max_value": self.max_value}


class BinaryDense(keras.layers.Dense):
    """As nn_playground writes it, with its arithmetic at inference."""

    def __init__(self, units, H=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.H = H

    def build(self, input_shape):
        if self.H == "Glorot":
            self.H = float(np.float32(np.sqrt(1.5 / (int(input_shape[-1]) + self.units))))
        super().build(input_shape)
        self.kernel_constraint = Clip(-self.H, self.H)

    def call(self, inputs):
        return self.activation(tf.matmul(inputs, self.quantised(self.kernel / self.H) * self.H) + self.bias)

    def quantised(self, kernel):
        return 2 * keras.backend.round(keras.backend.clip(0.5 * kernel + 0.5, 0, 1)) - 1

    def get_config(self):
        own = {"H": self.H, "kernel_lr_multiplier": 1.5, "bias_lr_multiplier": None}
        return {**super().get_config(), **own}


class TernaryDense(BinaryDense):
    def quantised(self, kernel):
        return ternary_tanh(kernel)


def ternary_tanh(x):
    return tf.where(x > 0.5, 1.0, tf.where(x <= -0.5, -1.0, 0.0))


def activation(rng):
    texts = (*SIGNS, "ternary_tanh")
    text = texts[rng.integers(len(texts))]
    return keras.layers.Activation(ternary_tanh) if text == "ternary_tanh" else QActivation(text)


def playground_model(rng, *, binary_only, is_exact):
    """A random chain; exact ones have weights, biases and inputs on grids, so that ties are met."""
    layers = [keras.Input((5,)), QActivation("quantized_bits(6,2,alpha=1)")]
    for _ in range(rng.integers(1, 4)):
        kind = BinaryDense if binary_only else (BinaryDense, TernaryDense)[rng.integers(2)]
        scale = (1.0, 0.5)[rng.integers(2)] if is_exact else "Glorot"
        layers += [kind(int(rng.integers(2, 7)), H=scale), activation(rng)]
    quantizers = {"kernel_quantizer": "quantized_bits(4,0,alpha=1)", "bias_quantizer": "quantized_bits(6,1,alpha=1)"}
    layers.append(QDense(3, kernel_initializer="ones", **quantizers))
    model = keras.Sequential(layers[: len(layers) - rng.integers(2)])
    model.set_weights(
        [rng.integers(-4, 5, w.shape) / 4 if is_exact else rng.normal(0, 0.5, w.shape) for w in model.weights]
    )
    return model


def grid(n=300):
    return np.random.default_rng(1).integers(-40, 40, (n, 5)) / 8


@pytest.mark.parametrize(
    ("suffix", "seed", "is_exact"),
    [
        ("h5", 2, True),
        ("keras", 7, False),
        *(pytest.param("h5", seed, True, marks=pytest.mark.slow) for seed in (0, 1, 3)),
        pytest.param("h5", 5, False, marks=pytest.mark.slow),
        pytest.param("keras", 6, True, marks=pytest.mark.slow),
    ],
)
def test_a_file_of_old_layers_is_read_as_the_same_function(tmp_path, suffix, seed, is_exact):
    model = playground_model(np.random.default_rng(seed), binary_only=suffix == "keras", is_exact=is_exact)
    path = tmp_path / f"model.{suffix}"
    model.save(path)
    x, network = grid(), Network.from_keras(path)
    expected = model.predict(x, verbose=0)
    loaded = load_model(path)
    assert not any(type(layer).__module__ == __name__ for layer in loaded.layers)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), expected)
    np.testing.assert_allclose(network.predict(x), expected, atol=2e-5)
    if is_exact:
        np.testing.assert_array_equal(network.emulate(x), network.predict(x))


def test_ties_of_activations_are_those_of_qkeras():
    source = keras.Input((4,))
    outputs = [QActivation(text)(source) for text in SIGNS]
    options = {"kernel_quantizer": "binary(alpha=1)", "kernel_initializer": "ones", "activation": "ternary(alpha=1)"}
    outputs.append(QDense(2, **options)(source))
    model = keras.Model(source, outputs)
    ties = [0.0, 0.33, np.nextafter(np.float32(0.33), np.float32(0)), 0.5, 1.0, 1e-6, 3.0, 0.25]
    x = np.array([*ties, *np.negative(ties)], np.float32).reshape(-1, 4)
    expected = np.hstack(model.predict(x, verbose=0))
    np.testing.assert_allclose(Network.from_keras(model).predict(x), expected, rtol=0, atol=1e-6)


def test_types_of_binary_weights_and_saving_again(tmp_path):
    layers = [BinaryDense(4, H=0.5), keras.layers.Activation(ternary_tanh), TernaryDense(3)]
    model = keras.Sequential([keras.Input((5,)), *layers])
    model.save(tmp_path / "old.h5")
    for path in (tmp_path / "new.h5", tmp_path / "new.keras"):
        save_model(load_model(tmp_path / "old.h5"), path)
        ops = [node.op for node in Network.from_keras(path).nodes if isinstance(node.op, Dense)]
        assert [op.types.weight for op in ops] == [FixedPoint(2, 1), FixedPoint(2, 2)]
        np.testing.assert_array_equal(load_model(path).predict(grid(), verbose=0), model.predict(grid(), verbose=0))


@pytest.mark.parametrize(
    "text", ["binary(alpha='auto')", "ternary(alpha='auto_po2')", "stochastic_ternary", "binary(alpha=0.3)"]
)
def test_a_scale_that_is_not_exact_is_refused(text):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), QActivation(text, name="odd")])
    with pytest.raises(UnsupportedLayerError, match="'odd'.*retrain"):
        Network.from_keras(model)


def test_a_ternary_layer_in_another_kind_of_file_is_refused(tmp_path):
    keras.Sequential([keras.Input((5,)), TernaryDense(4, name="odd")]).save(tmp_path / "model.keras")
    with pytest.raises(UnsupportedLayerError, match="TernaryDense.*save the model as .h5"):
        load_model(tmp_path / "model.keras")


@pytest.mark.parametrize("scale", [0, -1, "Other", None, [1], 1e300])
def test_a_scale_that_is_no_number_is_refused(tmp_path, scale):
    path = tmp_path / "model.h5"
    keras.Sequential([keras.Input((5,)), BinaryDense(4)]).save(path)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][1]["config"]["H"] = scale
        file.attrs["model_config"] = json.dumps(config)
    with pytest.raises(DataError, match="H: expected a number above 0"):
        load_model(path)
