"""Forests of trees in floating point: thresholds, the leaves that they lead to, and sums of what these hold."""

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.forests import Forest
from codesign.network.ops import Concatenate, Dense, SegmentSum, Threshold
from codesign.read.graph_builder import GraphBuilder, Value

_MOST_PATHS = 2**22  # thresholds times leaves of a part
_MOST_LEAVES = 2**16


def add_forest(builder: GraphBuilder, origin: str, value: Value, forest: Forest) -> Value:
    """Return the (n_outputs,) sums of a forest of plain thresholds.

    Args:
        value: (n_features,).
        forest: each tree's events go right where ``x[feature] >= threshold``.

    Raises:
        UnsupportedLayerError: for splits by categories or missing values, or more than 65,536 leaves.
    """
    if any(tree.splits for tree in forest.trees):
        raise UnsupportedLayerError(f"layer '{origin}': expected thresholds. Received: splits by categories")
    parts, terms, base = [], [], forest.base.copy()
    for group in _groups(forest):
        leaves, own = _reached(builder, origin, value, group, base)
        if leaves is not None:
            parts.append(leaves)
            terms += own
    if not parts:
        raise UnsupportedLayerError(f"layer '{origin}': expected trees that split. Received: leaves alone")
    if len(terms) > _MOST_LEAVES:
        raise UnsupportedLayerError(
            f"layer '{origin}': expected at most {_MOST_LEAVES:,} leaves. Received: {len(terms):,}; codesign forest "
            "builds it from the library's own file"
        )
    reached = builder.add(origin, Concatenate(1), *parts, name=f"{origin}_leaves") if len(parts) > 1 else parts[0]
    rows = np.zeros((len(terms), len(base)))
    for row, (columns, values) in zip(rows, terms):
        np.add.at(row, columns, values)
    if len(base) == 1 and (rows == 1).all():
        return builder.add(origin, SegmentSum(np.zeros(len(terms)), base), reached)
    return builder.add(origin, Dense(rows, base), reached)


def _groups(forest: Forest) -> list[list]:
    """Trees in groups whose paths fit into one matrix."""
    groups, used = [[]], np.zeros(2)
    for tree in forest.trees:
        nodes = tree.reachable()
        counts = np.array([(tree.feature[nodes] >= 0).sum(), (tree.feature[nodes] < 0).sum()])
        if groups[-1] and np.prod(used + counts) > _MOST_PATHS:
            groups.append([])
            used = np.zeros(2)
        groups[-1].append(tree)
        used = used + counts
    return groups


def _reached(
    builder: GraphBuilder, origin: str, value: Value, trees: list, base: np.ndarray
) -> tuple[Value | None, list]:
    """Return bits of the leaves that an event ends in, and what each leaf adds; a tree of one leaf adds to the base."""
    features, thresholds, paths, terms = [], [], [], []
    for tree in trees:
        if tree.feature[0] < 0:
            np.add.at(base, tree.outputs, tree.value[0])
            continue
        waiting = [(0, ())]
        while waiting:
            node, path = waiting.pop()
            if tree.feature[node] < 0:
                paths.append(path)
                terms.append((tree.outputs, tree.value[node]))
                continue
            place = len(features)
            features.append(int(tree.feature[node]))
            thresholds.append(float(tree.threshold[node]))
            waiting += [(int(tree.left[node]), (*path, (place, -1))), (int(tree.right[node]), (*path, (place, 1)))]
    if not paths:
        return None, []
    if len(features) * len(paths) > 4 * _MOST_PATHS:
        raise UnsupportedLayerError(f"layer '{origin}': expected smaller trees. Received: one of {len(paths):,} leaves")
    kernel = np.zeros((len(features), len(paths)))
    for leaf, path in enumerate(paths):
        for place, sign in path:
            kernel[place, leaf] = sign
    bits = builder.add(origin, Threshold(features, thresholds), value, name=f"{origin}_splits")
    right = (kernel > 0).sum(0).astype(np.float64)
    steps = builder.add(origin, Dense(kernel, 0.5 - right), bits, name=f"{origin}_paths")
    return builder.add(origin, Threshold(np.arange(len(paths)), np.zeros(len(paths))), steps), terms
