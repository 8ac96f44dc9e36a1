"""What a choice of nodes costs: a number that grows with the count of active nodes behind each gate."""

from dataclasses import dataclass

import numpy as np

from codesign._keras import tf


@dataclass(frozen=True, eq=False)
class GateCost:
    """``constant + sum_g linear_g n_g + sum_{g<=h} pairs_gh n_g n_h`` for n_g active nodes behind gate g.

    The cost of a gate by itself is its count, so that a cost of k means k nodes. The multiply-accumulates of a chain
    are of second order: a dense layer between two gates costs the product of their counts, so what a node costs depends
    on its neighbours.

    Args:
        constant: what does not depend on the gates.
        linear: (n_gates,) float32, cost of a node by itself; at least 0.
        pairs: (n_gates, n_gates) float32, upper triangle: cost of a pair of nodes; at least 0. On the diagonal stand
            layers that read and feed one gate.
    """

    constant: float
    linear: np.ndarray
    pairs: np.ndarray

    @classmethod
    def of_nodes(cls, n_gates: int) -> "GateCost":
        """Return the cost that counts nodes."""
        return cls(0.0, np.ones(n_gates, np.float32), np.zeros((n_gates, n_gates), np.float32))

    def of(self, counts: np.ndarray | tf.Tensor) -> np.ndarray | tf.Tensor:
        """Return the cost (n, 1) of counts (n, n_gates); sums are products, which arrays and tensors share."""
        total = counts @ self.linear[:, np.newaxis] + self.constant
        if self.pairs.any():
            total += (counts * (counts @ self.pairs.T)) @ np.ones((len(self.linear), 1), np.float32)
        return total

    def marginal(self, counts: tf.Tensor) -> tf.Tensor:
        """Return (n, n_gates): what one more node behind each gate costs, at counts (n, n_gates)."""
        return counts @ (self.pairs + self.pairs.T) + self.linear
