"""Bits that several nodes of a tree share, as LUTs of at most six inputs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LUT_INPUTS = 6
# A node of the tree, or (the node that selects, what it selects where its bit is 0, and where 1).
Multiplexer = int | tuple[int, "Multiplexer", "Multiplexer"]
# What a LUT takes: a key ("key", k), or another LUT ("lut", number).
Source = tuple[str, int]
_Wired = Source | tuple[Source, "_Wired", "_Wired"]


@dataclass(frozen=True)
class Lut:
    """One function of at most six bits.

    Args:
        inputs: where they come from.
        wired: a multiplexer of them.
    """

    inputs: tuple[Source, ...]
    wired: object

    def entries(self) -> list[int]:
        """Return what it gives for each pattern of its inputs, the first the lowest bit."""
        place = {source: index for index, source in enumerate(self.inputs)}
        return [_value(self.wired, place, pattern) for pattern in range(2 ** len(self.inputs))]


@dataclass
class Plan:
    """LUTs, each behind those that it takes, and where the shared bits are.

    Attributes:
        luts: in order.
        bits: of each shared bit its source.
        bit_of_node: of each node of the tree the shared bit that answers it.
    """

    luts: list[Lut] = field(default_factory=list)
    bits: list[Source] = field(default_factory=list)
    bit_of_node: dict[int, int] = field(default_factory=dict)


def lay_out(sharing: Sequence[Multiplexer], keys: Sequence[int]) -> Plan:
    """Return the LUTs of shared bits.

    Args:
        sharing: each bit a multiplexer of nodes.
        keys: of each node.
    """
    return _Layout(sharing, keys).plan


class _Layout:
    """The plan while it is made."""

    def __init__(self, sharing: Sequence[Multiplexer], keys: Sequence[int]) -> None:
        self.plan, self._sharing, self._keys = Plan(), sharing, keys
        self._nodes = [list(_leaves(one)) for one in sharing]
        self.plan.bit_of_node = {node: bit for bit, nodes in enumerate(self._nodes) for node in nodes}
        self._done: dict[int, Source] = {}
        self._open: set[int] = set()
        self._seen: dict[object, Source] = {}
        self.plan.bits = [self._bit(bit) for bit in range(len(sharing))]

    def _bit(self, bit: int) -> Source:
        """Return the source of a shared bit, and make its LUTs where there are none yet."""
        if bit not in self._done:
            self._open.add(bit)
            wired = self._wire(self._sharing[bit], self._selector(bit))
            self._done[bit] = self._made(wired)
            self._open.discard(bit)
        return self._done[bit]

    def _selector(self, bit: int) -> Callable[[int], Source]:
        """Return the source of a selecting node: its key, or the bit that it shares, where that saves an input."""
        asked: dict[int, set[int]] = {}
        for node in _selectors(self._sharing[bit]):
            asked.setdefault(self.plan.bit_of_node[node], set()).add(self._keys[node])
        shared = {other: self._bit(other) for other, keys in asked.items() if len(keys) > 1 and other not in self._open}
        return lambda node: shared.get(self.plan.bit_of_node[node], ("key", self._keys[node]))

    def _wire(self, part: Multiplexer, selector: Callable[[int], Source]) -> _Wired:
        if isinstance(part, int):
            return "key", self._keys[part]
        low, high = self._wire(part[1], selector), self._wire(part[2], selector)
        return low if low == high else (selector(part[0]), low, high)

    def _made(self, wired: _Wired) -> Source:
        """Return the source of a multiplexer: parts of it get LUTs of their own until six inputs are left."""
        while len(_inputs(wired)) > LUT_INPUTS:
            parts = [part for part in _parts(wired) if len(_inputs(part)) <= LUT_INPUTS]
            ends = ("lut", -1)
            part = min(parts, key=lambda one: len(_inputs(_replaced(wired, one, ends))))
            wired = _replaced(wired, part, self._lut(part))
        return self._lut(wired)

    def _lut(self, wired: _Wired) -> Source:
        if _is_source(wired):
            return wired
        if wired not in self._seen:
            self._seen[wired] = ("lut", len(self.plan.luts))
            self.plan.luts.append(Lut(tuple(_inputs(wired)), wired))
        return self._seen[wired]


def _is_source(part: _Wired) -> bool:
    return len(part) == 2


def _inputs(part: _Wired) -> list[Source]:
    """Return the sources of a multiplexer, each once."""
    if _is_source(part):
        return [part]
    return list(dict.fromkeys([part[0], *_inputs(part[1]), *_inputs(part[2])]))


def _parts(part: _Wired) -> Iterator[_Wired]:
    """Yield the multiplexers inside one, itself included."""
    if not _is_source(part):
        yield part
        yield from _parts(part[1])
        yield from _parts(part[2])


def _replaced(part: _Wired, old: _Wired, new: Source) -> _Wired:
    if part == old:
        return new
    if _is_source(part):
        return part
    return part[0], _replaced(part[1], old, new), _replaced(part[2], old, new)


def _value(part: _Wired, place: Mapping[Source, int], pattern: int) -> int:
    while not _is_source(part):
        part = part[1 + (pattern >> place[part[0]] & 1)]
    return pattern >> place[part] & 1


def _leaves(part: Multiplexer) -> Iterator[int]:
    if isinstance(part, int):
        yield part
    else:
        yield from _leaves(part[1])
        yield from _leaves(part[2])


def _selectors(part: Multiplexer) -> Iterator[int]:
    if not isinstance(part, int):
        yield part[0]
        yield from _selectors(part[1])
        yield from _selectors(part[2])
