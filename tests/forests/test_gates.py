"""Forests behind the reading: C++ of many comparisons, and the cost that shared bits save."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from codesign import FixedPoint, from_sklearn
from codesign.export.cpp_integer.library import CompiledEmulator
from codesign.forests.balance import balanced, depth
from codesign.forests.multiplexers import lay_out
from codesign.forests.paths import best_sharing, keys_of
from codesign.fpga.rtl.luts.cost import table_cost

RNG = np.random.default_rng(1)
X = RNG.normal(size=(2000, 8))
Y = (X[:, 0] * X[:, 1] + X[:, 2] > 0).astype(int) + (X[:, 3] > X[:, 4])
FORMAT = FixedPoint(12, 4)


def full_tree(levels, first=0):
    if not levels:
        return 0
    half = 2 ** (levels - 1) - 1
    return (first, full_tree(levels - 1, first + 1), full_tree(levels - 1, first + 1 + half))


@pytest.mark.parametrize(("levels", "luts", "bits"), [(2, 0, 3), (3, 1, 5), (4, 4, 5), (5, 10, 5), (6, 21, 6)])
def test_a_full_tree_takes_so_many_luts_before_its_table(levels, luts, bits):
    tree = full_tree(levels)
    sharing = best_sharing(tree, (0, 0, 2, 2, 2, 2, 6))
    plan = lay_out(sharing, keys_of(tree))
    assert len(plan.luts) <= luts and len(plan.bits) <= bits
    assert all(len(lut.inputs) <= 6 for lut in plan.luts)
    assert sorted(plan.bit_of_node) == list(range(2**levels - 1))


def test_a_forest_takes_a_fraction_of_a_multiplexer_of_every_leaf():
    forest = RandomForestClassifier(8, max_depth=4, random_state=0).fit(X, Y > 0)
    network = from_sklearn(forest, FORMAT, leaf_step=2.0**-9)
    cost = table_cost(network)
    n_nodes = sum(int((tree.tree_.children_left >= 0).sum()) for tree in forest.estimators_)
    assert cost.lut < 4 * n_nodes


@pytest.mark.slow
@pytest.mark.parametrize("levels", [4, 8])
def test_cpp_of_many_comparisons_is_the_same_for_one_event_and_for_many(levels):
    forest = RandomForestClassifier(14, max_depth=levels, random_state=0).fit(X, Y)
    network = from_sklearn(forest, FORMAT, leaf_step=2.0**-12)
    assert network.shapes["comparisons"][0] > 128
    x = FORMAT.quantize(RNG.normal(size=(500, 8)))
    compiled, step = CompiledEmulator(network), np.exp2(-np.asarray(network.output_precision.fraction, float))
    for one_by_one in (False, True):
        found = compiled.emulate_codes(FORMAT.to_codes(x), one_by_one=one_by_one)
        np.testing.assert_array_equal(found * step, network.emulate(x))


def chain(length, first=0):
    """A tree of one long path, a leaf at each node."""
    return (first, length, chain(length - 1, first + 1)) if length else 0


def answers(tree, bits):
    def asked(key):
        return all(bits[one] == bit for one, bit in key[1]) if isinstance(key, tuple) else bits[key]

    while isinstance(tree, tuple):
        tree = tree[1 + bool(asked(tree[0]))]
    return tree


@pytest.mark.parametrize(("tree", "levels"), [(chain(14), 5), (full_tree(4), 4), ((20, chain(9), chain(9, 9)), 6)])
def test_a_deep_tree_becomes_shallow_and_stays_the_same(tree, levels):
    found = balanced(tree, levels)
    assert depth(found) <= levels
    for bits in np.random.default_rng(0).integers(0, 2, (500, 21)):
        assert answers(found, bits) == answers(tree, bits)
    assert balanced(tree, 2) is None
