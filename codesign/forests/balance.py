"""Deep, thin trees made shallow: whether an event reaches a part is one bit, by which the part comes up to the root."""

from codesign.forests.coded import Decision, Key

# The answers on the way to a part: keys with their bits.
Way = tuple[tuple["Key | Question", int], ...]
# ("way", the answers): 1 where an event gives all of them.
Question = tuple[str, Way]


def balanced(tree: Decision, levels: int) -> Decision | None:
    """Return a tree of the same function of at most so many levels; None where there is none to be found.

    A part that lies deep is put beside the rest, below the question whether it is reached. In the rest the node above
    it is gone: where the part is not reached, it asks what is known.

    Args:
        tree: its keys are questions.
        levels: at least 0.
    """
    if depth(tree) <= levels:
        return tree
    if levels < 1 or n_leaves(tree) > 2**levels:
        return None
    ranked = sorted(_splits(tree), key=lambda split: _rank(*split[1:]))
    for way, rest, part in ranked[:_TRIED]:
        halves = [balanced(one, levels - 1) for one in (rest, part)]
        if None not in halves:
            return (("way", way), *halves)
    return None


_TRIED = 3


def depth(tree: Decision) -> int:
    """Return the levels of a tree."""
    return 1 + max(depth(tree[1]), depth(tree[2])) if isinstance(tree, tuple) else 0


def n_leaves(tree: Decision) -> int:
    """Return the leaves of a tree."""
    return n_leaves(tree[1]) + n_leaves(tree[2]) if isinstance(tree, tuple) else 1


def _rank(rest: Decision, part: Decision) -> tuple[int, int]:
    return max(depth(rest), depth(part)), max(n_leaves(rest), n_leaves(part))


def _splits(tree: Decision) -> list[tuple[Way, Decision, Decision]]:
    """Return, for each part two levels below the root or deeper, the way to it, the rest, and the part."""
    found = []
    for bit in (0, 1):
        key, child, other = tree[0], tree[1 + bit], tree[2 - bit]
        if not isinstance(child, tuple):
            continue
        for last in (0, 1):
            if isinstance(child[1 + last], tuple):
                rest = _with(key, bit, child[2 - last], other)
                found.append((((key, bit), (child[0], last)), rest, child[1 + last]))
        for way, rest, part in _splits(child):
            found.append((((key, bit), *way), _with(key, bit, rest, other), part))
    return found


def _with(key: Key, bit: int, child: Decision, other: Decision) -> Decision:
    return (key, other, child) if bit else (key, child, other)
