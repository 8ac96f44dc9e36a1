"""Every layer of Keras that is read, against Keras itself, on random models."""

import numpy as np
import pytest

from codesign.network import Network
from tests.read.random_layers import RandomLayers

N_DEFAULT, N_SLOW = 30, 1000


def check_one(seed):
    """The reader compares on events that it draws; here are more, of moderate size."""
    rng = np.random.default_rng(seed)
    model = RandomLayers(rng).model(int(rng.integers(1, 5)))
    network = Network.from_keras(model, softmax=True)
    x = rng.normal(size=(20, *model.input_shape[1:])).astype(np.float32)
    expected = np.asarray(model(x)).reshape(20, -1)
    assert np.abs(network.predict(x) - expected).max() <= 1e-5 * (1 + np.abs(expected).max())


@pytest.mark.parametrize("seed", range(N_DEFAULT))
def test_random_layers_are_read_as_keras_evaluates_them(seed):
    check_one(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_random_layers_are_read_as_keras_evaluates_them(block):
    for seed in range(N_DEFAULT + block * N_SLOW // 20, N_DEFAULT + (block + 1) * N_SLOW // 20):
        check_one(seed)
