import numpy as np
import pytest

from codesign._keras import tf
from codesign.errors import ConfigError
from codesign.layers import CancelOut

W = np.float32([4.0, 0.0, -2.0])


def built(**options):
    layer = CancelOut(**options)
    layer.build((None, 3))
    layer.gate_weights.assign(W)
    return layer


def sigmoid(w):
    return 1 / (1 + np.exp(-w))


def test_output_is_input_times_gate():
    x = np.float32([[1, -2, 3], [0, 0, 0]])
    np.testing.assert_allclose(built()(x), x * sigmoid(W), rtol=1e-6)


@pytest.mark.parametrize(
    "options, expected",
    [
        ({}, 1e-3 * sigmoid(W).sum() - 1e-3 * W.var()),
        ({"l1": 0.1, "l2": 0.0}, 0.1 * sigmoid(W).sum()),
        ({"penalty": "raw"}, 2e-3 * np.abs(W).sum() + 1e-3 * np.sqrt((W**2).sum())),
    ],
)
def test_penalty_equals_the_published_formula(options, expected):
    layer = built(**options)
    layer(np.ones((2, 3), np.float32), training=True)
    assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-5)


def test_starts_as_published():
    for penalty, start in (("sigmoid", 4.0), ("raw", 1.0)):
        layer = CancelOut(penalty=penalty)
        layer.build((None, 3))
        np.testing.assert_array_equal(layer.gate_weights, np.full(3, start))


@pytest.mark.parametrize("penalty", ["sigmoid", "raw"])
def test_gradient_at_zero_is_finite(penalty):
    layer = built(penalty=penalty)
    layer.gate_weights.assign(np.zeros(3))
    with tf.GradientTape() as tape:
        layer(np.ones((2, 3), np.float32), training=True)
        loss = layer.losses[0]
    assert np.isfinite(tape.gradient(loss, layer.gate_weights)).all()


def test_ranking_and_support():
    layer = built()
    np.testing.assert_array_equal(layer.ranking, [0, 1, 2])
    np.testing.assert_array_equal(layer.get_support(), [True, False, False])
    np.testing.assert_array_equal(built(threshold=0.4).get_support(indices=True), [0, 1])


@pytest.mark.parametrize(
    "options", [{"penalty": "l3"}, {"l1": -1.0}, {"l2": np.nan}, {"threshold": 1.5}, {"initial_weight": np.inf}]
)
def test_bad_arguments(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        CancelOut(**options)
