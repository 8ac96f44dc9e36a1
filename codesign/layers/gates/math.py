"""The exact-count gate's mathematics: nodes compete for a budget through one threshold.

Several gates may share the threshold. Shapes: `scores` (n_nodes,) of all of them in a row, `membership` (n_nodes,
n_gates) with a 1 where the node sits behind the gate.
"""

import numpy as np

from codesign._keras import tf
from codesign.layers.gates.cost import GateCost

_REACH = 20.0  # in temperatures: sigmoid(-20) = 2e-9, an empty or a full gate
_POINTS = 64
_ROUNDS = 2
_GRID = np.arange(_POINTS, dtype=np.float32)[:, np.newaxis]
_EPSILON = 1e-12


def solve_threshold(
    scores: tf.Tensor, temperature: tf.Tensor, target: tf.Tensor, membership: np.ndarray, cost: GateCost
) -> tf.Tensor:
    """Return theta with ``cost.of(sum of sigmoid((scores - theta) / temperature) behind each gate) = target``.

    The interval is cut into 64 twice, and one Newton step follows: as good as 20 bisections, in a tenth of the
    operations. Gradient by the implicit rule: ``dtheta = sum(c_i g_i ds_i) / sum(c_i g_i)``, g = m(1 - m), c_i the
    marginal cost of node i.

    Args:
        scores: (n_nodes,).
        temperature: (), positive.
        target: (), from the cost of empty gates to that of full ones.
        membership: (n_nodes, n_gates).
        cost: of the counts.

    Returns:
        (), theta.
    """

    def excess_at(points: tf.Tensor, ratios: tf.Tensor) -> tf.Tensor:
        return cost.of(tf.sigmoid(ratios - points) @ membership) - target

    @tf.custom_gradient
    def solve(scores: tf.Tensor) -> tf.Tensor:
        ratios = scores / temperature
        low = tf.reduce_min(ratios) - _REACH
        width = tf.reduce_max(ratios) + _REACH - low
        for _ in range(_ROUNDS):
            width /= _POINTS
            excess = excess_at(low + width * _GRID, ratios)
            low += width * (tf.reduce_sum(tf.cast(excess > 0, tf.float32)) - 1)
        middle = low + 0.5 * width
        weights = _weights(tf.sigmoid(ratios - middle), membership, cost)
        newton = excess_at(middle[tf.newaxis, tf.newaxis], ratios)[0, 0] / tf.reduce_sum(weights)
        theta = (middle + tf.clip_by_value(newton, -0.5 * width, 0.5 * width)) * temperature
        return theta, lambda upstream: upstream * weights / tf.reduce_sum(weights)

    return solve(tf.convert_to_tensor(scores))


def _weights(mask: tf.Tensor, membership: np.ndarray, cost: GateCost) -> tf.Tensor:
    """Return (n_nodes,) minus the derivative of the cost by the threshold, node by node.

    Never quite 0, so that it can divide.
    """
    slopes = mask * (1 - mask) + _EPSILON
    if membership.shape[1] == 1:
        return slopes
    return slopes * (membership @ tf.transpose(cost.marginal(mask[tf.newaxis] @ membership)))[:, 0]


def hard_mask(scores: tf.Tensor, limit: tf.Tensor, membership: np.ndarray, cost: GateCost) -> tf.Tensor:
    """Return the 0/1 mask (n_nodes,) of the longest stretch of the ranking whose cost is within the limit.

    Nodes rank by score, ties by index; the best node behind each gate ranks before all others, so that no layer dies.
    With the cost of one gate, exactly `limit` nodes are kept.
    """
    n_nodes, n_gates = membership.shape
    if n_gates > 1:
        scores = _best_first(scores, membership.sum(0).astype(int))
    order = tf.math.top_k(scores, n_nodes).indices
    counts = tf.cumsum(tf.gather(tf.constant(membership), order)) if n_gates > 1 else np.cumsum(membership, 0)
    fits = tf.cast(cost.of(counts)[:, 0] <= limit * (1 + 1e-6), scores.dtype)
    return tf.scatter_nd(order[:, tf.newaxis], fits, (n_nodes,))


def _best_first(scores: tf.Tensor, sizes: np.ndarray) -> tf.Tensor:
    """Raise the best node behind each gate above all others."""
    ends = np.cumsum(sizes)
    best = [end - size + tf.argmax(scores[end - size : end], output_type=tf.int32) for end, size in zip(ends, sizes)]
    spread = tf.reduce_max(scores) - tf.reduce_min(scores) + 1.0
    return scores + spread * tf.reduce_sum(tf.one_hot(tf.stack(best), scores.shape[0]), 0)
