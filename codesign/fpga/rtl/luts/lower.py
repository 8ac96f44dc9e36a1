"""Each op of a table network as cells: a table op -> function of the words that it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.fpga.rtl.luts.keys import at_least
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.sums import Term, built, summed
from codesign.fpga.rtl.luts.words import TableWord, Word, cast, element
from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import MOVES, Bit, FixedOp, Op, Quantize, SegmentSum, Table, Threshold

Terms = np.ndarray  # of objects, Term each, of a tensor's shape
KEYS_AND_TABLES = (Threshold, Bit, Table, SegmentSum)


@dataclass(frozen=True)
class _Place:
    """A node to be built.

    Args:
        netlist: to which it is added.
        node: of the network.
        fixed: its op in integers.
        inputs: types of what it takes.
    """

    netlist: Netlist
    node: Node
    fixed: FixedOp
    inputs: tuple[FixedPoint, ...]


def lowered(network: Network, netlist: Netlist, values: dict[str, Terms]) -> None:
    """Add to a netlist every node that is not in `values`, and its words to `values`.

    Args:
        network: with every type set.
        netlist: to which cells are added.
        values: words of the inputs, and of nodes that another circuit gives.

    Raises:
        UnsupportedLayerError: for an op that has no cells here.
        PrecisionError: for a cast that takes logic.
    """
    types, bound = network.types, network.fixed_ops
    for node in network.nodes:
        if node.name in values:
            continue
        if type(node.op) not in _LOWERED:
            raise UnsupportedLayerError(f"a circuit of tables has no {node.op.name}")
        place = _Place(netlist, node, bound[node.name], tuple(types[name] for name in node.inputs))
        with netlist.owned(node.name):
            values[node.name] = _LOWERED[type(node.op)](place, *(values[name] for name in node.inputs))


def _threshold(place: _Place, terms: Terms) -> Terms:
    """Comparators, all of one value at once: they share LUTs."""
    fixed, found = place.fixed, np.empty(len(place.fixed.index), dtype=object)
    for index in np.unique(fixed.index).tolist():
        word, keys = built(place.netlist, terms[index]), np.flatnonzero(fixed.index == index)
        drop = _fraction(place.inputs[0], terms, index) - word.fraction
        codes = [-(-code >> drop) if drop >= 0 else code << -drop for code in fixed.codes[keys].tolist()]
        for key, literal in zip(keys, at_least(place.netlist, word, codes)):
            found[key] = _bit(literal)
    return _cast_all(place, found)


def _raw_bit(place: _Place, terms: Terms) -> Terms:
    def one(index: int, bit: int) -> Word:
        word = built(place.netlist, terms[index])
        return _bit(word.bit(bit - (_fraction(place.inputs[0], terms, index) - word.fraction)))

    return _cast_all(place, [one(i, b) for i, b in zip(place.fixed.index.tolist(), place.fixed.place.tolist())])


def _table(place: _Place, terms: Terms) -> Terms:
    """Tables of the codes that the cast of the output makes of their entries."""
    fixed = place.fixed
    literals = [_literal(place.netlist, term) for term in terms]
    found = np.empty(len(fixed.codes), dtype=object)
    for t, (keys, codes) in enumerate(zip(place.node.op.keys, fixed.codes)):
        kind, own = (element(one, found.shape, t) for one in (fixed.output, fixed.type))
        if fixed.output is not fixed.type:
            codes = kind.requantize(codes, np.asarray(own.fraction)).reshape(-1)
        key_bits = tuple(literals[key] for key in keys)
        found[t] = TableWord(key_bits, codes.astype(np.int64), int(np.max(kind.fraction)), place.node.name)
    return found


def _segment_sum(place: _Place, terms: Terms) -> Terms:
    fixed, found = place.fixed, []
    for segment, offset in enumerate(fixed.offset.tolist()):
        chosen = terms[fixed.op.segments == segment]
        shifted = [(term, fixed.fraction - term.fraction) for term in chosen]
        found.append(summed(place.netlist, shifted, offset, fixed.fraction))
    return _cast_all(place, found)


def _move(place: _Place, *terms: Terms) -> Terms:
    moved = place.node.op.evaluate(*(one[np.newaxis] for one in terms))[0]
    return moved if place.fixed.output is place.fixed.moved else _cast_all(place, moved)


def _quantize(place: _Place, terms: Terms) -> Terms:
    return _cast_all(place, terms)


def _cast_all(place: _Place, terms: Sequence[Term] | Terms) -> Terms:
    """Words in the format of the node's output."""
    given, shape = np.empty(np.shape(terms), dtype=object), np.shape(terms)
    flat = given.reshape(-1)
    for i, term in enumerate(np.asarray(terms, dtype=object).reshape(-1)):
        kind = element(place.fixed.output, shape, i)
        flat[i] = _cast_table(term, kind) if isinstance(term, TableWord) else cast(term, kind)
    return given


def _cast_table(term: TableWord, kind: FixedPoint) -> TableWord:
    codes = kind.requantize(term.codes, np.asarray(term.fraction)).reshape(-1)
    return replace(term, codes=codes.astype(np.int64), fraction=int(np.max(kind.fraction)))


def _fraction(precision: FixedPoint, terms: Terms, index: int) -> int:
    return int(np.broadcast_to(precision.fraction, terms.shape)[index])


def _literal(netlist: Netlist, term: Term) -> int:
    word = built(netlist, term)
    return word.bits[0] if word.bits else 0


def _bit(literal: int) -> Word:
    return Word((literal,), False, 0, 0, 1)


_LOWERED: Mapping[type[Op], Callable[..., Terms]] = MappingProxyType(
    {
        Threshold: _threshold,
        Bit: _raw_bit,
        Table: _table,
        SegmentSum: _segment_sum,
        Quantize: _quantize,
        **dict.fromkeys(MOVES, _move),
    }
)
LOWERED_OPS = tuple(_LOWERED)
