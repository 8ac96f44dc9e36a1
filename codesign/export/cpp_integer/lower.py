"""Lowering: the nodes of a network as arrays of integers."""

from collections import Counter
from collections.abc import Sequence
from math import prod

import numpy as np

from codesign.errors import CodesignError, UnsupportedLayerError
from codesign.export.cpp_integer.lowered.choice import CHOICES, STEPS, is_choice
from codesign.export.cpp_integer.lowered.dense import lower_dense
from codesign.export.cpp_integer.lowered.merge import MERGED
from codesign.export.cpp_integer.lowered.place import Place
from codesign.export.cpp_integer.lowered.softmax import lower_softmax, lower_swish
from codesign.export.cpp_integer.lowered.tables import KEYS, TABLES
from codesign.export.cpp_integer.lowered.unary import UNARY, StageLists
from codesign.export.cpp_integer.program import Array, Program, Ref, Term, Unit, identity
from codesign.export.cpp_integer.stages import casts, passed
from codesign.network import Network, Node
from codesign.network.ops import MOVES, PLACES, Dense, FixedSwish, Quantize
from codesign.network.ops.fixed_softmax import FixedSoftmax

_FREE = (*MOVES, *PLACES, Quantize)
_UNITS = MERGED | TABLES
_OPS = frozenset((Dense, *_FREE, *CHOICES, *_UNITS))
_BOUND = frozenset((*UNARY, *KEYS, FixedSwish, FixedSoftmax))
_CURE = "leave it out of the design"


def lower(network: Network) -> Program:
    """Return the integers that a network makes.

    Args:
        network: with every type set.

    Raises:
        PrecisionError: if types are missing or too wide.
        UnsupportedLayerError: for an op that is not there; it names the node.
    """
    lowering = _Lowering(network)
    for node in network.nodes:
        try:
            lowering.add(node)
        except CodesignError as error:
            raise type(error)(f"layer '{node.name}': {error}") from None
    return lowering.program()


def check_lowered(network: Network) -> None:
    """Check that the integer C++ has every op of a network; nothing is written.

    Raises:
        PrecisionError: if types are missing or too wide.
        UnsupportedLayerError: for an op that is not there; it names the node.
    """
    bound = network.fixed_ops
    for node in network.nodes:
        fixed = bound[node.name]
        is_there = type(node.op) in _OPS or type(fixed) in _BOUND
        if not is_there:
            raise UnsupportedLayerError(f"layer '{node.name}': {_missing(node)}")


def _missing(node: Node) -> str:
    return f"expected an op that the integer C++ has. Received: {node.op.name}; {_CURE}"


class _Lowering:
    """The integers so far, by the name of the node or input that they are."""

    def __init__(self, network: Network) -> None:
        self.network, self.fixed, self.types = network, network.fixed_ops, network.types
        self.arrays: list[Array] = []
        self.users = Counter(name for node in network.nodes for name in node.inputs)
        self.users.update(network.outputs)
        self.refs: dict[str, np.ndarray] = {}
        self.moved: dict[str, str] = {}
        ranges = []
        for one in network.inputs:
            low, high = (np.broadcast_to(np.asarray(limit, object), one.shape).ravel() for limit in _limits(one))
            ranges += [(int(first), int(last)) for first, last in zip(low, high)]
        self.inputs = Array("inputs", ranges)
        split = network.input_layout.split(_refs(self.inputs)[np.newaxis])
        self.refs |= {name: values[0] for name, values in split.items()}

    def program(self) -> Program:
        """Return what was lowered."""
        outputs = np.concatenate([self.refs[name].ravel() for name in self.network.outputs])
        return Program(self.inputs, tuple(self.arrays), tuple(outputs))

    def add(self, node: Node) -> None:
        """Lower one node."""
        shape = self.network.shapes[node.name]
        taken = tuple(self.refs[name] for name in node.inputs)
        types = tuple(self.types[name] for name in node.inputs)
        place = Place(node.name, node.op, self.fixed[node.name], taken, types, shape)
        if isinstance(node.op, _FREE):
            self._move(node, place)
        elif type(place.fixed) in UNARY and not is_choice(place):
            self._behind(node, place, UNARY[type(place.fixed)](place))
        elif type(place.fixed) in KEYS:
            asked = place.refs[0][place.fixed.index]
            self._behind(node, place, KEYS[type(place.fixed)](place), moved=asked)
        else:
            rows = tuple(place.refs[0].reshape(-1, place.refs[0].shape[-1])) if isinstance(node.op, Dense) else ()
            self.refs[node.name] = self._make(node.name, self._units(node, place), rows).reshape(shape)

    def _units(self, node: Node, place: Place) -> list[Unit]:
        if isinstance(node.op, Dense):
            return lower_dense(place)
        if isinstance(place.fixed, FixedSwish):
            return lower_swish(place, self._make)
        if isinstance(place.fixed, FixedSoftmax):
            return lower_softmax(place, self._make)
        choose = STEPS[place.fixed.function] if is_choice(place) else CHOICES.get(type(node.op))
        if choose is not None:
            return choose(place, self._make)
        if type(node.op) not in _UNITS:
            raise UnsupportedLayerError(_missing(node))
        return _UNITS[type(node.op)](place)

    def _make(self, name: str, units: list[Unit], rows: tuple[np.ndarray, ...] = ()) -> np.ndarray:
        """Add an array; return its integers."""
        self.arrays.append(Array(name, [unit.range for unit in units], units, rows))
        return _refs(self.arrays[-1])

    def _move(self, node: Node, place: Place) -> None:
        """Bring values to one step, if they need to be, move them, and cast them, if the design says so."""
        fixed, refs = place.fixed, place.refs
        if fixed.steps is not None:
            refs = [self._aligned(place, index) for index in range(len(refs))]
        moved = refs[0] if isinstance(node.op, Quantize) else self._moved(node, refs)
        self.refs[node.name] = moved
        if len(node.inputs) == 1:
            self.moved[node.name] = node.inputs[0]
        if fixed.output is not fixed.moved:
            self._behind(node, place, casts(np.asarray(fixed.moved.fraction), fixed.output, place.shape), moved=moved)

    def _moved(self, node: Node, refs: Sequence[np.ndarray]) -> np.ndarray:
        """Integers in other places; where nothing goes, one that is always 0."""
        if not isinstance(node.op, PLACES):
            return node.op.evaluate(*(one[np.newaxis] for one in refs))[0]
        places = node.op.evaluate(np.arange(1, refs[0].size + 1).reshape(1, *refs[0].shape))[0]
        (zero,) = self._make(f"{node.name} zero", [Unit.of([], [])]) if (places == 0).any() else [None]
        found = np.empty(refs[0].size + 1, object)
        found[:] = [zero, *refs[0].ravel()]
        return found[places]

    def _aligned(self, place: Place, index: int) -> np.ndarray:
        refs, lefts = place.refs[index], place.shifts(index, place.fixed.steps)
        if not lefts.any():
            return refs
        units = [Unit.of([Term(1 << left, (ref,))], []) for ref, left in zip(refs.ravel(), lefts.ravel().tolist())]
        return self._make(f"{place.name} aligned", units).reshape(refs.shape)

    def _behind(self, node: Node, place: Place, stages: StageLists, *, moved: np.ndarray | None = None) -> None:
        """Put stages behind what makes the values, or make an array of them."""
        refs = place.refs[0] if moved is None else moved
        if len(node.inputs) == 1 and prod(place.shape) == refs.size and self._is_own(node.inputs[0], refs):
            for ref, own in zip(refs.ravel(), stages):
                unit = ref.array.units[ref.at].followed_by(own)
                ref.array.units[ref.at], ref.array.ranges[ref.at] = unit, unit.range
            self.refs[node.name], self.moved[node.name] = refs, node.inputs[0]
            return
        each = np.repeat(refs.ravel(), prod(place.shape) // refs.size)
        if not any(passed(own, ref.range).stages for ref, own in zip(each, stages)):
            self.refs[node.name], self.moved[node.name] = each.reshape(place.shape), node.inputs[0]
            return
        self.moved.pop(node.name, None)
        units = [Unit.of(terms, own) for terms, own in zip(identity(each), stages)]
        self.refs[node.name] = self._make(node.name, units).reshape(place.shape)

    def _is_own(self, name: str, refs: np.ndarray) -> bool:
        """Whether values are all of an array that nothing else takes."""
        array, n = refs.ravel()[0].array, refs.size
        if len(array.units) != n or {(id(ref.array), ref.at) for ref in refs.ravel()} != {
            (id(array), at) for at in range(n)
        }:
            return False
        while self.users[name] == 1 and name in self.moved:
            name = self.moved[name]
        return self.users[name] == 1


def _refs(array: Array) -> np.ndarray:
    found = np.empty(len(array.ranges), object)
    found[:] = [Ref(array, at) for at in range(len(array.ranges))]
    return found


def _limits(one: object) -> tuple[object, object]:
    return one.precision.code_low, one.precision.code_high
