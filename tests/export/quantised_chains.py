"""Random chains with quantizers of every rounding and overflow, of whole layers and of single values."""

import numpy as np

from codesign.network import FixedPoint
from codesign.network.types.fixed_point import OVERFLOWS, ROUNDINGS
from tests.export.example_chains import chain_of

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh")


def random_type(rng, n):
    """A type of a tensor of n values, or of each of them, 0 bits now and then, some with a sign and some without."""
    shape = (n,) if rng.random() < 0.4 else ()
    width, integer = rng.integers(0 if shape else 2, 9, shape), rng.integers(-1, 4, shape)
    if rng.random() < 0.1:
        width = width + 15  # finer than the faster rounding takes
    modes = str(rng.choice(ROUNDINGS)), str(rng.choice(OVERFLOWS))
    return FixedPoint(width, integer, rng.random(shape) < 0.6, *modes)


def random_quantised_chain(seed):
    """Weights on a binary grid or not, dense or sparse, standardised or not, softmax or not."""
    rng, options = np.random.default_rng(seed), {}
    sizes = rng.integers(1, 24, rng.integers(2, 5))
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        kernel = rng.normal(size=(n_in, n_out)) * (rng.random((n_in, n_out)) < rng.choice((1.0, 0.3)))
        bias = rng.normal(size=n_out)
        if rng.random() < 0.6:
            kernel, bias = np.rint(kernel * 8) / 8, np.rint(bias * 16) / 16
        quantizer = random_type(rng, n_out) if rng.random() < 0.7 else None
        layers.append((kernel, bias, str(rng.choice(ACTIVATIONS)), quantizer))
    if rng.random() < 0.3:
        layers.append((np.eye(sizes[-1]), np.zeros(sizes[-1]), "softmax"))
    inputs = random_type(rng, sizes[0]) if rng.random() < 0.6 else None
    if rng.random() < 0.5:
        options |= {"offset": rng.normal(size=sizes[0]), "scale": np.exp2(rng.integers(-2, 3, sizes[0]))}
    return chain_of(*layers, input_quantizer=inputs, **options)


def tutorial_tagger(*, quantised):
    """16-64-32-32-5 of hls4ml's tutorial, parts 1 and 4, with random weights."""
    from qkeras import QActivation, QDense

    from codesign._keras import keras

    keras.utils.set_random_seed(0)
    types = {"kernel_quantizer": "quantized_bits(6,0,alpha=1)", "bias_quantizer": "quantized_bits(6,0,alpha=1)"}
    layers = []
    for units in (64, 32, 32):
        dense = QDense(units, **types) if quantised else keras.layers.Dense(units)
        layers += [dense, QActivation("quantized_relu(6)") if quantised else keras.layers.Activation("relu")]
    last = QDense(5, **types) if quantised else keras.layers.Dense(5)
    return keras.Sequential([keras.Input((16,)), *layers, last, keras.layers.Activation("softmax")])
