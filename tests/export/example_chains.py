"""Chains and Keras models that the exporters' tests share."""

import numpy as np

from codesign.export import FloatChain, FloatLayer


def random_chain(sizes=(6, 5, 3), activations=("relu", "linear"), *, seed=0, **options):
    """A chain with weights as training gives them, and features whose means and widths differ by powers of ten."""
    rng = np.random.default_rng(seed)
    layers = tuple(
        FloatLayer(rng.normal(size=(n_in, n_out)) / np.sqrt(n_in), rng.normal(size=n_out) / 3, activation)
        for n_in, n_out, activation in zip(sizes, sizes[1:], activations)
    )
    std = 10.0 ** rng.integers(-3, 5, sizes[0])
    return FloatChain(layers, -std * rng.normal(size=sizes[0]), 1 / std, **options)


def events_of(chain, n, *, seed=1):
    """(n, n_inputs) float32, standard normal behind the chain's standardisation."""
    drawn = np.random.default_rng(seed).normal(size=(n, chain.n_inputs))
    return (drawn / chain.scale - chain.offset).astype(np.float32)


def keras_classifier():
    """A Keras model with a Normalization layer and a softmax."""
    from codesign._keras import keras

    keras.utils.set_random_seed(0)
    normalization = keras.layers.Normalization(mean=[1, 20, 0, -3], variance=[1, 400, 0.01, 9])
    dense = [keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(3, activation="softmax")]
    return keras.Sequential([keras.Input((4,)), normalization, *dense])
