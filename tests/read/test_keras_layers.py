"""Every layer of Keras that is read, against Keras itself, on random models."""

import warnings

import numpy as np
import pytest
import qkeras

from codesign._keras import keras, tf
from codesign.network import Network
from codesign.read import read_file
from tests.read.random_layers import RandomLayers, draw_weights

N_DEFAULT, N_SLOW = 8, 1000


def check_one(seed, path=None, of=keras):
    """The reader compares on events that it draws; here are more, of moderate size."""
    rng = np.random.default_rng(seed)
    model = RandomLayers(rng, of).model(int(rng.integers(1, 5)))
    if path is None:
        network = Network.from_keras(model, softmax=True)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(path)
        network = read_file(path).network
    x = rng.normal(size=(20, *model.input_shape[1:])).astype(np.float32)
    expected = np.asarray(model(x)).reshape(20, -1)
    assert np.abs(network.predict(x) - expected).max() <= 1e-5 * (1 + np.abs(expected).max())


@pytest.mark.parametrize("seed", range(N_DEFAULT))
def test_random_layers_are_read_as_keras_evaluates_them(seed):
    check_one(seed)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")  # Keras 3 says where a mask ends
@pytest.mark.parametrize(
    ("ending", "generation"),
    [("h5", 2), ("keras", 3), *(pytest.param(*one, marks=pytest.mark.slow) for one in (("h5", 3), ("keras", 2)))],
)
def test_files_of_random_layers_are_read_as_keras_evaluates_them(ending, generation, tmp_path):
    import keras as keras_3

    for seed in range(100 * generation, 100 * generation + 6):
        check_one(seed, tmp_path / f"model.{ending}", keras if generation == 2 else keras_3)


_BITS = "quantized_bits(6,1,alpha=1)"
_DENSE = {"kernel_quantizer": _BITS, "bias_quantizer": _BITS}
_DEEP = {"depthwise_quantizer": _BITS, "bias_quantizer": _BITS}
_GATES = {"activation": "quantized_tanh(6)", "recurrent_activation": "quantized_sigmoid(6)", "state_quantizer": _BITS}
QUANTISED = {
    "QLSTM": ((4, 3), lambda: qkeras.QLSTM(3, recurrent_quantizer=_BITS, **_DENSE, **_GATES)),
    "QConv1D": ((6, 3), lambda: qkeras.QConv1D(3, 2, padding="causal", activation="quantized_relu(6,2)", **_DENSE)),
    "QSeparableConv1D": ((6, 3), lambda: qkeras.QSeparableConv1D(3, 2, pointwise_quantizer=_BITS, **_DEEP)),
    "QGlobalAveragePooling2D": (
        (4, 4, 2),
        lambda: qkeras.QGlobalAveragePooling2D(average_quantizer="quantized_bits(8,0,alpha=1)", activation=_BITS),
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.slow if one == "QLSTM" else ()) for one in QUANTISED]
)
def test_layers_of_qkeras_are_read_to_the_bit(name):
    shape, layer = QUANTISED[name]
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layer()(qkeras.QActivation("quantized_bits(7,2,alpha=1)")(inputs)))
    rng = np.random.default_rng(0)
    draw_weights(rng, model)
    x = rng.normal(size=(50, *shape)).astype(np.float32)
    np.testing.assert_array_equal(Network.from_keras(model).predict(x), np.asarray(model(x)).reshape(50, -1))


OPERATIONS = {
    "functions": lambda x, y: tf.exp(-tf.abs(x)) + tf.sqrt(tf.square(y) + 1.0) - tf.math.rsqrt(tf.nn.softplus(x)) / y,
    "choices": lambda x, y: tf.where(tf.logical_and(x > y, tf.less(x, 0.5)), x * y, tf.minimum(y, 0.25)),
    "powers": lambda x, y: x**3 + tf.clip_by_value(y, -0.5, 0.25) + 2.0 / (1.0 + y**2),
    "moves": lambda x, y: tf.matmul(x, y, transpose_b=True) + tf.reduce_min(tf.tile(x, (1, 1, 2)), (1, 2), True),
    "along axes": lambda x, y: tf.nn.l2_normalize(x, -1) + tf.reverse(y, [1]) + tf.nn.softmax(x, 1),
    "masks": lambda x, y: tf.cast(tf.reduce_any(tf.not_equal(x, 0.0), -1, True), "float32") * y,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_between_layers_are_read(name):
    inputs = [keras.Input((3, 4)), keras.Input((3, 4))]
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(OPERATIONS[name](*inputs))))
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(50, 3, 4)).astype(np.float32) for _ in inputs]
    x[0][:10, 1] = 0
    np.testing.assert_allclose(Network.from_keras(model, x).predict(x), np.asarray(model(x)), rtol=2e-5, atol=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_random_layers_are_read_as_keras_evaluates_them(block):
    for seed in range(N_DEFAULT + block * N_SLOW // 20, N_DEFAULT + (block + 1) * N_SLOW // 20):
        check_one(seed)
