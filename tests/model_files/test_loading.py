"""What Keras reads back of a file and what not; nothing is computed on the way, and it takes no memory."""

import warnings

import numpy as np
import pytest
import qkeras
from tensorflow_model_optimization.sparsity import keras as prune

from codesign import keras, load_model
from codesign.errors import DataError, UnsupportedLayerError
from codesign.layers import MaskedDense
from codesign.train import save_model
from tests.model_files import hostile
from tests.mutations import within_limits


def saved(folder, layers, name="model.h5"):
    save_model(keras.Sequential([keras.Input((3,)), *layers]), folder / name)
    return folder / name


def test_what_keras_itself_does_not_read_back(tmp_path):
    quantizer = qkeras.quantized_relu(6)
    with pytest.raises(DataError, match=r"QActivation.*save the model as .h5"):
        load_model(saved(tmp_path, [qkeras.QActivation(quantizer)], "model.keras"))
    assert load_model(saved(tmp_path, [qkeras.QActivation(quantizer)])).layers[0].activation.bits == 6
    unbuilt = keras.Sequential([keras.layers.Dense(2)])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="You are saving a model that has not yet been built")
        save_model(unbuilt, tmp_path / "unbuilt.keras")
    with pytest.raises(DataError, match="never built.*keras.Input"):
        load_model(tmp_path / "unbuilt.keras")


class Subclassed(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.dense = keras.layers.Dense(2)

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {"name": self.name}


def test_a_subclassed_model_is_named(tmp_path):
    model = Subclassed()
    model(np.zeros((1, 3), "f4"))
    save_model(model, tmp_path / "model.keras")
    with pytest.raises(UnsupportedLayerError, match="Sequential or functional model.*Subclassed.*set_weights"):
        load_model(tmp_path / "model.keras")


def test_all_known_layers_come_back(tmp_path):
    quantized = {
        "kernel_quantizer": "quantized_bits(4,0,alpha=1)",
        "bias_quantizer": qkeras.quantized_bits(4, 0, alpha=1),
    }
    inputs = keras.Input((3,))
    x = qkeras.QDense(4, activation="quantized_relu(6,2)", **quantized)(inputs)
    x = qkeras.QActivation("quantized_tanh(4)")(MaskedDense(4, kernel_quantizer="quantized_bits(4,0,alpha='auto')")(x))
    x = (
        keras.Sequential(
            [
                keras.layers.Dense(3, "tanh", kernel_regularizer="l2"),
                keras.layers.LeakyReLU(),
                keras.layers.Dropout(0.5),
            ]
        )(x)
        * 2.0
    )
    x = keras.layers.Concatenate()([keras.layers.BatchNormalization()(x), inputs])
    model = keras.Model(inputs, keras.layers.Dense(2, keras.activations.softmax, kernel_constraint="max_norm")(x))
    events = np.random.default_rng(0).normal(size=(9, 3)).astype("f4")
    for name in ("model.h5", "model.keras"):
        save_model(model, tmp_path / name)
        np.testing.assert_array_equal(load_model(tmp_path / name)(events), model(events))


def test_more_units_than_the_file_has_weights_take_no_memory(tmp_path):
    def widen(config):
        config["config"]["layers"][1]["config"]["units"] = 10**9

    for name in ("model.h5", "model.keras"):
        with pytest.raises(DataError, match="need more weights than"), within_limits(grown_bytes=2**28):
            load_model(hostile.with_config(tmp_path / name, widen))


def test_a_layer_that_waits_for_itself_ends(tmp_path):
    def loop(config):
        config["config"]["layers"][1]["inbound_nodes"] = [[["dense", 0, 0, {}]]]

    for name in ("model.h5", "model.keras"):
        with pytest.raises(DataError, match="'dense' waits for what no layer gives"), within_limits():
            load_model(hostile.with_config(tmp_path / name, loop))


def test_what_would_compute_while_it_is_read(tmp_path):
    def constant(config):
        repeat = {"name": "repeat", "trainable": True, "dtype": "float32", "n": 10**10}
        layer = {
            "class_name": "RepeatVector",
            "module": "keras.layers",
            "registered_name": None,
            "config": repeat,
            "name": "repeat",
        }
        config["config"]["layers"].append({**layer, "inbound_nodes": [[["_CONSTANT_VALUE", -1, [[1.0]], {}]]]})

    def endless_number(config):
        quantizer = {
            "module": "qkeras.quantizers",
            "class_name": "quantized_bits",
            "config": {"bits": 10**12},
            "registered_name": None,
        }
        config["config"]["layers"][1]["config"]["activation"] = quantizer

    for change, expected in [(constant, "'repeat' is called on constants"), (endless_number, "a quantizer of at most")]:
        with pytest.raises(DataError, match=expected), within_limits(seconds=2, grown_bytes=2**28):
            load_model(hostile.with_config(tmp_path / "model.h5", change))


def test_recurrent_layers_are_not_unrolled(tmp_path):
    inputs = keras.Input((200, 1))
    model = keras.Model(inputs, keras.layers.GRU(2, unroll=False)(inputs))
    save_model(model, tmp_path / "model.keras")
    changed = hostile.changed_archive(
        tmp_path / "model.keras", lambda config: config["config"]["layers"][1]["config"].update(unroll=True)
    )
    with within_limits(seconds=3):
        read = load_model(changed)
    events = np.random.default_rng(0).normal(size=(4, 200, 1)).astype("f4")
    np.testing.assert_allclose(read(events), model(events), rtol=1e-5)


def test_a_pruned_model_that_nobody_stripped_comes_back(tmp_path):
    inner = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4), qkeras.QDense(2, kernel_quantizer="quantized_bits(4,0,alpha=1)")]
    )
    schedule = prune.ConstantSparsity(0.5, begin_step=0)
    model = keras.models.clone_model(inner, clone_function=lambda layer: prune.prune_low_magnitude(layer, schedule))
    for name in ("model.h5", "model.keras"):
        save_model(model, tmp_path / name)
        events = np.ones((2, 3), "f4")
        np.testing.assert_array_equal(load_model(tmp_path / name)(events), model(events))
