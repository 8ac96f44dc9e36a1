"""Trees whose splits are all thresholds: a split by categories becomes several, with copies of what is below."""

from dataclasses import dataclass, field, replace

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.forests.forest import Forest, Tree
from codesign.forests.split import Split

_MOST_NODES = 2**20


def with_plain_splits(forest: Forest) -> Forest:
    """Return a forest that gives the same of all numbers, and whose splits are thresholds.

    Raises:
        UnsupportedLayerError: where copies of what is below a split take more than a million nodes.
    """
    if not any(tree.splits for tree in forest.trees):
        return forest
    return replace(forest, trees=tuple(_Copy(tree, forest.name).copied() for tree in forest.trees))


@dataclass
class _Copy:
    """A tree while it is copied, each node behind its parent."""

    tree: Tree
    name: str
    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)
    source: list[int] = field(default_factory=list)

    def copied(self) -> Tree:
        """Return the copy."""
        waiting: list[tuple] = [(0, None, -1, 0)]  # a node, a range of its answers, its parent, and the side there
        while waiting:
            node, answers, parent, side = waiting.pop()
            number = len(self.feature)
            if number > _MOST_NODES:
                raise UnsupportedLayerError(f"{self.name}: expected at most {_MOST_NODES:,} nodes. Received: more")
            split = self.tree.splits.get(node)
            if split is not None and answers is None:
                answers = _answers(split)
            if answers is not None and len(answers) == 1:
                child = self.tree.right[node] if answers[0][1] else self.tree.left[node]
                waiting.append((int(child), None, parent, side))
                continue
            if parent >= 0:
                self.children[parent][side] = number
            waiting += self._add(node, answers, number)
        value = self.tree.value[self.source]
        left, right = np.array(self.children, np.int64).T
        parts = np.array(self.feature, np.int64), np.array(self.threshold), left, right
        return Tree(*parts, value, self.tree.outputs)

    def _add(self, node: int, answers: list | None, number: int) -> list[tuple]:
        """Add a node; what comes below it."""
        tree, is_leaf = self.tree, self.tree.feature[node] < 0
        self.source.append(node)
        self.children.append([-1, -1])
        self.feature.append(int(tree.feature[node]))
        middle = len(answers or ()) // 2
        self.threshold.append(float(tree.threshold[node] if answers is None else answers[middle][0]))
        if is_leaf:
            return []
        if answers is None:
            return [(int(tree.left[node]), None, number, 0), (int(tree.right[node]), None, number, 1)]
        return [(node, answers[:middle], number, 0), (node, answers[middle:], number, 1)]


def _answers(split: Split) -> list[tuple[float, bool]]:
    """From which number on a split goes right or left, the first from anywhere."""
    ends = sorted({end for end in split.ends() if np.isfinite(end)})
    lowest = float(np.nextafter(ends[0], -np.inf)) if ends else 0.0
    right = split.goes_right(np.array([lowest, *ends]))
    found = [(-np.inf, bool(right[0]))]
    for end, way in zip(ends, right[1:].tolist()):
        if way != found[-1][1]:
            found.append((end, way))
    return found
