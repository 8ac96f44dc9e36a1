"""What of a pipelined adder graph becomes LUTs, counted bit by bit in the operations that its Verilog has.

An addition is a carry chain: one LUT for each bit in which both numbers have a bit of their own; what lies below the
shift of one of them, and zeros above an unsigned one, pass. Within a stage Yosys joins an addition to the one that
alone takes it, unless it is shifted first or may overflow (``alumacc``), and builds the sum of all by full adders
before one chain: see :mod:`codesign.fpga.estimate.joined_sums`. Operations that are there twice are built once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from codesign.fpga.estimate.joined_sums import Term, count_sum
from codesign.fpga.rtl.adder_graph import AdderGraph

if TYPE_CHECKING:
    from da4ml.types import CombLogic, Op, Pipeline

_SUMS, _CONSTANT_SUM, _RELUS, _CHOICES = (0, 1), 4, (2, -2), (6, -6)  # da4ml's codes of operations
_ADDS = (*_SUMS, _CONSTANT_SUM)
_NEGATING, _INPUT, _CONSTANT, _TABLE = (-2, -3), -1, 5, 8  # the first of a negated operand
_TWO_OPERANDS = (*_SUMS, *_CHOICES, 7, 10, -10)
_KEY = 0xFFFFFFFF  # the part of a choice's data that says by which value it is made
_LUT_INPUTS = 6


@dataclass
class AdderCounts:
    """Bits, over all stages.

    Args:
        carries: of carry chains, in which two numbers meet.
        full_adders: of sums of three and more numbers, before the chain.
        gates: that a ReLU clears, or a choice of two values gives, for additions of the same stage: some go into their
            LUTs.
        kept: of the same for a register, or inverted by a constant on their way into a carry chain.
        entries: of tables, one for each bit of a table's output and 64 of its entries.
    """

    carries: int = 0
    full_adders: int = 0
    gates: int = 0
    kept: int = 0
    entries: int = 0

    def __iadd__(self, other: "AdderCounts") -> "AdderCounts":
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self


def adder_counts(graph: AdderGraph, adder_levels_per_stage: int) -> AdderCounts:
    """Count the bits of an adder graph's pipeline.

    Args:
        graph: from :func:`codesign.fpga.rtl.adder_graph.trace_adder_graph`.
        adder_levels_per_stage: adders between two registers, at most.
    """
    return pipeline_counts(graph.at(adder_levels_per_stage))


def pipeline_counts(pipeline: "Pipeline") -> AdderCounts:
    """Count the bits of a pipeline of additions, from :meth:`codesign.fpga.rtl.adder_graph.AdderGraph.at`."""
    counts = AdderCounts()
    registers = list(range(len(pipeline.inp_qint)))
    for solution in pipeline.solutions:
        stage = _Stage(solution, registers)
        counts += stage.counts()
        registers = stage.outputs
    return counts


@dataclass
class _Sum:
    """A sum that Yosys builds as one: its terms with the operations that give them, and a constant."""

    width: int
    terms: list[tuple[int, Term]]
    constant: int = 0


class _Stage:
    """One stage of a pipeline: a list of operations, each with the sign and the bits of its result."""

    def __init__(self, stage: "CombLogic", registers: Sequence[int]) -> None:
        from da4ml.types import minimal_kif

        self.ops, self.outputs = _distinct(stage, registers)
        self.formats = [minimal_kif(op.qint) for op in self.ops]
        self.widths = [sum(one) for one in self.formats]
        self.registered = set(self.outputs)
        self.negated = {op.id0 for op, width in zip(self.ops, self.widths) if op.opcode in _NEGATING and width}
        self.takers = _takers(self.ops)
        for index in self.registered:
            self.takers[index] += 1

    def counts(self) -> AdderCounts:
        counts = AdderCounts()
        for one in self._sums():
            self._add_sum(one, counts)
        for index, op in enumerate(self.ops):
            if op.opcode == _TABLE:
                counts.entries += self.widths[index] << max(0, self.widths[op.id0] - _LUT_INPUTS)
            elif not self._is_gate(op):
                continue
            elif index not in self.registered:
                counts.gates += self.widths[index]
            elif not self._sets_register(index):
                counts.kept += self.widths[index]
        return counts

    def _is_gate(self, op: "Op") -> bool:
        return op.opcode in _CHOICES or op.opcode in _RELUS and (op.opcode < 0 or self.ops[op.id0].qint.min < 0)

    def _sets_register(self, index: int) -> bool:
        """Whether a choice, for a register alone, is between a value and a constant: flip-flops are set and reset."""
        op = self.ops[index]
        constant = op.opcode in _CHOICES and _CONSTANT in (self.ops[op.id0].opcode, self.ops[op.id1].opcode)
        return constant and self.takers[index] == 1

    def _add_sum(self, one: _Sum, counts: AdderCounts) -> None:
        """A chain of a number and a constant is but inverters, which are free where no gate is in front of them."""
        if len(one.terms) > 1:
            full_adders, carries = count_sum(tuple(term for _, term in one.terms), one.constant, one.width)
            counts.full_adders += full_adders
            counts.carries += carries
            return
        for index, term in one.terms:
            if self.ops[index].opcode in (*_RELUS, *_CHOICES):
                places = ((1 << min(term.top, one.width)) - 1) & -(1 << term.low)
                counts.kept += ((one.constant ^ -term.negative) & places).bit_count()

    def _sums(self) -> Iterator[_Sum]:
        """Yield what Yosys adds up as one, from the last operation to the first."""
        joined: set[int] = set()
        for index in sorted(self.negated, reverse=True):
            width = self.widths[index]
            if self.ops[index].opcode in _ADDS and self.takers[index] == 1:
                joined.add(index)
                yield self._gathered(index, True, joined)
            else:
                term = Term(0, width, bool(self.formats[index][0]), True)
                yield _Sum(width, [(index, term)])
        for index in range(len(self.ops) - 1, -1, -1):
            if self.ops[index].opcode in _ADDS and self.widths[index] and index not in joined:
                yield self._gathered(index, False, joined)

    def _gathered(self, root: int, negative: bool, joined: set[int]) -> _Sum:
        """The sum that ends in an operation, with all that is joined to it."""
        found = _Sum(self.widths[root], [])
        waiting = [(root, negative)]
        while waiting:
            index, negative = waiting.pop()
            operands, constant = self._operands(index)
            found.constant += -constant if negative else constant
            signed = any(term.signed for _, term in operands)
            for operand, term in operands:
                if self._is_joined(operand, term, found.width, signed):
                    joined.add(operand)
                    waiting.append((operand, negative ^ term.negative))
                elif term.width:
                    term = Term(term.low, term.width, term.signed, negative ^ term.negative)
                    found.terms.append((operand, term))
        found.constant %= 1 << found.width
        return found

    def _operands(self, index: int) -> tuple[list[tuple[int, Term]], int]:
        """What an addition takes, and its constant."""
        op = self.ops[index]
        own = self.formats[op.id0]
        if op.opcode == _CONSTANT_SUM:
            shift = own[2] - self.formats[index][2]
            term = Term(max(0, -shift), self.widths[op.id0], bool(own[0]), False)
            return [(op.id0, term)], op.data << max(0, shift)
        other = self.formats[op.id1]
        shift = op.data + own[2] - other[2]
        first = Term(max(0, -shift), self.widths[op.id0], bool(own[0]), False)
        second = Term(max(0, shift), self.widths[op.id1], bool(other[0]), op.opcode == 1)
        return [(op.id0, first), (op.id1, second)], 0

    def _is_joined(self, index: int, term: Term, width: int, signed: bool) -> bool:
        """Whether Yosys joins an operand to a sum of so many bits: nothing else takes it, and it cannot overflow."""
        if term.low or not term.width or self.ops[index].opcode not in _ADDS or self.takers[index] != 1:
            return False
        if term.width == width:
            return True
        operands, constant = self._operands(index)
        is_signed = any(one.signed for _, one in operands)
        if is_signed != signed:
            return False
        if not is_signed and (constant < 0 or any(one.negative for _, one in operands)):
            return False
        sizes = [one.top + (is_signed and not one.signed) for _, one in operands]
        if self.ops[index].opcode == _CONSTANT_SUM:
            sizes.append(abs(constant).bit_length() + is_signed)
        return sum((1 << size) - 1 for size in sizes).bit_length() <= term.width


def _distinct(stage: "CombLogic", registers: Sequence[int]) -> tuple[list["Op"], list[int]]:
    """Operations without those that are there twice, and which of them each output is.

    Args:
        stage: of a pipeline.
        registers: which one each of its inputs is: equal numbers, equal registers.
    """
    ops, places, known = [], [], {}
    for op in stage.ops:
        first = registers[op.id0] if op.opcode == _INPUT else places[op.id0] if op.id0 >= 0 else -1
        second, data = places[op.id1] if op.id1 >= 0 else -1, op.data
        if op.opcode in _CHOICES:
            data = data & ~_KEY | places[data & _KEY]
        key = (op.opcode, first, second, data, op.qint)
        if key not in known:
            known[key] = len(ops)
            ops.append(op._replace(id0=first, id1=second, data=data))
        places.append(known[key])
    return ops, [places[index] for index in stage.out_idxs if index >= 0]


def _takers(ops: Sequence["Op"]) -> list[int]:
    """How many operations take each result: all that take its negative are one."""
    takers = [0] * len(ops)
    negated = set()
    for op in ops:
        if op.opcode in (_INPUT, _CONSTANT):
            continue
        if op.opcode not in _NEGATING or op.id0 not in negated:
            takers[op.id0] += 1
        if op.opcode in _NEGATING:
            negated.add(op.id0)
        if op.opcode in _TWO_OPERANDS:
            takers[op.id1] += 1
        if op.opcode in _CHOICES:
            takers[op.data & _KEY] += 1
    return takers
