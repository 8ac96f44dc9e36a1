"""Events and small networks for the tests of the collapse."""

import numpy as np

from codesign._keras import keras
from codesign.layers import PosteriorDense

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 600)
X = (RNG.normal(size=(600, 4)) + 2 * np.eye(3, 4)[Y]).astype(np.float32)
WILD = np.concatenate([X, 5 * X[:200], np.zeros((1, 4), np.float32)])  # beyond the range of the training events too


def model_of(*layers):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), *layers])
    for layer in model.layers:
        if isinstance(layer, PosteriorDense):
            layer.log_sigma2.assign(np.full(layer.kernel.shape, -5.0))
    return model


def small_model():
    return model_of(
        PosteriorDense(6),
        keras.layers.ReLU(),
        keras.layers.Dropout(0.1),
        PosteriorDense(5, activation="relu"),
        PosteriorDense(3),
    )


def fit(model, *callbacks, epochs=5, eager=True, rate=0.01):
    """Few steps take less time than tracing them, so only networks that are looked at closely train as graphs."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, run_eagerly=eager)
    return model.fit(X, Y, epochs=epochs, batch_size=100, verbose=0, callbacks=list(callbacks))


def posterior_layers(model):
    return [layer for layer in model.layers if isinstance(layer, PosteriorDense)]
