import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.layers import MaskedDense


def test_what_is_masked_stays_zero_and_the_rest_trains():
    model = keras.Sequential([keras.Input((3,)), MaskedDense(2)])
    mask = np.array([[1, 0], [0, 1], [1, 1]])
    model.layers[0].set_mask(mask)
    model.compile("adam", "mse")
    before = model.layers[0].inference_kernel
    x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    model.fit(x, x[:, :2], epochs=3, verbose=0)
    np.testing.assert_array_equal(model.layers[0].mask, mask != 0)
    assert (model.layers[0].inference_kernel[mask != 0] != before[mask != 0]).all()
    np.testing.assert_allclose(model(x), x @ model.layers[0].inference_kernel + model.layers[0].bias.numpy(), atol=1e-6)


@pytest.mark.parametrize("mask", [np.ones((2, 3)), np.full((3, 2), 0.5)])
def test_bad_masks(mask):
    layer = MaskedDense(2)
    layer.build((None, 3))
    with pytest.raises(ConfigError, match=r"mask: expected 0 and 1 of shape \(3, 2\)"):
        layer.set_mask(mask)
