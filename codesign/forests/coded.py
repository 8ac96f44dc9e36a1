"""A tree on codes: a comparison is the code at which it flips; what no code reaches is left out, equal leaves merge."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from codesign.data import Words
from codesign.errors import PrecisionError
from codesign.forests.forest import Tree
from codesign.forests.split import Split
from codesign.network import FixedPoint

# A leaf's label, or (key, where the bit is 0, where it is 1).
Decision = int | tuple["Key", "Decision", "Decision"]
# A feature and the codes at which the bit flips, which is 0 below all of them.
Key = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class InputCodes:
    """What codes of the inputs mean to a forest, and to a network.

    Args:
        low, high: (n,) int64, the smallest and the largest code.
        zero, step: (n,) float64, in the forest's units: a code stands for ``code * step + zero``.
        fraction: (n,) int64: a code of the network is worth ``2**-fraction``.
    """

    low: np.ndarray
    high: np.ndarray
    zero: np.ndarray
    step: np.ndarray
    fraction: np.ndarray

    @classmethod
    def of(cls, precision: FixedPoint | Words, n: int) -> "InputCodes":
        """Return those of a type, whose values a forest takes as they are, or of words, for what these stand.

        Raises:
            PrecisionError: for another number of elements.
        """
        words = precision if isinstance(precision, Words) else None
        precision = precision if words is None else words.precision
        parts = (precision.code_low, precision.code_high, precision.fraction)
        if any(np.shape(part) not in ((), (n,)) for part in parts):
            received = max(np.size(part) for part in parts)
            raise PrecisionError(f"precision: expected one type, or one of each of {n} features. Received: {received}")
        low, high, fraction = (np.broadcast_to(np.asarray(part, np.int64), n) for part in parts)
        zero, step = (np.zeros(n), np.ldexp(1.0, -fraction)) if words is None else (words.zero, words.scale)
        return cls(low, high, zero, step, fraction)

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Return what a forest takes codes for, (n_events, n) float64."""
        return codes * self.step + self.zero

    def at_least(self, feature: int, value: float) -> int:
        """Return the smallest code whose value is at least this, one beyond the largest where there is none."""
        low, high = int(self.low[feature]), int(self.high[feature])
        zero, step = float(self.zero[feature]), float(self.step[feature])
        with np.errstate(over="ignore"):
            code = int(np.clip(np.ceil((np.float64(value) - zero) / step), low, high + 1))
        while code > low and (code - 1) * step + zero >= value:
            code -= 1
        while code <= high and code * step + zero < value:
            code += 1
        return code

    def flips(self, split: Split) -> tuple[bool, tuple[int, ...]]:
        """Return whether the smallest code goes right, and the codes at which the direction changes."""
        low, high = int(self.low[split.feature]), int(self.high[split.feature])
        codes = sorted({low, *(self.at_least(split.feature, end) for end in split.ends())} - {high + 1})
        right = split.goes_right(np.array(codes) * self.step[split.feature] + self.zero[split.feature])
        changes = np.flatnonzero(right[1:] != right[:-1]) + 1
        return bool(right[0]), tuple(codes[place] for place in changes)


def decisions(tree: Tree, codes: InputCodes, labels: np.ndarray) -> Decision:
    """Return a tree on codes.

    Args:
        tree: of a forest.
        codes: of the inputs.
        labels: (n_nodes,) of the leaves: those of one label are one.
    """
    return _Reduction(tree, codes, labels).below(0, {})


class _Reduction:
    """One tree while it is walked through."""

    def __init__(self, tree: Tree, codes: InputCodes, labels: np.ndarray) -> None:
        self._tree, self._codes, self._labels = tree, codes, labels

    def below(self, node: int, limits: Mapping[int, tuple[int, int]]) -> Decision:
        """Return what is below a node, reached by codes within limits, those of each feature that was asked."""
        tree = self._tree
        feature = int(tree.feature[node])
        if feature < 0:
            return int(self._labels[node])
        low, high = limits.get(feature) or (int(self._codes.low[feature]), int(self._codes.high[feature]))
        is_right, flips = self._flips(node, feature)
        before, inside = [flip for flip in flips if flip <= low], tuple(flip for flip in flips if low < flip <= high)
        is_right ^= len(before) % 2 == 1
        children = (int(tree.right[node]), int(tree.left[node])) if is_right else (tree.left[node], tree.right[node])
        if not inside:
            return self.below(children[0], limits)
        ranges = ((low, inside[0] - 1), (inside[0], high)) if len(inside) == 1 else ((low, high), (low, high))
        parts = [self.below(int(child), {**limits, feature: own}) for child, own in zip(children, ranges)]
        return parts[0] if parts[0] == parts[1] else ((feature, inside), *parts)

    def _flips(self, node: int, feature: int) -> tuple[bool, tuple[int, ...]]:
        split = self._tree.splits.get(node)
        if split is not None:
            return self._codes.flips(split)
        return False, (self._codes.at_least(feature, float(self._tree.threshold[node])),)
