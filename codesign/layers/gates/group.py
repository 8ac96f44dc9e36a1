"""Gates that share one budget, and so one threshold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from codesign._keras import tf
from codesign.layers.gates.cost import GateCost
from codesign.layers.gates.math import hard_mask, solve_threshold

if TYPE_CHECKING:
    from codesign.layers.gates.top_k_gate import TopKGate


class GateGroup:
    """The gates among which nodes compete. It holds no weights: a saved model needs it only to go on training.

    Args:
        gates: built gates, in the order of the chain.
        cost: of their counts.

    `full_cost` is the cost with every node active, `least_cost` that with one node behind each gate.
    """

    def __init__(self, gates: Sequence["TopKGate"], cost: GateCost) -> None:
        self.gates = tuple(gates)
        self.cost = cost
        sizes = [gate.n_nodes for gate in self.gates]
        self._membership = np.repeat(np.eye(len(sizes), dtype=np.float32), sizes, axis=0)
        self._ends = np.cumsum(sizes)
        self.full_cost = self._cost_of(sizes)
        self.least_cost = self._cost_of([1] * len(sizes))

    @property
    def present_cost(self) -> float:
        """Cost of the present masks."""
        return self._cost_of([gate.mask.sum() for gate in self.gates])

    def soft_mask(self, gate: "TopKGate", target: tf.Tensor, temperature: tf.Tensor) -> tf.Tensor:
        """Return (n_nodes,) mask between 0 and 1 whose costs add up to `target`; the best node keeps at least 0.5."""
        theta = solve_threshold(self._all_scores(), temperature, target, self._membership, self.cost)
        scores = gate.effective_scores()
        if len(self.gates) > 1:
            theta = tf.minimum(theta, tf.stop_gradient(tf.reduce_max(scores)))
        return tf.sigmoid((scores - theta) / temperature)

    def hard_mask(self, gate: "TopKGate", limit: tf.Tensor) -> tf.Tensor:
        """Return (n_nodes,) mask of 0 and 1, without a gradient, whose costs add up to at most `limit`."""
        end = int(self._ends[self.gates.index(gate)])
        mask = hard_mask(tf.stop_gradient(self._all_scores()), limit, self._membership, self.cost)
        return mask[end - gate.n_nodes : end]

    def _all_scores(self) -> tf.Tensor:
        return tf.concat([gate.effective_scores() for gate in self.gates], 0)

    def _cost_of(self, counts: Sequence[float]) -> float:
        return float(self.cost.of(np.array([counts], np.float32))[0, 0])
