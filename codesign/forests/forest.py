"""Forest: boosted or bagged trees of any library, in one form that computes the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from codesign.errors import DataError, UnsupportedLayerError
from codesign.forests.split import Split


@dataclass(frozen=True, eq=False)
class Tree:
    """One decision tree; its root is node 0.

    Args:
        feature: (n,) int64, -1 at leaves.
        threshold: (n,) float64: an event goes right where ``x[feature] >= threshold``, in double precision.
        left, right: (n,) int64 children, larger than their parent's number or not; -1 at leaves.
        value: (n, n_columns) float64, of leaves.
        outputs: (n_columns,) int64, which outputs of the forest the columns are added to.
        splits: the splits that are no threshold, by node: categories, values that stand for missing ones.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    outputs: np.ndarray
    splits: Mapping[int, Split] = field(default_factory=dict)

    def leaves(self, x: np.ndarray) -> np.ndarray:
        """Return the (n_events,) node that each event ends in."""
        node = np.zeros(len(x), np.int64)
        inner = np.flatnonzero(self.feature[node] >= 0)
        while len(inner):
            here = node[inner]
            goes_right = x[inner, self.feature[here]] >= self.threshold[here]
            for special, split in self.splits.items():
                at = here == special
                goes_right[at] = split.goes_right(x[inner[at], split.feature])
            node[inner] = np.where(goes_right, self.right[here], self.left[here])
            inner = inner[self.feature[node[inner]] >= 0]
        return node

    def reachable(self) -> np.ndarray:
        """Return the nodes below the root, itself included, each behind its parent.

        Raises:
            DataError: for children that are not there, or a node that two have.
        """
        n, order = len(self.feature), [0]
        for node in order:
            if self.feature[node] < 0:
                continue
            children = (int(self.left[node]), int(self.right[node]))
            if not all(0 < child < n for child in children) or len(order) + 2 > n:
                raise DataError(f"node {node}: expected children from 1 to {n - 1}, each once. Received: {children}")
            order += children
        if len(set(order)) < len(order):
            raise DataError("expected a tree. Received: a node that two nodes have as a child")
        return np.array(order)


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees, the outputs that they add to, and what is added to all events.

    Args:
        name: what it is: ``XGBoost binary:logistic``.
        trees: at least one.
        base: (n_outputs,) float64 that every event starts with.
        n_features: of an event.
        features: (n_features,) names, or none.
        labels: of the classes, where the model names them.
        link: what its library puts behind the sums, and a network leaves out: ``sigmoid``, ``softmax``, ``exp``,
            ``linear``; for messages.

    Raises:
        DataError: for a tree that is none, or takes features that are not there; it says which.
    """

    name: str
    trees: tuple[Tree, ...]
    base: np.ndarray
    n_features: int
    features: tuple[str, ...] = ()
    labels: tuple = ()
    link: str = "linear"

    def __post_init__(self) -> None:
        if not self.trees:
            raise UnsupportedLayerError(f"{self.name}: expected at least one tree. Received: none; train it first")
        for number, tree in enumerate(self.trees):
            try:
                nodes = tree.reachable()
            except DataError as error:
                raise DataError(f"{self.name}: tree {number}: {error}") from None
            strange = nodes[tree.feature[nodes] >= self.n_features]
            if len(strange):
                received = tree.feature[strange[0]]
                expected = f"expected features 0 to {self.n_features - 1}"
                raise DataError(f"{self.name}: tree {number}, node {strange[0]}: {expected}. Received: {received}")
            leaves = nodes[tree.feature[nodes] < 0]
            if not np.isfinite(tree.value[leaves]).all() or np.isnan(tree.threshold[nodes]).any():
                raise DataError(f"{self.name}: tree {number}: expected finite leaves. Received: NaN or inf")

    @property
    def n_outputs(self) -> int:
        """Sums per event."""
        return len(self.base)

    def margins(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs) float64 sums for x, (n_events, n_features): what the library adds up.

        Raises:
            DataError: for another shape.
        """
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or x.shape[1] != self.n_features:
            raise DataError(f"x: expected shape (n_events, {self.n_features}). Received: {x.shape}")
        sums = np.tile(self.base, (len(x), 1))
        for tree in self.trees:
            sums[:, tree.outputs] += tree.value[tree.leaves(x)]
        return sums
