import numpy as np
import pytest

from codesign._keras import tf
from codesign.layers import GateCost
from codesign.layers.gates.math import hard_mask, solve_threshold


def random_problem(seed):
    """Return scores, some of them tied, of 1 to 3 gates, and a cost with pairs."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 40, rng.integers(1, 4))
    membership = np.repeat(np.eye(len(sizes), dtype=np.float32), sizes, axis=0)
    scores = (rng.normal(size=sizes.sum()) * 10 ** rng.uniform(-2, 1)).astype(np.float32)
    scores[rng.random(len(scores)) < 0.3] = 0
    if len(sizes) == 1:
        return rng, scores, membership, GateCost.of_nodes(1)
    pairs = np.triu(rng.integers(0, 3, (len(sizes), len(sizes))), 1).astype(np.float32)
    return (
        rng,
        scores,
        membership,
        GateCost(float(rng.integers(0, 9)), rng.integers(1, 4, len(sizes)).astype(np.float32), pairs),
    )


def cost_of(cost, counts):
    return cost.constant + counts @ cost.linear.astype(float) + counts @ cost.pairs.astype(float) @ counts


def soft_cost(theta, scores, temperature, membership, cost):
    return cost_of(cost, (1 / (1 + np.exp(-(scores.astype(float) - theta) / temperature))) @ membership)


@pytest.mark.parametrize("seed", range(20))
def test_threshold_meets_the_target(seed):
    rng, scores, membership, cost = random_problem(seed)
    full = cost_of(cost, membership.sum(0))
    temperature = 10 ** rng.uniform(-1.3, 0)
    target = rng.uniform(cost.constant + 0.05 * (full - cost.constant), full)
    theta = float(
        solve_threshold(
            tf.constant(scores), tf.constant(temperature, tf.float32), tf.constant(target, tf.float32), membership, cost
        )
    )
    assert soft_cost(theta, scores, temperature, membership, cost) == pytest.approx(target, rel=2e-3)


@pytest.mark.parametrize("seed", range(6))
def test_gradient_of_the_threshold_equals_finite_differences(seed):
    _, scores, membership, cost = random_problem(seed)
    scores = scores / (np.abs(scores).max() + 1e-3)
    target = cost.constant + 0.4 * (cost_of(cost, membership.sum(0)) - cost.constant)

    def solve(values):
        low, high = -50.0, 50.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if soft_cost(middle, values, 0.7, membership, cost) > target else (low, middle)
        return low

    variable = tf.Variable(scores)
    with tf.GradientTape() as tape:
        theta = solve_threshold(variable, tf.constant(0.7), tf.constant(target, tf.float32), membership, cost)
    gradient = tape.gradient(theta, variable).numpy()
    assert gradient.sum() == pytest.approx(1, rel=1e-4)
    for index in range(0, len(scores), 7):
        shift = 1e-4 * np.eye(len(scores))[index]
        assert gradient[index] == pytest.approx(
            (solve(scores + shift) - solve(scores - shift)) / 2e-4, rel=0.02, abs=1e-4
        )


@pytest.mark.parametrize("temperature", [1.0, 0.05])
def test_full_and_nearly_empty_gates_have_finite_gradients(temperature):
    membership, cost = np.ones((5, 1), np.float32), GateCost.of_nodes(1)
    for scores in (np.zeros(5, np.float32), np.float32([0, 1, 2, 3, 100])):
        for target in (5.0, 1e-3):
            variable = tf.Variable(scores)
            with tf.GradientTape() as tape:
                theta = solve_threshold(variable, tf.constant(temperature), tf.constant(target), membership, cost)
                total = tf.reduce_sum(tf.sigmoid((variable - theta) / temperature))
            assert np.isfinite(tape.gradient(total, variable)).all()
            assert float(total) == pytest.approx(target, abs=0.01)


def ranking_by_hand(scores, membership):
    gates = membership.argmax(1)
    best = {int(np.flatnonzero(gates == gate)[scores[gates == gate].argmax()]) for gate in range(membership.shape[1])}
    return sorted(
        range(len(scores)), key=lambda node: (membership.shape[1] > 1 and node not in best, -scores[node], node)
    )


@pytest.mark.parametrize("seed", range(20))
def test_hard_mask_is_the_longest_affordable_stretch_of_the_ranking(seed):
    rng, scores, membership, cost = random_problem(seed)
    least = cost_of(cost, np.ones(membership.shape[1]))
    limit = rng.uniform(least, cost_of(cost, membership.sum(0)) + 1)
    chosen = np.zeros(len(scores))
    for node in ranking_by_hand(scores, membership):
        chosen[node] = 1
        if cost_of(cost, chosen @ membership) > limit:
            chosen[node] = 0
            break
    mask = hard_mask(tf.constant(scores), tf.constant(limit, tf.float32), membership, cost).numpy()
    np.testing.assert_array_equal(mask, chosen)
    assert (mask @ membership >= 1).all()


def test_ties_are_broken_by_index():
    membership = np.ones((6, 1), np.float32)
    mask = hard_mask(tf.constant([0.0, 1, 1, 1, 0, 1]), tf.constant(3.0), membership, GateCost.of_nodes(1))
    np.testing.assert_array_equal(mask, [0, 1, 1, 1, 0, 0])
