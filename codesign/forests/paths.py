"""Which questions of a tree share a bit: a tree of fifteen keys becomes five bits of four LUTs, and one table.

Two nodes that no event passes both can share a bit: what the one asks where the event comes by the one, and what the
other asks elsewhere. Each bit is a multiplexer of keys, its selectors the bits of nodes above. A set of bits in which
every node has one, and no two on a path the same, leads to every leaf.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from heapq import nsmallest
from itertools import combinations, islice, permutations, product

from codesign.forests.coded import Decision
from codesign.forests.multiplexers import LUT_INPUTS, Multiplexer, lay_out

MOST_BITS = 6
_KEPT = 2  # ways that are kept of each number of bits
_TRIED = 8  # of which the LUTs are counted
_MOST_MATCHINGS = 130
Sharing = tuple[Multiplexer, ...]


def best_sharing(tree: Decision, table_cost: Sequence[float], most_bits: int = MOST_BITS) -> Sharing:
    """Return the cheapest way to share bits, as multiplexers of the tree's nodes in preorder.

    Args:
        tree: of at most `most_bits` levels; its keys are numbers.
        table_cost: LUTs of a table of 0, 1, ... bits.
        most_bits: at most six.
    """
    found, keys = sharings(canonical(tree)), keys_of(tree)
    ranked = [
        (len(lay_out(one, keys).luts) + table_cost[len(one)], len(one), one) for one in found if len(one) <= most_bits
    ]
    return min(ranked, key=lambda each: each[:2])[2]


@lru_cache(maxsize=20_000)
def sharings(tree: Decision) -> tuple[Sharing, ...]:
    """Return good ways to share the bits of a canonical tree, some of each number of bits."""
    if not isinstance(tree, tuple):
        return ((),)
    keys, n_low = keys_of(tree), len(keys_of(tree[1]))
    lows = [_shifted(one, 1) for one in sharings(canonical(tree[1]))]
    highs = [_shifted(one, 1 + n_low) for one in sharings(canonical(tree[2]))]
    by_bits: dict[int, list[tuple[int, Sharing]]] = {}
    for low, high in product(lows, highs):
        for guess, one in _matchings(low, high):
            by_bits.setdefault(len(one) + 1, []).append((guess, (0, *one)))
    kept = []
    for _, ways in sorted(by_bits.items()):
        likely = [way for _, way in nsmallest(_TRIED, ways, key=lambda each: each[0])]
        kept += sorted(likely, key=lambda way: _rank(way, keys))[:_KEPT]
    return tuple(kept)


def _rank(way: Sharing, keys: Sequence[int]) -> tuple[int, int]:
    plan = lay_out(way, keys)
    return len(plan.luts), sum(len(lut.inputs) for lut in plan.luts)


def _matchings(low: Sharing, high: Sharing) -> Iterator[tuple[int, Sharing]]:
    """Yield ways to let bits of the one side be bits of the other, and a guess of their LUTs."""
    few, many = (low, high) if len(low) <= len(high) else (high, low)
    sides = (lambda a, b: (0, a, b)) if few is low else (lambda a, b: (0, b, a))
    sizes, others = ([_size(one) for one in side] for side in (few, many))
    alone, others_alone = ([_guess(*size) for size in side] for side in (sizes, others))
    both = [[_guess(a + b, 1 + max(depth, below)) for b, below in others] for a, depth in sizes]
    for n_pairs in range(len(few), max(-1, len(low) + len(high) - MOST_BITS), -1):
        pairings = product(combinations(range(len(few)), n_pairs), permutations(range(len(many)), n_pairs))
        for chosen, partners in islice(pairings, _MOST_MATCHINGS):
            left, right = (
                [place for place in range(len(side)) if place not in taken]
                for side, taken in ((few, chosen), (many, partners))
            )
            guess = sum(both[a][b] for a, b in zip(chosen, partners))
            guess += sum(alone[a] for a in left) + sum(others_alone[b] for b in right)
            pairs = [sides(few[a], many[b]) for a, b in zip(chosen, partners)]
            yield guess, (*pairs, *(few[a] for a in left), *(many[b] for b in right))


def _size(part: Multiplexer) -> tuple[int, int]:
    """Return how many nodes a multiplexer selects from, and by how many levels."""
    if isinstance(part, int):
        return 1, 0
    sizes = [_size(one) for one in part[1:]]
    return sum(size for size, _ in sizes), 1 + max(depth for _, depth in sizes)


def _guess(n_nodes: int, depth: int) -> int:
    """Return LUTs of a multiplexer: each takes away five inputs, and a level of selectors may be one bit."""
    return 0 if n_nodes == 1 else -(-(n_nodes + depth - 1) // (LUT_INPUTS - 1))


def canonical(tree: Decision) -> Decision:
    """Return the tree with keys numbered as they come first, and all leaves the same."""
    numbers: dict[object, int] = {}

    def walk(part: Decision) -> Decision:
        if not isinstance(part, tuple):
            return 0
        number = numbers.setdefault(part[0], len(numbers))
        return (number, walk(part[1]), walk(part[2]))

    return walk(tree)


def keys_of(tree: Decision) -> list:
    """Return the keys of the nodes in preorder."""
    return [tree[0], *keys_of(tree[1]), *keys_of(tree[2])] if isinstance(tree, tuple) else []


def _shifted(way: Sharing, by: int) -> Sharing:
    return tuple(_moved(one, by) for one in way)


def _moved(part: Multiplexer, by: int) -> Multiplexer:
    return part + by if isinstance(part, int) else (part[0] + by, _moved(part[1], by), _moved(part[2], by))
