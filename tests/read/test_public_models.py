"""Models of the shapes that are published are read, from memory and from files, and compute the same."""

import numpy as np
import pytest

from codesign.network import Network
from tests.read.public_models import MODELS, drawn, events


def outputs_of(model, x):
    found = model.predict(x if len(x) > 1 else x[0], verbose=0)
    found = found if isinstance(found, list) else [found]
    return np.concatenate([one.reshape(len(one), -1) for one in found], 1)


@pytest.mark.parametrize("name", MODELS)
def test_a_published_shape_is_read(name):
    model = drawn(MODELS[name])
    x = events(model)
    network = Network.from_keras(model, x if len(x) > 1 else x[0], softmax=True)
    received, expected = network.predict(x if len(x) > 1 else x[0]), outputs_of(model, x)
    far = np.abs(received - expected) > 2e-5 * np.maximum(1, np.abs(expected).max(1, keepdims=True))
    assert far.any(1).mean() <= (0.03 if network.has_trained_types else 0.0)
