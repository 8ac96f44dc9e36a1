"""As a network: the trees of an ensemble as a Network of thresholds, raw bits, tables and sums."""

import numpy as np

from codesign.fpga.rtl.luts.cost import table_cost
from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ops import Bit, Concatenate, SegmentSum, Table, Threshold
from codesign.tables.candidates import BINS, Candidates
from codesign.tables.ensemble import Ensemble, Tree

Key = tuple[int, int]


def as_network(ensemble: Ensemble) -> Network:
    """Return the function of an ensemble, exactly; each key is there once, and tables begin at 0."""
    sums, n_inputs = _used_sums(ensemble), ensemble.candidates.n_inputs
    inputs = ensemble.candidates.precision if ensemble.sums is None else ensemble.sums.inputs
    front, source = [], "x"
    if len(sums):
        used = ensemble.sums.part(sums)
        front = [Node("sums", used.as_dense(n_inputs), ["x"], used.precision)]
        front.append(Node("values", Concatenate(), ["x", "sums"]))
        source = "values"
    nodes = [*front, *_table_nodes(ensemble, source)]
    return Network(nodes, [Input("x", (n_inputs,), inputs)], ["scores"])


def count_luts(ensemble: Ensemble) -> float:
    """Return the LUTs of an ensemble's network: of keys and tables, and of the sums of inputs."""
    sums, n_inputs, kind = _used_sums(ensemble), ensemble.candidates.n_inputs, ensemble.candidates.precision
    kept = np.concatenate([np.arange(n_inputs), n_inputs + sums]).astype(np.int64)
    parts = (np.broadcast_to(one, len(ensemble.uses))[kept] for one in (kind.width, kind.integer, kind.signed))
    network = Network(_table_nodes(ensemble, "x"), [Input("x", kept.shape, FixedPoint(*parts))], ["scores"])
    added = 0.0 if ensemble.sums is None else ensemble.sums.luts[sums].sum()
    return table_cost(network).lut + float(added)


def _used_sums(ensemble: Ensemble) -> np.ndarray:
    """Return the numbers of the sums of inputs of which there are keys."""
    return np.flatnonzero(ensemble.uses[ensemble.candidates.n_inputs :].any(1))


def _table_nodes(ensemble: Ensemble, source: str) -> list[Node]:
    candidates = ensemble.candidates
    trees = ensemble.trees or [_idle_tree(candidates)]
    used = sorted({tuple(key) for tree in trees for key in tree.keys.tolist()})
    thresholds, bits = ([key for key in used if (key[1] < BINS) == is_threshold] for is_threshold in (True, False))
    places = {key: place for place, key in enumerate([*thresholds, *bits])}
    columns = np.arange(len(ensemble.uses))
    columns[candidates.n_inputs + _used_sums(ensemble)] = candidates.n_inputs + np.arange(len(_used_sums(ensemble)))
    offset, keys, entries = ensemble.offset.copy(), [], []
    for tree in trees:
        least = tree.codes.min()
        offset[tree.output] += least * ensemble.step
        keys.append([places[tuple(key)] for key in tree.keys.tolist()])
        entries.append((tree.codes - least)[_turned(tree.keys, candidates)] * ensemble.step)
    segments = np.array([tree.output for tree in trees])
    ops = {"thresholds": _threshold_op(candidates, thresholds, columns), "bits": _bit_op(candidates, bits, columns)}
    nodes = [*_key_nodes(ops, source), Node("tables", Table(keys, entries), ["keys"])]
    return [*nodes, Node("scores", SegmentSum(segments, offset), ["tables"])]


def _idle_tree(candidates: Candidates) -> Tree:
    """Return a tree that is always 0: a network has at least one."""
    keys = np.argwhere(np.isfinite(candidates.significant))[:1]
    return Tree(0, keys, np.zeros(2, np.int64))


def _key_nodes(ops: dict[str, Threshold | Bit | None], source: str) -> list[Node]:
    parts = [(name, op) for name, op in ops.items() if op]
    if len(parts) == 1:
        return [Node("keys", parts[0][1], [source])]
    nodes = [Node(name, op, [source]) for name, op in parts]
    return [*nodes, Node("keys", Concatenate(), [name for name, _ in parts])]


def _threshold_op(candidates: Candidates, keys: list[Key], columns: np.ndarray) -> Threshold | None:
    if not keys:
        return None
    features = np.array([feature for feature, _ in keys])
    codes = np.array([candidates.starts[key] for key in keys]) + _of(candidates.precision.code_low, features)
    values = np.ldexp(codes.astype(np.float64), -_of(candidates.precision.fraction, features))
    return Threshold(columns[features], values)


def _bit_op(candidates: Candidates, keys: list[Key], columns: np.ndarray) -> Bit | None:
    if not keys:
        return None
    features = np.array([feature for feature, _ in keys])
    numbers = np.array([candidates.raw[feature, column - BINS] for feature, column in keys])
    return Bit(columns[features], np.ldexp(1.0, numbers - _of(candidates.precision.fraction, features)))


def _of(value: int | np.ndarray, features: np.ndarray) -> int | np.ndarray:
    return value[features] if np.ndim(value) else value


def _turned(keys: np.ndarray, candidates: Candidates) -> np.ndarray:
    """Return the place in an ensemble's table of each place in the network's."""
    flips = sum(1 << place for place, key in enumerate(keys.tolist()) if candidates.is_turned(tuple(key)))
    return np.arange(1 << len(keys)) ^ flips
