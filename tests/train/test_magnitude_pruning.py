import numpy as np
import pytest
from qkeras import QActivation, QDense

from codesign._keras import keras
from codesign.compress import strip
from codesign.errors import ConfigError
from codesign.train import prune_by_magnitude, strip_pruning

X = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)


def model():
    kernel = "quantized_bits(6,1,alpha=1)"
    layers = [QDense(10, kernel_quantizer=kernel), QActivation("quantized_relu(6,2)"), keras.layers.Dense(5)]
    return keras.Sequential([keras.Input((8,)), *layers])


@pytest.mark.parametrize("steps, frequency", [(8, 50), (24, 3), pytest.param(24, 5, marks=pytest.mark.slow)])
def test_reaches_the_sparsity_however_short_the_training(steps, frequency):
    pruned, callbacks = prune_by_magnitude(model(), 0.8, steps=steps, frequency=frequency)
    pruned.compile("adam", "mse", run_eagerly=True)
    pruned.fit(X, X[:, :5], epochs=steps // 4, batch_size=16, verbose=0, callbacks=callbacks)
    for opened in (strip_pruning(pruned), strip(pruned)):
        assert [
            np.mean(layer.kernel.numpy() == 0) for layer in opened.layers if hasattr(layer, "units")
        ] == pytest.approx([0.8, 0.8])
        np.testing.assert_array_equal(opened(X), pruned(X))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"sparsity": 1.0}, "sparsity: expected a share from 0 to below 1. Received: 1.0"),
        ({"sparsity": -0.1}, "sparsity"),
        ({"begin": 0.6, "end": 0.5}, "begin, end, steps"),
        ({"steps": 0}, "begin, end, steps.*Received: 0.1, 0.6, 0"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        prune_by_magnitude(model(), **{"sparsity": 0.5, "steps": 100, **options})
