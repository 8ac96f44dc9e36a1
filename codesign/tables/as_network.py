"""As a network: the trees of an ensemble as a Network of thresholds, raw bits, tables and sums."""

import numpy as np

from codesign.network import Input, Network, Node
from codesign.network.ops import Bit, Concatenate, SegmentSum, Table, Threshold
from codesign.tables.candidates import BINS, Candidates
from codesign.tables.ensemble import Ensemble, Tree

Key = tuple[int, int]


def as_network(ensemble: Ensemble) -> Network:
    """Return the function of an ensemble, exactly; each key is there once, and tables begin at 0."""
    candidates = ensemble.candidates
    trees = ensemble.trees or [_idle_tree(candidates)]
    used = sorted({tuple(key) for tree in trees for key in tree.keys.tolist()})
    thresholds, bits = ([key for key in used if (key[1] < BINS) == is_threshold] for is_threshold in (True, False))
    places = {key: place for place, key in enumerate([*thresholds, *bits])}
    offset, keys, entries = ensemble.offset.copy(), [], []
    for tree in trees:
        least = tree.codes.min()
        offset[tree.output] += least * ensemble.step
        keys.append([places[tuple(key)] for key in tree.keys.tolist()])
        entries.append((tree.codes - least)[_turned(tree.keys, candidates)] * ensemble.step)
    segments = np.array([tree.output for tree in trees])
    nodes = [*_key_nodes(candidates, thresholds, bits), Node("tables", Table(keys, entries), ["keys"])]
    nodes.append(Node("scores", SegmentSum(segments, offset), ["tables"]))
    return Network(nodes, [Input("x", (len(candidates.width),), candidates.precision)], ["scores"])


def _idle_tree(candidates: Candidates) -> Tree:
    """Return a tree that is always 0: a network has at least one."""
    keys = np.argwhere(np.isfinite(candidates.significant))[:1]
    return Tree(0, keys, np.zeros(2, np.int64))


def _key_nodes(candidates: Candidates, thresholds: list[Key], bits: list[Key]) -> list[Node]:
    parts = [
        (name, op)
        for name, op in (("thresholds", _threshold_op(candidates, thresholds)), ("bits", _bit_op(candidates, bits)))
        if op
    ]
    if len(parts) == 1:
        return [Node("keys", parts[0][1], ["x"])]
    return [*(Node(name, op, ["x"]) for name, op in parts), Node("keys", Concatenate(), [name for name, _ in parts])]


def _threshold_op(candidates: Candidates, keys: list[Key]) -> Threshold | None:
    if not keys:
        return None
    features = np.array([feature for feature, _ in keys])
    codes = np.array([candidates.starts[key] for key in keys]) + _of(candidates.precision.code_low, features)
    return Threshold(features, np.ldexp(codes.astype(np.float64), -_of(candidates.precision.fraction, features)))


def _bit_op(candidates: Candidates, keys: list[Key]) -> Bit | None:
    if not keys:
        return None
    features = np.array([feature for feature, _ in keys])
    numbers = np.array([candidates.raw[feature, column - BINS] for feature, column in keys])
    return Bit(features, np.ldexp(1.0, numbers - _of(candidates.precision.fraction, features)))


def _of(value: int | np.ndarray, features: np.ndarray) -> int | np.ndarray:
    return value[features] if np.ndim(value) else value


def _turned(keys: np.ndarray, candidates: Candidates) -> np.ndarray:
    """Return the place in an ensemble's table of each place in the network's."""
    flips = sum(1 << place for place, key in enumerate(keys.tolist()) if candidates.is_turned(tuple(key)))
    return np.arange(1 << len(keys)) ^ flips
