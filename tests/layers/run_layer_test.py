"""The checks that every layer of the package passes, whatever it does."""

import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from qkeras import QActivation, QDense

from codesign._keras import keras, tf
from codesign.compress import strip
from codesign.network import Network
from codesign.train import StopAtDivergence, load_model, save_model

N_FEATURES = 6
KERNEL, BIAS = "quantized_bits(6,1,alpha=1)", "quantized_bits(8,1,alpha=1)"


def events(n_events: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Return events of three classes, some features exactly 0."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, n_events)
    x = (rng.normal(size=(n_events, N_FEATURES)) + 2 * np.eye(3, N_FEATURES)[y]).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = 0
    return x, y


def mixed_model(make: Callable[[], keras.layers.Layer]) -> keras.Model:
    """Return a compiled classifier with the layer behind QKeras layers and before a Dense."""
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((N_FEATURES,)),
        QDense(N_FEATURES, kernel_quantizer=KERNEL, bias_quantizer=BIAS),
        QActivation("quantized_relu(8,3)"),
        make(),
        keras.layers.Dense(3),
        keras.layers.Softmax(),
    ]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    return model


def check_shapes(make: Callable[[], keras.layers.Layer]) -> None:
    """Shape and type of the output are as declared, in training and at inference; two axes of events work too."""
    x = events(8)[0]
    for inputs in (x, x.reshape(2, 4, N_FEATURES)):
        layer = make()
        for training in (False, True):
            outputs = layer(inputs, training=training)
            assert outputs.shape == layer.compute_output_shape(inputs.shape)
            assert outputs.dtype == tf.float32
            assert np.isfinite(outputs).all()


def check_config(make: Callable[[], keras.layers.Layer]) -> None:
    """The configuration is plain text and numbers, holds every argument, and gives the same layer again."""
    layer = make()
    config = layer.get_config()
    arguments = {
        parameter.name
        for owner in type(layer).__mro__
        if owner.__module__.startswith("codesign") and "__init__" in vars(owner)
        for parameter in inspect.signature(owner.__init__).parameters.values()
        if parameter.kind is not parameter.VAR_KEYWORD and parameter.name != "self"
    }
    assert arguments <= set(config)
    assert "Wrapper" not in repr(config)  # what Keras makes of the lists of a layer
    assert type(layer).from_config(json.loads(json.dumps(config))).get_config() == config


def check_gradients(make: Callable[[], keras.layers.Layer]) -> None:
    """Every trainable weight has a finite gradient, also where the inputs are all 0."""
    for x in (events(32)[0], np.zeros((32, N_FEATURES), np.float32)):
        layer = make()
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x, training=True) ** 2) + sum(layer.losses)
        for gradient in tape.gradient(loss, layer.trainable_weights):
            assert np.isfinite(gradient).all()


def check_fit_save_strip(
    make: Callable[[], keras.layers.Layer], callbacks: Sequence[keras.callbacks.Callback], directory: Path
) -> None:
    """`fit` learns without NaN; both file formats and `strip` predict the same; the result is a Network."""
    model, (x, y) = mixed_model(make), events()
    history = model.fit(x, y, epochs=15, batch_size=16, verbose=0, callbacks=[*callbacks, StopAtDivergence()])
    assert history.history["loss"][-1] < history.history["loss"][0]
    expected = model(x).numpy()
    for suffix in (".h5", ".keras"):
        save_model(model, directory / f"model{suffix}")
        loaded = load_model(directory / f"model{suffix}")
        np.testing.assert_array_equal(loaded(x), expected)
        assert loaded.layers[2].get_config() == model.layers[2].get_config()
    stripped = strip(model)
    np.testing.assert_allclose(stripped(x), expected, atol=1e-6)
    assert all(not type(layer).__module__.startswith("codesign") for layer in stripped.layers)
    np.testing.assert_array_equal(Network.from_keras(model).predict(x), Network.from_keras(stripped).predict(x))
