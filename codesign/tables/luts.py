"""LUTs of an ensemble: comparators in pairs, chains of tables absorbed into adders, and sums of chains."""

import numpy as np

from codesign.tables.ensemble import Ensemble, Tree

_LINKS = 3  # tables absorbed into a chain, behind the one that it begins with


def estimate(ensemble: Ensemble) -> float:
    """Return the LUTs of all keys, tables and sums."""
    sums = (
        _sum_luts([tree for tree in ensemble.trees if tree.output == output]) for output in range(ensemble.n_outputs)
    )
    return _key_luts(ensemble) + sum(sums)


def _key_luts(ensemble: Ensemble) -> float:
    significant, pairs, luts = ensemble.candidates.significant, {}, 0.0
    for feature, column in {tuple(key) for tree in ensemble.trees for key in tree.keys.tolist()}:
        taken = significant[feature, column]
        if 0 < taken <= 5:
            pairs[feature] = pairs.get(feature, 0) + 1
        elif taken:
            luts += np.ceil((taken - 1) / 5)
    return luts + sum(-(-count // 2) for count in pairs.values())


def _sum_luts(trees: list[Tree]) -> float:
    """LUTs of the tables of one output and their sum: tables of six keys begin chains, others are absorbed."""
    trees = sorted(trees, key=lambda tree: tree.span)
    heads = [tree for tree in trees if len(tree.keys) > 5]
    others = [tree for tree in trees if len(tree.keys) <= 5]
    while others and len(heads) < -(-len(trees) // (_LINKS + 1)):
        heads.append(others.pop(0))
    luts = sum((tree.span >> tree.shift).bit_length() * (1 if len(tree.keys) > 5 else 0.5) for tree in heads)
    sums, room = [tree.span for tree in heads], [_LINKS] * len(heads)
    for tree in others:
        place = min((place for place, links in enumerate(room) if links), key=lambda place: sums[place])
        room[place] -= 1
        sums[place] += tree.span
        luts += sums[place].bit_length() - tree.shift
    while len(sums) > 1:
        sums.sort()
        sums = [*sums[2:], sums[0] + sums[1]]
        luts += sums[-1].bit_length()
    return luts
