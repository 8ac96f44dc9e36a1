"""Models of the shapes that are published are read, from memory and from files, and compute the same."""

import json
import warnings

import h5py
import numpy as np
import pytest
from qkeras import QDense

import codesign.layers
from codesign._keras import keras, tf
from codesign.errors import UnsupportedLayerError
from codesign.layers import TopKGate
from codesign.network import Network
from codesign.network.ops import Activation
from codesign.train import save_model
from tests.read.public_models import MODELS, drawn, events

L = keras.layers


def outputs_of(model, x):
    found = model.predict(x if len(x) > 1 else x[0], verbose=0)
    found = found if isinstance(found, list) else [found]
    return np.concatenate([one.reshape(len(one), -1) for one in found], 1)


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.slow if one in ("binary", "film", "ternary") else ()) for one in MODELS],
)
def test_a_published_shape_is_read(name):
    model = drawn(MODELS[name])
    x = events(model)
    network = Network.from_keras(model, x if len(x) > 1 else x[0], softmax=True)
    received, expected = network.predict(x if len(x) > 1 else x[0]), outputs_of(model, x)
    far = np.abs(received - expected) > 2e-5 * np.maximum(1, np.abs(expected).max(1, keepdims=True))
    assert far.any(1).mean() <= (0.03 if network.has_trained_types else 0.0)


FILED = ("deep sets", "concatenates", "siamese", "operators", "qkeras jets")


@pytest.mark.parametrize("suffix", ["h5", "keras"])
@pytest.mark.parametrize(
    "name",
    [*FILED, *(pytest.param(name, marks=pytest.mark.slow) for name in MODELS if name not in (*FILED, "anomaly"))],
)
def test_a_file_of_a_published_shape_is_read(name, suffix, tmp_path):
    model = drawn(MODELS[name])
    save_model(model, tmp_path / f"model.{suffix}")
    x = np.concatenate([one.reshape(len(one), -1) for one in events(model)], 1)
    network = Network.from_keras(model, softmax=True)
    again = Network.from_keras(tmp_path / f"model.{suffix}", softmax=True)
    np.testing.assert_allclose(again.predict(x), network.predict(x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("name", "bare"), [("residual", False), ("siamese", False), ("siamese", True)])
def test_functional_files_of_old_keras_are_read(name, bare, tmp_path):
    """Until Keras 2.3 their class was Model, and a Sequential inside was a bare list or had no InputLayer."""
    model, path = drawn(MODELS[name]), tmp_path / "model.h5"
    save_model(model, path)
    with h5py.File(path, "r+") as file:
        text = file.attrs["model_config"].replace('"Functional"', '"Model"')
        config = json.loads(text)
        for layer in config["config"]["layers"]:
            if layer["class_name"] == "Sequential":
                first, *rest = layer["config"]["layers"]
                rest[0]["config"]["batch_input_shape"] = first["config"]["batch_input_shape"]
                layer["config"] = rest if bare else {"name": layer["name"], "layers": rest}
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"] = b"2.2.4"
    x = np.concatenate([one.reshape(len(one), -1) for one in events(model)], 1)
    np.testing.assert_allclose(Network.from_keras(path).predict(x), Network.from_keras(model).predict(x), atol=1e-6)


def test_a_file_with_a_lambda_is_refused(tmp_path):
    drawn(MODELS["anomaly"]).save(tmp_path / "model.h5")
    with pytest.raises(UnsupportedLayerError, match="'lambda.*' is a Lambda, Python code in the file"):
        Network.from_keras(tmp_path / "model.h5")


def test_outputs_have_names_and_a_softmax_is_cut_from_the_output_that_has_one():
    model = drawn(MODELS["deep sets"])
    network, complete = Network.from_keras(model), Network.from_keras(model, softmax=True)
    assert network.outputs == ("flavour", "momentum") and [one.name for one in network.inputs] == ["particles", "event"]
    x = dict(zip(("particles", "event"), events(model)))
    logits, outputs = (one.split_outputs(one.predict(x)) for one in (network, complete))
    np.testing.assert_array_equal(logits["momentum"], outputs["momentum"])
    np.testing.assert_array_equal(logits["flavour"].argmax(1), next(iter(outputs.values())).argmax(1))
    assert isinstance(complete.nodes[-1].op, Activation) or isinstance(complete.nodes[-2].op, Activation)


class Doubled(keras.layers.Layer):
    """Its code must not be run by a reader."""

    is_built = False

    def call(self, inputs):
        assert not Doubled.is_built, "a reader runs the code of others"
        return 2 * inputs


class Dense(keras.layers.Dense):
    """The name of a layer of Keras, and another function."""

    def call(self, inputs):
        return 3 * super().call(inputs)


def with_layer(layer, shape=(4, 3)):
    def build():
        inputs = keras.Input(shape)
        return keras.Model(inputs, L.Dense(2)(L.Flatten()(layer()(inputs))))

    return build


def twice(values):
    return 2 * values


class Twice:
    """A quantizer of weights that is not QKeras's."""

    bits, integer = 4, 0

    def __call__(self, values):
        return 2 * values

    def max(self):
        return 2.0

    def min(self):
        return -2.0


REFUSED = {
    "Lambda": (
        with_layer(lambda: L.Lambda(lambda x: x, name="code")),
        "layer 'code'.* Received: Lambda; its Python code",
    ),
    "custom": (with_layer(lambda: Doubled(name="mine")), "layer 'mine'.* Received: Doubled of 'tests'"),
    "custom Dense": (with_layer(lambda: Dense(2, name="mine")), "layer 'mine'.* Received: Dense of 'tests'"),
    "custom inside": (
        with_layer(lambda: L.TimeDistributed(Dense(2, name="mine"), name="time")),
        "layer 'time'.*'mine'",
    ),
    "function": (with_layer(lambda: L.Activation(twice, name="act")), "layer 'act'.*a function 'twice'"),
    "quantizer": (
        with_layer(lambda: QDense(2, kernel_quantizer=Twice(), name="q")),
        "layer 'q'.*kernel_quantizer 'Twice'",
    ),
    "ConvLSTM": (
        with_layer(lambda: L.ConvLSTM2D(2, 2, name="film"), (3, 4, 4, 1)),
        "layer 'film'.* Received: ConvLSTM2D; a Network holds",
    ),
    "local": (with_layer(lambda: L.LocallyConnected1D(2, 3, name="local")), "layer 'local'.* LocallyConnected1D; use"),
    "stateful": (
        lambda: keras.Sequential([keras.Input(batch_shape=(2, 4, 3)), L.LSTM(2, stateful=True, name="steps")]),
        "layer 'steps'.*Received: stateful=True; build",
    ),
    "masked attention": (
        with_layer(lambda: lambda x: L.Attention(name="look")([L.Masking()(x), L.Masking()(x)])),
        "layer 'look'.*a mask of Attention; remove the Masking",
    ),
    "cubic": (
        with_layer(lambda: L.UpSampling2D(2, interpolation="bicubic", name="up"), (2, 3, 3)),
        "layer 'up'.*interpolation='bicubic'",
    ),
    "dropout": (
        with_layer(lambda: lambda x: L.Dropout(0.5, name="drop")(x, training=True)),
        "layer 'drop'.*training=True",
    ),
    "sorted": (with_layer(lambda: lambda x: tf.sort(x)), "layer 'tf.sort.*sort' as it is called here"),
    "norm of all": (with_layer(lambda: lambda x: x / tf.reduce_sum(x)), "layer 'tf.math.reduce_sum"),
    "events": (with_layer(lambda: lambda x: x[1:]), "layer 'tf.__operators__.getitem"),
    "mixing": (with_layer(lambda: lambda x: tf.reshape(x, (-1, 6))), "layer 'tf.reshape"),
    "whole numbers": (with_layer(lambda: lambda x: tf.cast(tf.cast(x, "int32"), "float32")), "layer 'tf.cast"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_network_is_refused_by_name(name, monkeypatch):
    build, message = REFUSED[name]
    model = build()
    monkeypatch.setattr(Doubled, "is_built", True)
    with pytest.raises(UnsupportedLayerError, match=message) as error:
        Network.from_keras(model)
    assert "\n" not in str(error.value)


def test_models_of_keras_3_are_read_alike():
    import keras as keras_3

    layers, ops = keras_3.layers, keras_3.ops
    keras_3.utils.set_random_seed(0)
    particles, event = keras_3.Input((4, 3), name="particles"), keras_3.Input((3,), name="event")
    phi = keras_3.Sequential([keras_3.Input((3,)), layers.Dense(4, "leaky_relu"), layers.BatchNormalization()])
    pooled = layers.GlobalMaxPooling1D()(layers.TimeDistributed(phi)(layers.Conv1D(3, 1)(particles)))
    shared = layers.Dense(4, "hard_sigmoid")
    left, right = shared(event), shared(particles[:, 0, :] * 2.0 - event)
    merged = layers.Concatenate()([pooled, layers.Subtract()([left, right]), ops.sum(particles, axis=1)])
    merged = ops.relu(ops.concatenate([merged, 1.0 - left[:, :2]], axis=-1)) + ops.mean(event, axis=-1, keepdims=True)
    skip = layers.Add()([layers.Dense(13, "silu")(merged), merged])
    outputs = [layers.Dense(3, "softmax", name="flavour")(skip), layers.Dense(1)(layers.LeakyReLU(0.2)(skip))]
    model = keras_3.Model([particles, event], outputs)
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(50, *one.shape[1:])).astype(np.float32) for one in (particles, event)]
    received = Network.from_keras(model, x, softmax=True).predict(x)
    np.testing.assert_allclose(received, np.concatenate([np.asarray(one) for one in model(x)], 1), atol=1e-5)
    with pytest.raises(UnsupportedLayerError, match="layer 'cumsum"):
        Network.from_keras(keras_3.Model(event, ops.cumsum(event, axis=1)))


@pytest.mark.parametrize("kind", ["MaskedDense", "TernaryDense", "VariationalDense"])
def test_training_layers_are_read_in_a_graph_as_what_they_become(kind):
    inputs = keras.Input((6,))
    chosen = TopKGate(4, name="gate")(inputs)
    first = getattr(codesign.layers, kind)(5, activation="relu", name="first")(chosen)
    model = keras.Model(inputs, L.Dense(2)(L.Concatenate()([first, inputs])))
    x = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = Network.from_keras(model)
    np.testing.assert_allclose(network.predict(x), model.predict(x, verbose=0), atol=1e-5)
