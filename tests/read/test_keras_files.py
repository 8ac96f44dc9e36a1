"""Files of Keras of every era as their arrays and configurations say, and as the Keras that wrote them computes."""

import zipfile

import numpy as np
import pytest
import tensorflow_model_optimization as tfmot
from qkeras import QActivation, QDense, quantized_bits, quantized_relu

from codesign import Network
from codesign._keras import keras
from codesign.errors import DataError
from codesign.layers import (
    CancelOut,
    FeatureSelection,
    FixedPointQuantizer,
    MaskedDense,
    PosteriorDense,
    TernaryDense,
    TopKGate,
    VariationalDense,
)
from codesign.read import ReadOptions, read_file
from tests.read.keras_eras import OldFile, dense, dense_arrays
from tests.read.random_layers import RandomLayers, draw_weights

L = keras.layers
X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)


def relu_chain(arrays, x):
    """Dense layers with relu, the last without."""
    for index in range(0, len(arrays), 2):
        x = x @ np.asarray(arrays[index], np.float32).astype(float) + np.asarray(arrays[index + 1], np.float32)
        x = np.maximum(x, 0) if index + 2 < len(arrays) else x
    return x


@pytest.mark.parametrize(
    "names", ["{name}/{weight}:0", "{name}_1/{weight}:0", "{name}/{weight}_1:0", "x{name}/{weight}"]
)
@pytest.mark.parametrize(
    "layout",
    [{}, {"chunked": True}, {"packed": True}, {"optimizer": True}, {"newest": True}, {"newest": True, "packed": True}],
)
def test_layouts_of_keras_2(layout, names, tmp_path):
    rng = np.random.default_rng(0)
    layers = [dense("dense_1", 5, batch_input_shape=[None, 4]), dense("dense_2", 3, "linear")]
    weights = {
        "dense_1": dense_arrays(rng, "dense_1", 4, 5, names),
        "dense_2": dense_arrays(rng, "dense_2", 5, 3, names),
    }
    arrays = [array for one in weights.values() for array in one.values()]
    for index, config in enumerate((layers, {"name": "sequential", "layers": layers})):  # a list until Keras 2.2.2
        path = OldFile(**layout).write(
            tmp_path / f"{index}.h5", {"class_name": "Sequential", "config": config}, weights
        )
        np.testing.assert_allclose(Network.from_keras(path).predict(X), relu_chain(arrays, X), atol=1e-12)


def test_files_of_keras_1_in_its_own_words(tmp_path):
    rng = np.random.default_rng(1)
    first = {"name": "dense_1", "output_dim": 5, "activation": "relu", "bias": True, "batch_input_shape": [None, 4]}
    layers = [
        {"class_name": "Dense", "config": first},
        {"class_name": "Dropout", "config": {"name": "dropout_1", "p": 0.5}},
        {"class_name": "Dense", "config": {"name": "dense_2", "output_dim": 3, "activation": "linear", "bias": True}},
    ]
    weights = {
        "dense_1": dense_arrays(rng, "dense_1", 4, 5, "{name}_{weight}"),
        "dropout_1": {},
        "dense_2": dense_arrays(rng, "dense_2", 5, 3, "{name}_{weight}"),
    }
    arrays = [array for one in weights.values() for array in one.values()]
    for version in (None, "1.2.2"):
        path = OldFile(version).write(tmp_path / "one.h5", {"class_name": "Sequential", "config": layers}, weights)
        np.testing.assert_allclose(Network.from_keras(path).predict(X), relu_chain(arrays, X), atol=1e-12)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_gates_of_keras_1_lie_side_by_side_since(kind, tmp_path):
    rng = np.random.default_rng(2)
    order = {"LSTM": "ifco", "GRU": "zrh"}[kind]
    gates = {gate: [rng.normal(size=size) for size in ((3, 2), (2, 2), 2)] for gate in order}
    old_order = {"LSTM": "icfo", "GRU": "zrh"}[kind]
    arrays = {f"{kind}_{part}_{gate}": gates[gate][n] for gate in old_order for n, part in enumerate("WUb")}
    config = {"name": "rnn", "output_dim": 2, "inner_activation": "sigmoid", "activation": "tanh"}
    first = {"class_name": kind, "config": {**config, "batch_input_shape": [None, 4, 3]}}
    path = OldFile("1.2.2").write(tmp_path / "one.h5", {"class_name": "Sequential", "config": [first]}, {"rnn": arrays})
    options = {"reset_after": False} if kind == "GRU" else {}
    layer = getattr(L, kind)(2, recurrent_activation="sigmoid", **options)
    model = keras.Sequential([keras.Input((4, 3)), layer])
    layer.set_weights([np.concatenate([gates[gate][n] for gate in order], -1) for n in range(3)])
    x = rng.normal(size=(6, 4, 3)).astype(np.float32)
    np.testing.assert_allclose(
        Network.from_keras(path).predict(x.reshape(6, -1)), model.predict(x, verbose=0), atol=1e-5
    )


@pytest.mark.parametrize("version, first_call", [("2.2.4", 0), ("2.2.4-tf", 1), ("2.15.0", 1)])
def test_calls_of_inner_models_are_counted_as_each_era_does(version, first_call, tmp_path):
    """Of a model that is called twice only the second result is used."""
    rng = np.random.default_rng(3)
    place = {"class_name": "InputLayer", "name": "in", "config": {"name": "in", "batch_input_shape": [None, 4]}}
    inner = {
        "class_name": "Model",
        "config": {
            "name": "inner",
            "layers": [
                {**place, "inbound_nodes": []},
                {**dense("a", 4), "name": "a", "inbound_nodes": [[["in", 0, 0, {}]]]},
            ],
            "input_layers": [["in", 0, 0]],
            "output_layers": [["a", 0, 0]],
        },
    }
    outer = [
        {**place, "inbound_nodes": []},
        {**inner, "name": "inner", "inbound_nodes": [[["in", 0, 0, {}]], [["b", 0, 0, {}]]]},
        {**dense("b", 4, "linear"), "name": "b", "inbound_nodes": [[["inner", first_call, 0, {}]]]},
    ]
    config = {
        "name": "m",
        "layers": outer,
        "input_layers": [["in", 0, 0]],
        "output_layers": [["inner", first_call + 1, 0]],
    }
    weights = {"in": {}, "inner": dense_arrays(rng, "a", 4, 4), "b": dense_arrays(rng, "b", 4, 4)}
    path = OldFile(version).write(tmp_path / "m.h5", {"class_name": "Model", "config": config}, weights)
    a, b = ([np.asarray(one, np.float32).astype(float) for one in weights[name].values()] for name in ("inner", "b"))
    once = np.maximum(X @ a[0] + a[1], 0) @ b[0] + b[1]
    np.testing.assert_allclose(Network.from_keras(path).predict(X), np.maximum(once @ a[0] + a[1], 0), atol=1e-10)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_a_file_is_read_as_the_model_in_memory(seed, suffix, tmp_path):
    model = RandomLayers(np.random.default_rng(seed)).model(3)
    model.save(tmp_path / f"model.{suffix}")
    network, live = Network.from_keras(tmp_path / f"model.{suffix}"), Network.from_keras(model)
    x = np.random.default_rng(seed).normal(size=(5, live.n_inputs))
    np.testing.assert_allclose(network.predict(x), live.predict(x), rtol=1e-12, atol=1e-12)


def model_of_keras_3():
    """Names of layers that are not those of groups, an inner model called twice, wrappers, operations."""
    import keras as keras_3

    layers = keras_3.layers
    inputs = keras_3.Input((6, 4), name="particles")
    phi = keras_3.Sequential([keras_3.Input((6, 4)), layers.Dense(4, "relu", name="z"), layers.PReLU()], name="phi")
    values = phi(phi(layers.TimeDistributed(layers.Dense(4), name="td")(inputs)) - 1.0)
    values = layers.Bidirectional(layers.GRU(2, return_sequences=True), name="ways")(values)
    values = layers.Concatenate()([layers.Dense(3, name="b")(values), layers.Dense(2, name="a")(values)])
    values = layers.BatchNormalization(name="norm")(values[:, 1:, :] + keras_3.ops.max(values, axis=1, keepdims=True))
    model = keras_3.Model(inputs, layers.Dense(2, "softmax", name="first")(layers.GlobalAveragePooling1D()(values)))
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(np.abs(rng.normal(size=weight.shape)) * 0.5 + 0.1)
    return model


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras 3's own variables
@pytest.mark.parametrize("form", ["model.keras", "model.h5", "folder", "beside"])
def test_files_of_keras_3(form, tmp_path):
    model = model_of_keras_3()
    path = tmp_path / form
    if form == "folder":
        model.save(tmp_path / "model.keras")
        zipfile.ZipFile(tmp_path / "model.keras").extractall(path)
    elif form == "beside":
        (path := tmp_path / "model.json").write_text(model.to_json())
        model.save_weights(tmp_path / "model.weights.h5")
    else:
        model.save(path)
    x = np.random.default_rng(1).normal(size=(5, 6, 4)).astype(np.float32)
    reading = read_file(path) if form != "beside" else pytest.warns(UserWarning, read_file, path)
    np.testing.assert_allclose(reading.network.predict(x.reshape(5, -1)), np.asarray(model(x)), atol=1e-5)


def own_layers():
    """Layers of this package and of TFMOT, in their state after a training, by name."""
    pruned = tfmot.sparsity.keras.prune_low_magnitude
    quantizers = {"kernel_quantizer": "quantized_bits(6,0)", "bias_quantizer": "quantized_bits(6,1,alpha=1)"}
    return {
        "TopKGate": [TopKGate(2), L.Dense(3)],
        "CancelOut": [CancelOut(), L.Dense(3)],
        "FeatureSelection": [FeatureSelection([0, 2]), L.Normalization(mean=1.0, variance=2.0), L.Dense(3, "relu")],
        "MaskedDense": [MaskedDense(5, activation="relu"), L.Dense(3)],
        "TernaryDense": [
            TernaryDense(5, scales_per="unit"),
            L.ReLU(),
            TernaryDense(3, threshold_of="quantile", tied=True),
        ],
        "VariationalDense": [VariationalDense(5, n_train=10), L.Dense(3)],
        "PosteriorDense": [PosteriorDense(5, activation="relu"), PosteriorDense(3, input_precision="ap_fixed<8,4>")],
        "FixedPointQuantizer": [FixedPointQuantizer(8, 4), L.Dense(3)],
        "pruned": [pruned(L.Dense(5, "relu")), pruned(QDense(3, **quantizers)), QActivation("quantized_relu(6,2)")],
        "open scale": [
            QDense(5, kernel_quantizer="quantized_bits(4,0)"),
            L.ReLU(),
            QDense(3, kernel_quantizer="ternary()"),
        ],
    }


@pytest.mark.parametrize("name", own_layers())
@pytest.mark.parametrize("suffix", [pytest.param("h5", marks=pytest.mark.slow), "keras"])
def test_own_layers_in_files(name, suffix, tmp_path):
    model = keras.Sequential([keras.Input((4,)), *own_layers()[name]])
    rng = np.random.default_rng(4)
    for weight in model.weights:
        if weight.name.rpartition("/")[2].startswith(("kernel", "bias", "gate_weights", "log_sigma2")):
            weight.assign(rng.normal(size=weight.shape) - 3.0 * ("sigma2" in weight.name))
    model.save(tmp_path / f"model.{suffix}")
    network = Network.from_keras(tmp_path / f"model.{suffix}")
    np.testing.assert_allclose(network.predict(X), np.asarray(model(X)), atol=1e-5)
    np.testing.assert_allclose(network.predict(X), Network.from_keras(model).predict(X), atol=1e-12)


def layer_in_two_models():
    inputs, layer = keras.Input((4,)), L.Dense(4, "tanh")
    inner = keras.Model(inputs, layer(inputs))
    outer = keras.Input((4,))
    return keras.Model(outer, L.Dense(2)(L.Concatenate()([inner(outer), layer(L.Dense(4)(outer))])))


def partly_frozen():
    """Frozen weights stand behind the others in a file."""
    inner = [L.Dense(5, trainable=False), L.BatchNormalization(), L.Dense(5), L.BatchNormalization(trainable=False)]
    return keras.Sequential([keras.Input((4,)), keras.Sequential([keras.Input((4,)), *inner]), L.Dense(2)])


def objects_as_quantizers():
    """QKeras itself does not read these back from a .keras file."""
    quantizers = {"kernel_quantizer": quantized_bits(6, 0, alpha=1), "bias_quantizer": quantized_bits(6, 1, alpha=1)}
    return keras.Sequential([keras.Input((4,)), QDense(5, **quantizers), QActivation(quantized_relu(6, 1)), L.Dense(2)])


@pytest.mark.parametrize("build", [layer_in_two_models, partly_frozen, objects_as_quantizers])
@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_weights_find_their_layers(build, suffix, tmp_path):
    model = build()
    draw_weights(np.random.default_rng(5), model)
    model.save(tmp_path / f"model.{suffix}")
    np.testing.assert_allclose(
        Network.from_keras(tmp_path / f"model.{suffix}").predict(X), np.asarray(model(X)), atol=1e-5
    )


def test_sizes_that_a_file_leaves_open_are_asked_for(tmp_path):
    inputs = keras.Input((None, 3), name="particles")
    model = keras.Model(inputs, L.Dense(2)(L.GlobalAveragePooling1D()(L.Dense(4, "relu")(inputs))))
    model.save(tmp_path / "model.h5")
    with pytest.raises(DataError, match="each size is known.*'particles'.*--input-shape"):
        read_file(tmp_path / "model.h5")
    x = np.random.default_rng(0).normal(size=(5, 7, 3)).astype(np.float32)
    network = read_file(tmp_path / "model.h5", ReadOptions(input_shapes={"particles": (7, 3)})).network
    np.testing.assert_allclose(network.predict(x.reshape(5, -1)), np.asarray(model(x)), atol=1e-5)
