"""Random networks of thresholds, bits, tables and sums."""

import numpy as np

from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ops import Bit, Concatenate, ConstantTypes, Dense, SegmentSum, Table, Threshold
from tests.random_designs import with_crossed_keys


def random_tables(seed, n_inputs=5, n_keys=20, n_tables=12, *, sizes=(1, 7), bits=(3, 9), width=4, n_sums=3):
    """A network of the usual shape.

    Args:
        sizes: least number of keys of a table, and one more than the largest.
        bits: the same of the width of an input.
        width: bits of an entry; every fourth table has entries of twice as many, every fifth a coarser step.
    """
    rng = np.random.default_rng(seed)
    words = rng.integers(*bits, n_inputs)
    inputs = Input("x", (n_inputs,), FixedPoint(words, words, rng.random(n_inputs) < 0.5, "TRN", "SAT"))
    index = rng.integers(n_inputs, size=n_keys)
    low, high = inputs.precision.code_low[index], inputs.precision.code_high[index]
    thresholds = Threshold(index, rng.integers(low + 1, high, endpoint=True))
    bit = Bit(index, np.exp2(rng.integers(0, words[index])))
    keys, entries = [], []
    for table in range(n_tables):
        keys.append(tuple(rng.permutation(2 * n_keys)[: int(rng.integers(*sizes))].tolist()))
        own = 2 ** (width * (1 + (table % 4 == 3)))
        step = 4.0 if table % 5 == 4 else 1.0
        entries.append(rng.integers(-own // 2, own // 2, 2 ** len(keys[-1])) * step)
    nodes = [
        Node("thresholds", thresholds, ["x"]),
        Node("bits", bit, ["x"]),
        Node("keys", Concatenate(), ["thresholds", "bits"]),
        Node("tables", Table(tuple(keys), tuple(entries)), ["keys"]),
        Node("sums", SegmentSum(rng.integers(n_sums, size=n_tables), rng.integers(-9, 9, n_sums)), ["tables"]),
    ]
    return Network(nodes, [inputs], ["sums"])


def mixed_tables(seed):
    """Keys of a dense layer's values, tables beside dense scores in one sum, tables on a table's bits."""
    rng, words, byte = np.random.default_rng(seed), FixedPoint(8, 5), FixedPoint(6, 4, overflow="SAT")
    kernel = [rng.integers(-8, 8, shape) / 8 for shape in ((4, 6), (6, 2))]
    bias = [rng.integers(-8, 8, size) / 4 for size in (6, 2)]
    index, types = rng.integers(6, size=14), ConstantTypes(FixedPoint(5, 2), FixedPoint(8, 4))
    table = [rng.integers(2, size=64), rng.integers(-8, 8, 256), *rng.integers(-8, 8, (3, 64))]
    keys = [rng.permutation(24)[: int(np.log2(len(one)))].tolist() for one in table]
    further = [[0, 1, 2], [0, 2]]
    nodes = [
        Node("hidden", Dense(kernel[0], bias[0], types), ["x"], byte),
        Node("scores", Dense(kernel[1], bias[1], types), ["hidden"], FixedPoint(10, 6)),
        Node("thresholds", Threshold(index, rng.normal(size=14)), ["hidden"]),
        Node("bits", Bit(rng.integers(4, size=10), np.exp2(rng.integers(-3, 5, 10))), ["x"]),
        Node("keys", Concatenate(), ["thresholds", "bits"]),
        Node("first", Table(keys[:1], table[:1], FixedPoint(1, 1, signed=False)), ["keys"]),
        Node("joined", Concatenate(), ["first", "thresholds"]),
        Node("second", Table(further, [rng.integers(-8, 8, 2 ** len(one)) / 8 for one in further]), ["joined"]),
        Node("tables", Table(keys[1:], table[1:]), ["keys"]),
        Node("terms", Concatenate(), ["tables", "scores", "second"]),
        Node("sums", SegmentSum(rng.integers(2, size=8), [0.5, -0.25]), ["terms"], FixedPoint(9, 5, overflow="SAT")),
    ]
    return with_crossed_keys(Network(nodes, [Input("x", (4,), words)], ["sums", "thresholds"]))
