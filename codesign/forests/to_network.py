"""A forest as a network: comparisons, multiplexers of them, a table of each tree, and a sum of each output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign.data import Words
from codesign.errors import PrecisionError
from codesign.forests.balance import balanced
from codesign.forests.bit_pool import BitPool, Place
from codesign.forests.coded import Decision, InputCodes, decisions
from codesign.forests.forest import Forest
from codesign.forests.leaves import RoundedLeaves
from codesign.forests.multiplexers import Plan, lay_out
from codesign.forests.paths import MOST_BITS, best_sharing, keys_of
from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ops import SegmentSum, Table

_TOP = 4  # levels of a deep tree that lead to its parts


def forest_network(forest: Forest, precision: FixedPoint | Words, leaves: RoundedLeaves) -> Network:
    """Return the network of a forest: exact for every code, and the sums of the rounded leaves.

    Args:
        forest: any.
        precision: of the inputs, all or each; or the words that a detector sends of them.
        leaves: of the forest.

    Raises:
        PrecisionError: for another number of types, or inputs of which no comparison is left.
    """
    kind = precision.precision if isinstance(precision, Words) else precision
    codes = InputCodes.of(precision, forest.n_features)
    made = _Made(BitPool(codes), leaves.base.copy())
    for tree, values in zip(forest.trees, leaves.values):
        rows, labels = np.unique(values, axis=0, return_inverse=True)
        made.add(decisions(tree, codes, np.ravel(labels)), rows, tree.outputs)
    if not made.terms:
        raise PrecisionError(
            f"precision: expected inputs that the comparisons of {forest.name} tell apart. Received: {kind}, at which "
            "every event gives the same; are the events in the units of the training?"
        )
    return made.network(Input("x", (forest.n_features,), kind), leaves.step)


@dataclass
class _Term:
    """A table that is added to an output: what it takes, and what it gives in steps."""

    bits: tuple[Place, ...]
    entries: np.ndarray
    output: int


@dataclass
class _Made:
    """A network's bits, tables and offsets so far."""

    pool: BitPool
    offset: np.ndarray
    terms: list[_Term] = field(default_factory=list)

    def add(self, tree: Decision, rows: np.ndarray, outputs: np.ndarray) -> None:
        """Add a tree whose leaf l gives a row of values, its smallest ones in the offset."""
        used = sorted(_labels(tree))
        least = rows[used].min(0)
        np.add.at(self.offset, outputs, least)
        if isinstance(tree, tuple):
            self._add_part(tree, rows - least, outputs, None)

    def _add_part(self, tree: Decision, rows: np.ndarray, outputs: np.ndarray, gate: Place | None) -> None:
        """Add a tree, or a part of one that counts where its gate is 1."""
        most = MOST_BITS - (gate is not None)
        slim = [found for levels in (most - 1, most) if (found := balanced(tree, levels)) is not None]
        if slim:
            return self._add_tables(min(slim, key=_guessed_cost), rows, outputs, gate)
        parts: list[Decision] = []
        top = _cut(tree, _TOP, parts)
        bits, ends = self._shared(top, gate)
        for number, part in enumerate(parts):
            way = self.pool.function(bits, [int(end == ~number) for end in ends])
            self._add_part(part, rows, outputs, way)
        self._add_rows(bits, ends, rows, outputs)

    def _add_tables(self, tree: Decision, rows: np.ndarray, outputs: np.ndarray, gate: Place | None) -> None:
        if not isinstance(tree, tuple):
            bits, ends = (gate,), [None, tree]
        else:
            bits, ends = self._shared(tree, gate)
        self._add_rows(bits, ends, rows, outputs)

    def _add_rows(self, bits: tuple, ends: Sequence[int | None], rows: np.ndarray, outputs: np.ndarray) -> None:
        """Add the tables of every output that what the bits lead to makes a difference to."""
        nothing = np.zeros(rows.shape[1], np.int64)
        entries = np.array([nothing if end is None or end < 0 else rows[end] for end in ends])
        for column, output in zip(entries.T, outputs.tolist()):
            if column.any():
                self.terms.append(_Term(bits, column, output))

    def _shared(self, tree: Decision, gate: Place | None) -> tuple[tuple[Place, ...], list[int | None]]:
        """Return the bits that lead through a tree, and for each pattern of them the leaf; None where the gate is 0."""
        names = list(dict.fromkeys(keys_of(tree)))
        number = {name: place for place, name in enumerate(names)}
        numbered = _renamed(tree, number)
        keys = keys_of(numbered)
        plan = lay_out(best_sharing(numbered, _TABLE_COST, MOST_BITS - (gate is not None)), keys)
        places = _placed(plan, [self.pool.key(name) for name in names], self.pool)
        bits, n_bits = tuple(places[source] for source in plan.bits), len(plan.bits)
        ends = [_end(tree, plan.bit_of_node, pattern) for pattern in range(2**n_bits)]
        return (bits, ends) if gate is None else ((*bits, gate), [None] * len(ends) + ends)

    def network(self, x: Input, step: float) -> Network:
        """Return the network of all that was added."""
        nodes, last, starts = self.pool.nodes(x.name)
        keys = [[starts[level] + number for level, number in term.bits] for term in self.terms]
        tables = Table(keys, [term.entries * step for term in self.terms])
        sums = SegmentSum([term.output for term in self.terms], self.offset * step)
        nodes += [Node("leaves", tables, (last,)), Node("margins", sums, ("leaves",))]
        return Network(nodes, [x], ["margins"])


# LUTs for each bit of an entry: two bits of five keys are one LUT, or none where the table is part of an addition.
_TABLE_COST = (0.0, 0.0, 2.0, 2.0, 2.0, 2.0, 6.0)


def _guessed_cost(tree: Decision) -> float:
    """Return LUTs of a tree: those of its ways, of its shared bits, and of its table."""
    names = list(dict.fromkeys(keys_of(tree)))
    numbered = _renamed(tree, {name: place for place, name in enumerate(names)})
    sharing = best_sharing(numbered, _TABLE_COST)
    ways = sum(name[0] == "way" for name in names)
    return ways + len(lay_out(sharing, keys_of(numbered)).luts) + _TABLE_COST[len(sharing)]


def _placed(plan: Plan, keys: Sequence[Place], pool: BitPool) -> dict[tuple[str, int], Place]:
    """Return where each source of a plan is in the pool, its LUTs added."""
    places = {("key", number): place for number, place in enumerate(keys)}
    for number, lut in enumerate(plan.luts):
        places["lut", number] = pool.function([places[source] for source in lut.inputs], lut.entries())
    return places


def _end(tree: Decision, bit_of_node: Mapping[int, int], pattern: int) -> int:
    """Return the leaf that a pattern of the shared bits leads to."""
    node = 0
    while isinstance(tree, tuple):
        _, low, high = tree
        goes_high = pattern >> bit_of_node[node] & 1
        node += 1 + (len(keys_of(low)) if goes_high else 0)
        tree = high if goes_high else low
    return tree


def _renamed(tree: Decision, number: Mapping) -> Decision:
    if not isinstance(tree, tuple):
        return tree
    return number[tree[0]], _renamed(tree[1], number), _renamed(tree[2], number)


def _labels(tree: Decision) -> set[int]:
    return _labels(tree[1]) | _labels(tree[2]) if isinstance(tree, tuple) else {tree}


def _cut(tree: Decision, levels: int, parts: list[Decision]) -> Decision:
    """Return the upper levels; what is below goes to `parts`, and a leaf ``~number`` stands for it."""
    if not isinstance(tree, tuple):
        return tree
    if not levels:
        parts.append(tree)
        return ~(len(parts) - 1)
    return tree[0], _cut(tree[1], levels - 1, parts), _cut(tree[2], levels - 1, parts)
