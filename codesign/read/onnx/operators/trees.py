"""TreeEnsembleClassifier and TreeEnsembleRegressor as a forest."""

from collections.abc import Mapping

import numpy as np

from codesign.forests import Forest
from codesign.forests.forest import Tree
from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.operators.arithmetic import line
from codesign.read.onnx.walk import Call
from codesign.read.parts.forest import add_forest

_LEAF, _TRUE_IS_LEFT = "LEAF", ("BRANCH_LEQ", "BRANCH_LT")
_INCLUSIVE = ("BRANCH_LT", "BRANCH_GTE")  # the event goes right from the threshold on
_MODES = (*_TRUE_IS_LEFT, "BRANCH_GTE", "BRANCH_GT", _LEAF)
_MOST_NODES = 2**20


def read_trees(call: Call, what: str) -> Flow:
    """Return the sums of a forest.

    Args:
        what: ``class`` or ``target``: what the names of attributes begin with.
    """
    flow = call.flow
    if flow.dims[:1] != ((EVENTS,),) or flow.rank != 2:
        raise call.refusal("(events, features)", f"{flow.rank} axes")
    flow = call.plain(flow)
    forest = _forest(call, what, flow.sizes[1])
    found = flow.with_value(add_forest(call.walk.builder, call.name, flow.value, forest))
    how = call.text("aggregate_function", "SUM")
    if how not in ("SUM", "AVERAGE"):
        raise call.refusal("aggregate_function SUM or AVERAGE", how)
    return found if how == "SUM" else line(call, found, 1 / len(forest.trees), 0.0)


def _forest(call: Call, what: str, n_features: int) -> Forest:
    columns = {name: _column(call, f"nodes_{name}") for name in ("treeids", "nodeids", "featureids", "values")}
    columns |= {name: _column(call, f"nodes_{name}ids") for name in ("truenode", "falsenode")}
    modes = call.attribute("nodes_modes", ())
    n = len(modes)
    if not 0 < n <= _MOST_NODES or any(len(column) != n for column in columns.values()):
        raise call.refusal("one entry of each kind for every node", {name: len(one) for name, one in columns.items()})
    strange = next((mode for mode in modes if mode not in _MODES), None)
    if strange is not None:
        raise call.refusal(", ".join(_MODES), strange)
    leaves, n_outputs = _leaves(call, what)
    base = call.attribute("base_values")
    base = np.zeros(n_outputs) if base is None or not len(base) else np.asarray(base, np.float64)
    if len(base) == 2 and n_outputs == 1:
        base = base[1:]  # of two classes with one score
    if len(base) != n_outputs:
        raise call.refusal(f"base_values for {n_outputs} outputs", len(base))
    trees = [
        _tree(columns, np.array(modes), rows, leaves)
        for rows in (np.flatnonzero(columns["treeids"] == tree) for tree in np.unique(columns["treeids"]))
    ]
    return Forest(call.node.operation, tuple(trees), base, n_features)


def _column(call: Call, name: str) -> np.ndarray:
    return np.asarray(call.attribute(name, ()))


def _leaves(call: Call, what: str) -> tuple[Mapping[tuple[int, int], list[tuple[int, float]]], int]:
    """What each leaf adds to outputs, by tree and node; and the number of outputs."""
    names = [f"{what}_{name}" for name in ("treeids", "nodeids", "ids", "weights")]
    tree, node, output, weight = (_column(call, name) for name in names)
    if not len(tree) == len(node) == len(output) == len(weight) > 0:
        raise call.refusal("a tree, node, output and weight of each leaf", f"{len(tree)}, {len(node)}, {len(output)}")
    found: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for key_tree, key_node, place, value in zip(tree.tolist(), node.tolist(), output.tolist(), weight.tolist()):
        found.setdefault((key_tree, key_node), []).append((place, value))
    n = call.whole("n_targets", 0) or int(output.max()) + 1
    if output.min() < 0 or output.max() >= n or n > 4096:
        raise call.refusal("outputs from 0 to 4,095", f"{output.min()} to {output.max()}")
    if what == "class" and len(set(output.tolist())) == 1:
        found = {key: [(0, value) for _, value in pairs] for key, pairs in found.items()}
        n = 1
    return found, n


def _tree(columns: Mapping[str, np.ndarray], modes: np.ndarray, rows: np.ndarray, leaves: Mapping) -> Tree:
    """A tree whose events go right where ``x >= threshold``; the values are of single precision."""
    order = rows[np.argsort(columns["nodeids"][rows], kind="stable")]
    number = {int(node): place for place, node in enumerate(columns["nodeids"][order])}
    own = modes[order]
    is_leaf = own == _LEAF
    limits = columns["values"][order].astype(np.float32)
    after = np.nextafter(limits, np.float32(np.inf))
    threshold = np.where(np.isin(own, _INCLUSIVE), limits, after).astype(np.float64)
    true, false = (
        np.array([-1 if leaf else number[int(node)] for node, leaf in zip(columns[name][order], is_leaf)])
        for name in ("truenode", "falsenode")
    )
    is_left = np.isin(own, _TRUE_IS_LEFT)
    left, right = np.where(is_left, true, false), np.where(is_left, false, true)
    tree_id = int(columns["treeids"][rows[0]])
    given = [leaves.get((tree_id, int(node)), []) for node in columns["nodeids"][order]]
    outputs = sorted({place for pairs in given for place, _ in pairs}) or [0]
    value = np.zeros((len(order), len(outputs)))
    for row, pairs in zip(value, given):
        for place, weight in pairs:
            row[outputs.index(place)] += weight
    feature = np.where(is_leaf, -1, columns["featureids"][order]).astype(np.int64)
    return Tree(feature, threshold, left, right, value, np.array(outputs))
