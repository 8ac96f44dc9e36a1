import json

import h5py
import numpy as np
import pytest
from qkeras import QActivation, QDense, quantized_relu

from codesign._keras import keras, tf
from codesign.errors import HalfPrecisionWarning, UnsupportedLayerError
from codesign.layers.qdense_batchnorm import QDenseBatchnorm
from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ops import Quantize
from codesign.read.graph_builder import with_trained_types
from codesign.train import save_model

INITIALIZER = keras.initializers.RandomNormal(0.0, 0.4, seed=0)
X = np.random.default_rng(0).normal(0, 2, (200, 6)).astype(np.float32)


def qkeras_model(
    kernel="quantized_bits(6,0,alpha=1)", bias="quantized_bits(8,1,alpha=1)", activation="quantized_relu(6,2)"
):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((6,)),
            QActivation("quantized_bits(8,3,alpha=1)"),
            QDense(
                8,
                kernel_quantizer=kernel,
                bias_quantizer=bias,
                kernel_initializer=INITIALIZER,
                bias_initializer="random_normal",
                name="a",
            ),
            QActivation(activation),
            QDense(
                3,
                kernel_quantizer=kernel,
                bias_quantizer=bias,
                kernel_initializer=INITIALIZER,
                bias_initializer="random_normal",
                name="b",
            ),
        ]
    )


@pytest.mark.parametrize(
    "kernel",
    [
        "quantized_bits(6,0,alpha=1)",
        "quantized_bits(4,1,1,alpha=1)",
        "ternary(alpha=1)",
        "quantized_bits(6,0,alpha='auto_po2')",
    ],
)
def test_emulation_of_a_qkeras_model_equals_keras(kernel):
    model = qkeras_model(kernel)
    emulated = Network.from_keras(model).emulate(X)
    np.testing.assert_allclose(emulated, model.predict(X, verbose=0), atol=1e-5)


def test_types_of_a_qkeras_model():
    network = Network.from_keras(qkeras_model())
    assert network.input_precision == FixedPoint(8, 4, True, "RND_CONV", "SAT")
    assert network.layers[0].precision.weight == FixedPoint(6, 1)
    assert network.layers[0].precision.output == FixedPoint(6, 2, False, "RND_CONV", "SAT")


def test_float_model_with_batch_normalisation_dropout_and_softmax():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    inputs = keras.Input((6,))
    values = layers.BatchNormalization()(layers.Dense(8)(inputs))
    values = layers.Dropout(0.5)(layers.ReLU()(values))
    logits = layers.Dense(3, use_bias=False, name="logits")(values)
    model = keras.Model(inputs, layers.Softmax()(logits))
    model.layers[2].set_weights([np.random.default_rng(i).uniform(0.5, 1.5, 8) for i in range(4)])
    expected = keras.Model(inputs, logits).predict(X, verbose=0)
    np.testing.assert_allclose(Network.from_keras(model).predict(X), expected, atol=1e-5)


def test_round_trip_through_keras():
    network = Network.from_keras(qkeras_model())
    again = Network.from_keras(network.to_keras())
    np.testing.assert_allclose(again.predict(X), network.predict(X), atol=1e-5)
    np.testing.assert_allclose(network.to_keras().predict(X, verbose=0), network.predict(X), atol=1e-5)


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_round_trip_through_a_file_of_keras(tmp_path, suffix):
    network = Network.from_keras(qkeras_model())
    save_model(network.to_keras(), tmp_path / f"model.{suffix}")
    again = Network.from_keras(tmp_path / f"model.{suffix}")
    np.testing.assert_allclose(again.predict(X), network.predict(X), atol=1e-5)
    assert again.input_quantizer == network.input_quantizer


def test_pruning_wrappers_are_opened():
    from tensorflow_model_optimization.sparsity import keras as tfmot

    model = qkeras_model()
    wrapped = tfmot.prune_low_magnitude(model)
    np.testing.assert_array_equal(Network.from_keras(wrapped).predict(X), Network.from_keras(model).predict(X))


def relu(values):
    return values * 2


class Doubled(keras.Model):
    def call(self, inputs, training=False):
        return 2 * super().call(inputs, training=training)


def ends():
    inputs = keras.Input((6,))
    return inputs, keras.layers.Dense(2)(inputs)


@pytest.mark.parametrize(
    "model, message",
    [
        (
            lambda: keras.Sequential([keras.Input((8, 1)), keras.layers.LocallyConnected1D(2, 3, name="conv")]),
            "layer 'conv'.*LocallyConnected1D",
        ),
        (
            lambda: keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, tf.math.atanh, name="odd")]),
            "layer 'odd'.*atanh",
        ),
        (lambda: keras.Sequential([keras.Input((6,))]), "at least one Dense"),
        (lambda: 3, "expected a Keras model. Received: int"),
        (lambda: keras.Sequential([keras.layers.Dense(2)]), "unbuilt or subclassed Sequential"),
        (
            lambda: keras.Sequential([keras.Input((None, 6)), keras.layers.Dense(2)]),
            r"inputs of which each size is known. Received: 'input_.*' of shape \(None, None, 6\)",
        ),
        (lambda: qkeras_model(activation="quantized_ulaw(6)"), "quantized_ulaw"),
        (lambda: qkeras_model(activation="binary(alpha='auto')"), "binary"),
        (lambda: qkeras_model(kernel="bernoulli(alpha=1)"), "at random"),
        (lambda: qkeras_model(bias="bernoulli()"), "at random"),
        (lambda: qkeras_model(activation="quantized_hswish(6,1)"), "quantized_hswish"),
        (lambda: qkeras_model(activation="quantized_bits(6,-1,alpha=1)"), "can be evaluated"),
        (lambda: qkeras_model(kernel="quantized_bits(6,-1,alpha=1)"), "can be evaluated"),
        (lambda: keras.Sequential([keras.Input((6,)), keras.layers.Dense(2), keras.layers.Softmax(axis=0)]), "axis=0"),
        (lambda: keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, relu)]), "a function 'relu'"),
        (lambda: Doubled(*ends()), "call\\(\\) of its own"),
        (
            lambda: qkeras_model(activation=quantized_relu(8, 4, relu_upper_bound=6.0, is_quantized_clip=False)),
            "quantized_relu",
        ),
        (lambda: qkeras_model(activation="quantized_relu(6,2,use_stochastic_rounding=True)"), "quantized_relu"),
    ],
)
def test_unsupported_models_are_named(model, message):
    with pytest.raises(UnsupportedLayerError, match=message) as error:
        Network.from_keras(model())
    assert "\n" not in str(error.value)


def test_a_saved_qdense_batchnorm_is_read(tmp_path):
    """A kernel is quantised behind the folding: a difference in its last bit may move a weight by a step."""
    rng = np.random.default_rng(1)
    options = {"kernel_quantizer": "quantized_bits(8,1,alpha=1)", "bias_quantizer": "quantized_bits(8,2,alpha=1)"}
    layers = [
        QDenseBatchnorm(8, **options),
        QActivation("quantized_relu(6,2)"),
        QDenseBatchnorm(3, use_bias=False, scale=False, **options),
    ]
    model = keras.Sequential([keras.Input((6,)), *layers])
    for layer in (layers[0], layers[2]):
        drawn = [
            rng.uniform(0.3, 2, w.shape) if "variance" in w.name else rng.normal(0, 0.7, w.shape) for w in layer.weights
        ]
        layer.set_weights(drawn)
    save_model(model, tmp_path / "model.h5")
    network = Network.from_keras(tmp_path / "model.h5")
    np.testing.assert_allclose(network.predict(X), model.predict(X, verbose=0), atol=1e-5)
    assert network.layers[0].precision.weight == FixedPoint(8, 2)


def test_a_folded_kernel_on_ties_is_rounded_as_the_layer_does():
    """Each weight lies within a rounding error of the middle of two steps: only the layer's arithmetic finds its."""
    rng = np.random.default_rng(2)
    options = {"kernel_quantizer": "quantized_bits(8,1,alpha=1)", "bias_quantizer": "quantized_bits(8,2,alpha=1)"}
    layer = QDenseBatchnorm(40, **options)
    model = keras.Sequential([keras.Input((6,)), layer])
    layer.batchnorm.moving_variance.assign(rng.uniform(0.3, 2, 40))
    factor, ties = (
        layer.get_folded_weights()[0].numpy() / layer.kernel.numpy(),
        (rng.integers(-100, 100, (6, 40)) + 0.5) / 64,
    )
    layer.kernel.assign((ties / factor).astype(np.float32))
    expected = layer.kernel_quantizer_internal(layer.get_folded_weights()[0])
    np.testing.assert_array_equal(Network.from_keras(model).layers[0].kernel, expected)


def test_a_float64_model_is_read_exactly():
    layers = keras.layers
    given = [
        layers.Dense(9, "tanh", dtype="float64"),
        layers.BatchNormalization(dtype="float64"),
        layers.Dense(3, "sigmoid", dtype="float64"),
    ]
    model = keras.Sequential([keras.Input((6,), dtype="float64"), *given])
    np.testing.assert_allclose(
        Network.from_keras(model).predict(X), np.asarray(model(X.astype(np.float64))), rtol=1e-14
    )


def test_layers_of_keras_3_are_read_alike():
    import keras as keras_3

    keras_3.utils.set_random_seed(0)
    layers = keras_3.layers
    hidden = [
        layers.Dense(7, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(4, activation="relu6"),
        layers.Dropout(0.1),
    ]
    model = keras_3.Sequential(
        [keras_3.Input((6,)), layers.Normalization(mean=1.0, variance=2.0), *hidden, layers.Dense(3, "hard_sigmoid")]
    )
    np.testing.assert_allclose(Network.from_keras(model).predict(X), np.asarray(model(X)), atol=1e-5)


@pytest.mark.parametrize("version", ["2.1.5", "2.2.4", "2.4.0"])
def test_files_of_old_keras_are_read(tmp_path, version):
    """Keras 2.1 wrote a bare list of layers, 2.2 the first of them without an InputLayer, and texts as bytes."""
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(
        8, "relu", input_shape=(6,), kernel_regularizer=keras.regularizers.l1(1e-4), name="fc1_relu"
    )
    model = keras.Sequential([dense, keras.layers.BatchNormalization(), keras.layers.Dense(3, "softmax")])
    save_model(model, tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "r+") as file:
        layers = [
            layer
            for layer in json.loads(file.attrs["model_config"])["config"]["layers"]
            if layer["class_name"] != "InputLayer"
        ]
        layers = [{key: layer[key] for key in ("class_name", "config")} for layer in layers]
        config = layers if version == "2.1.5" else {"name": "sequential_1", "layers": layers}
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": config}).encode()
        file.attrs["keras_version"] = version.encode()
    assert Network.from_keras(tmp_path / "model.h5").sizes == (6, 8, 3)


def test_a_model_in_double_precision_is_read_to_double_precision():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6,), dtype="float64"),
            keras.layers.Dense(5, "tanh", dtype="float64"),
            keras.layers.Dense(2, dtype="float64"),
        ]
    )
    np.testing.assert_allclose(
        Network.from_keras(model).predict(X), np.asarray(model(X.astype(np.float64))), rtol=1e-12
    )


def test_half_precision_is_said():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(5, "relu", dtype="mixed_float16"),
            keras.layers.Dense(2, dtype="float32"),
        ]
    )
    with pytest.warns(HalfPrecisionWarning, match="half precision"):
        Network.from_keras(model)


def test_an_input_that_several_truncate_has_the_finest_type():
    """As of words of which a dense layer takes the highest bits, and thresholds all."""
    all_bits = FixedPoint(np.array([6, 5, 0]), np.array([4, 2, 0]), np.array([True, False, False]))
    high = FixedPoint(np.array([3, 0, 0]), np.array([4, 0, 0]), np.array([True, False, False]))
    for other, expected in ((high, all_bits), (FixedPoint(4, 3), None), (FixedPoint(8, 4, rounding="RND"), None)):
        nodes = [Node("a", Quantize(all_bits), ["x"]), Node("b", Quantize(other), ["x"])]
        network = with_trained_types(Network(nodes, [Input("x", (3,))], ["a", "b"]))
        assert network.inputs[0].precision == expected
        if expected is not None:
            x = np.random.default_rng(0).normal(size=(50, 3)) * 8
            np.testing.assert_array_equal(network.emulate(x), network.predict(x))
