"""A forest as a network of real numbers, where nothing is known of the inputs' types."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.forests.coded import InputCodes
from codesign.forests.forest import Forest
from codesign.forests.leaves import round_leaves
from codesign.forests.split import Split
from codesign.forests.to_network import coded_network
from codesign.network import Network
from codesign.network.ops import Threshold

_FINE = 2.0**-40  # of the range of the trees: what is lost of the leaves


def float_forest_network(forest: Forest) -> Network:
    """Return the network of a forest with its own comparisons; the inputs have no type.

    The outputs are sums of leaves, exact to 2**-40 of their range.

    Raises:
        UnsupportedLayerError: for a forest that gives the same for every event.
    """
    places = Places.of(forest)
    spans = [float(np.ptp(tree.value[tree.feature < 0])) for tree in forest.trees]
    exponent = np.ceil(np.log2(max(sum(spans), 2.0**-20) * _FINE))
    network = coded_network(forest, places, round_leaves(forest, float(2.0 ** np.clip(exponent, -60, 60))))
    if network is None:
        raise UnsupportedLayerError(f"{forest.name}: expected trees that ask something. Received: none; train it first")
    ops = {}
    for node in network.nodes:
        if isinstance(node.op, Threshold):
            ends = [places.ends[feature][int(code) - 1] for feature, code in zip(node.op.index, node.op.value)]
            ops[node.name] = Threshold(node.op.index, np.array(ends))
    return network.with_ops(ops)


@dataclass(frozen=True, eq=False)
class Places(InputCodes):
    """Where a value lies among the numbers at which a forest's answers change, as codes.

    Args:
        ends: of each feature these numbers, sorted: code c is from number c - 1 on, and below number c.
    """

    ends: Sequence[Sequence[float]] = ()

    @classmethod
    def of(cls, forest: Forest) -> "Places":
        """Return those of a forest."""
        ends: list[set[float]] = [set() for _ in range(forest.n_features)]
        for tree in forest.trees:
            for node in np.flatnonzero(tree.feature >= 0).tolist():
                split = tree.splits.get(node)
                asked = [float(tree.threshold[node])] if split is None else split.ends()
                ends[int(tree.feature[node])].update(end for end in asked if np.isfinite(end))
        found = tuple(tuple(sorted(one)) for one in ends)
        n, zeros = len(found), np.zeros(len(found), np.int64)
        high = np.array([len(one) for one in found], np.int64)
        return cls(zeros, high, np.zeros(n), np.ones(n), zeros, found)

    def at_least(self, feature: int, value: float) -> int:
        """Return the smallest code whose values are at least this, one beyond the largest where there is none."""
        ends = self.ends[feature]
        if value == -np.inf:
            return 0
        return bisect_left(ends, value) + 1

    def flips(self, split: Split) -> tuple[bool, tuple[int, ...]]:
        """Return whether the smallest code goes right, and the codes at which the direction changes."""
        ends = self.ends[split.feature]
        high = len(ends)
        codes = sorted({0, *(self.at_least(split.feature, end) for end in split.ends())} - {high + 1})
        lowest = float(np.nextafter(ends[0], -np.inf)) if ends else 0.0
        right = split.goes_right(np.array([ends[code - 1] if code else lowest for code in codes]))
        changes = np.flatnonzero(right[1:] != right[:-1]) + 1
        return bool(right[0]), tuple(codes[place] for place in changes)
