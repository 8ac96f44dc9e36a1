"""QKeras's quantizers in NumPy against QKeras itself, to the bit: all kinds, arguments by place and by name."""

import inspect

import numpy as np
import pytest
import qkeras.quantizers

from codesign import Network
from codesign._keras import keras, tf
from codesign.errors import UnsupportedLayerError
from codesign.read.keras_records import Named
from codesign.read.qkeras import quantise, quantizer_named
from codesign.read.qkeras.text import ARGUMENTS

FUNCTIONS = ("hard_sigmoid", "smooth_sigmoid", "hard_tanh", "smooth_tanh", "binary_tanh", "binary_sigmoid")
DRAWN = {
    "bits": (*range(2, 13), 16),
    "integer": (0, 1, 2, 3, 5, 8),
    "symmetric": (0, 1, True),
    "keep_negative": (True, False),
    "alpha": (None, 1.0, 0.3, 2.5, "auto", "auto_po2"),
    "use_stochastic_rounding": (False, True),
    "scale_axis": (0, 1),
    "qnoise_factor": (1.0, 0.5, 0.0),
    "use_ste": (True, False),
    "use_sigmoid": (0, 1),
    "negative_slope": (0.0, 0.25, 0.5, 1.0),
    "relu_upper_bound": (4, 6.0, 1.5),
    "is_quantized_clip": (True, False),
    "u": (255.0, 100.0),
    "max_value": (None, 1, 2.0, 0.5, 4),
    "quadratic_approximation": (False, True),
    "log2_rounding": ("rnd", "floor"),
    "use_01": (False, True),
    "threshold": (None, 0.5, 0.1),
    "number_of_unrolls": (5, 3),
}


def drawn(kind, rng):
    """Some arguments, and values on grids, between them and far outside; rows enough to be summed in packets."""
    choices = {name: DRAWN[name] for name in ARGUMENTS[kind] if name in DRAWN and rng.random() < 0.6}
    config = {name: options[rng.integers(len(options))] for name, options in choices.items()}
    shape = [(7,), (16, 8), (33, 19), (3, 5, 4)][rng.integers(4)]
    x = rng.normal(size=shape) * [0.1, 1, 10][rng.integers(3)]
    return config, (np.round(x * 64) / 128 if rng.random() < 0.3 else x).astype(np.float32)


@pytest.mark.parametrize(
    "kind", [kind for kind in ARGUMENTS if hasattr(qkeras.quantizers, kind) and kind != "bernoulli"]
)
def test_quantizers_are_qkeras_to_the_bit(kind):
    rng = np.random.default_rng(len(kind))
    compared = 0
    for _ in range(30):
        config, x = drawn(kind, rng)
        try:
            expected = np.asarray(getattr(qkeras.quantizers, kind)(**config)(tf.constant(x)))
        except (AssertionError, tf.errors.InvalidArgumentError):  # arguments that QKeras has no answer for
            continue
        found = quantise(Named(kind, "qkeras", config), x, "fc")
        rtol = 2e-7 if kind == "quantized_ulaw" else 0  # whose last values take the C library's logarithm
        np.testing.assert_allclose(found, expected, rtol=rtol, err_msg=str(config))
        compared += 1
    assert compared > 8


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_qkeras_to_the_bit(name):
    x = np.linspace(-3, 3, 601).astype(np.float32)
    expected = np.asarray(getattr(qkeras.quantizers, name)(tf.constant(x)))
    np.testing.assert_array_equal(quantise(quantizer_named(name, "fc"), x, "fc"), expected)


@pytest.mark.parametrize("kind", [kind for kind in ARGUMENTS if hasattr(qkeras.quantizers, kind)])
def test_arguments_have_the_places_that_qkeras_gives_them(kind):
    made = getattr(qkeras.quantizers, kind)
    assert tuple(inspect.signature(made.__init__).parameters)[1:] == ARGUMENTS[kind]


def test_a_text_is_a_quantizer_with_its_arguments():
    found = quantizer_named("quantized_relu(6, 2, negative_slope=0.25)", "fc")
    assert (found.kind, found.config) == ("quantized_relu", {"bits": 6, "integer": 2, "negative_slope": 0.25})
    for text in (
        "quantized_relu(6, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)",
        "quantized_relu(bytes=3)",
        "open('x')",
        "exec",
    ):
        with pytest.raises(UnsupportedLayerError, match="layer 'fc'|arguments of quantized_relu"):
            quantizer_named(text, "fc")
    with pytest.raises(UnsupportedLayerError, match="draws values at random"):
        quantise(Named("bernoulli", "qkeras"), np.ones(3), "fc")


@pytest.mark.parametrize("bits, integer, slope", [(6, 2, 0.25), (4, 0, 0.5), (5, 1, 1.0), (3, 1, 0.25)])
def test_a_slope_below_0_is_read_to_the_bit(bits, integer, slope):
    activation = qkeras.QActivation(f"quantized_relu({bits},{integer},0,{slope})")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(1.0), activation, keras.layers.Dense(1)])
    model.layers[-1].set_weights([np.ones((1, 1)), np.zeros(1)])
    x = (np.arange(-400, 400) / 32).astype(np.float32)[:, np.newaxis]
    np.testing.assert_array_equal(Network.from_keras(model).predict(x), np.asarray(model(x)))
