import numpy as np
import pytest

from codesign._keras import keras, tf
from codesign.errors import ConfigError, TrainingError
from codesign.layers import TopKGate
from codesign.layers.gates.top_k_gate import FROZEN, HARD, SOFT

X = np.random.default_rng(0).normal(size=(16, 6)).astype(np.float32)


def built(k=3, scores=(0.0, 2, -1, 1, 2, 2), **options):
    layer = TopKGate(k, **options)
    layer.build((None, 6))
    layer.scores.assign(scores)
    return layer


def test_output_is_input_times_the_k_best_ties_by_index():
    layer = built()
    outputs = layer(X, training=True).numpy()
    np.testing.assert_array_equal(outputs, X * [0, 1, 0, 0, 1, 1])
    np.testing.assert_array_equal(layer(X), outputs)
    np.testing.assert_array_equal(layer.get_support(), np.array([0, 1, 0, 0, 1, 1], bool))
    np.testing.assert_array_equal(layer.get_support(indices=True), [1, 4, 5])
    assert (layer.n_active, layer.is_settled) == (3, True)


def test_untrained_it_already_passes_exactly_k():
    np.testing.assert_array_equal(TopKGate(2)(X), X * [1, 1, 0, 0, 0, 0])


@pytest.mark.parametrize("target", [1.5, 3.0, 5.5])
def test_soft_mask_adds_up_to_the_target(target):
    layer = built()
    layer.set_state(target, 0.5, SOFT)
    layer(X, training=True)
    assert layer.mask.sum() == pytest.approx(target, rel=1e-3)
    assert layer.is_settled is False
    with pytest.raises(TrainingError, match="expected a training with GateSchedule to its end"):
        layer.get_support()


def test_frozen_mask_stays_whatever_the_scores():
    layer = built()
    layer.freeze(3)
    layer.scores.assign(-layer.scores)
    np.testing.assert_array_equal(layer(X, training=True), X * [0, 1, 0, 0, 1, 1])
    layer.freeze(3)
    np.testing.assert_array_equal(layer.mask, [0, 1, 0, 0, 1, 1])
    assert float(layer.state[2]) == FROZEN


@pytest.mark.parametrize("phase", [SOFT, HARD])
def test_scores_have_a_gradient_that_makes_them_compete(phase):
    layer = built()
    layer.set_state(3.0, 0.8, phase)
    tf.random.set_seed(0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(np.ones((64, 6), np.float32), training=True) * [1.0, -1, 0, 0, 0, 0])
    gradient = tape.gradient(loss, layer.scores).numpy()
    assert gradient[0] > 0 > gradient[1]
    assert gradient.sum() == pytest.approx(0, abs=0.05 * float(np.abs(gradient).sum()))


@pytest.mark.parametrize("k", [0, -1, 2.5, np.nan])
def test_rejects_a_count_below_1(k):
    with pytest.raises(ConfigError, match="k: expected (an integer of at least 1|a whole number)"):
        TopKGate(k)


def test_rejects_a_count_above_the_width():
    with pytest.raises(ConfigError, match="k of layer 'gate': expected at most 6, the width of its input. Received: 7"):
        keras.Sequential([keras.Input((6,)), TopKGate(7, name="gate")])


def test_training_with_neither_count_nor_budget_is_refused():
    layer = TopKGate()
    np.testing.assert_array_equal(layer(X), X)
    with pytest.raises(ConfigError, match=r"expected a count, or the callback GateSchedule\(budget="):
        layer(X, training=True)


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf])
def test_bad_scale(scale):
    with pytest.raises(ConfigError, match="score_scale: expected a positive number"):
        TopKGate(2, score_scale=scale)
