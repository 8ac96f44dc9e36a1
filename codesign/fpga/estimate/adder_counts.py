"""What of a pipelined adder graph becomes LUTs, counted bit by bit in the operations that its Verilog has.

An addition is a carry chain: one LUT for each bit in which both numbers have a bit of their own; what lies below the
shift of one of them, and zeros above an unsigned one, pass. Within a stage Yosys joins an addition to the one that
alone takes it, unless it is shifted first or may overflow (``alumacc``), and builds the sum of all by full adders
before one chain: see :mod:`codesign.fpga.estimate.joined_sums`. Operations that are there twice are built once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from codesign.fpga.estimate.joined_sums import Term, count_sum
from codesign.fpga.estimate.table_blocks import table_blocks
from codesign.fpga.rtl import da4ml_codes
from codesign.fpga.rtl.adder_graph import AdderGraph

if TYPE_CHECKING:
    from da4ml.types import CombLogic, Pipeline, QInterval

_GATES = (da4ml_codes.RELU, -da4ml_codes.RELU, *da4ml_codes.CHOICES)


@dataclass
class AdderCounts:
    """Bits, over all stages.

    Args:
        carries: of carry chains, in which two numbers meet.
        full_adders: of sums of three and more numbers, before the chain.
        gates: that a ReLU clears, or a choice of two values gives, for additions of the same stage: some go into their
            LUTs.
        kept: of the same for a register, or inverted by a constant on their way into a carry chain.
        choices: not bits, but how many choices of two values there are, as where a value saturates: what says which,
            once for all bits and for the flip-flops too.
        blocks: of 64 entries of a table, in each bit of its output: see :mod:`codesign.fpga.estimate.table_blocks`.
    """

    carries: int = 0
    full_adders: int = 0
    gates: int = 0
    kept: int = 0
    choices: int = 0
    blocks: int = 0


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
        stage.count(counts)
        registers = stage.outputs
    return counts


@dataclass
class _Sum:
    """A sum that Yosys builds as one: its terms with the operations that give them, and a constant."""

    width: int
    terms: list[tuple[int, Term]]
    constant: int = 0


class _Operation(NamedTuple):
    """An operation of a stage, with the format of its result."""

    opcode: int
    first: int
    second: int
    data: int
    interval: "QInterval"
    signed: bool
    width: int
    fraction: int


class _Stage:
    """One stage of a pipeline.

    Args:
        stage: its operations.
        registers: which one each of its inputs is: equal numbers, equal registers.
    """

    def __init__(self, stage: "CombLogic", registers: Sequence[int]) -> None:
        self.ops, self.outputs = _distinct(stage, registers)
        self.tables = stage.lookup_tables
        self.registered = set(self.outputs)
        self.negated = {op.first for op in self.ops if op.opcode in da4ml_codes.NEGATING and op.width}
        self.takers = self._takers()

    def _takers(self) -> list[int]:
        """How many take each result: the registers are one, and so are all that take its negative."""
        takers = [0] * len(self.ops)
        for opcode, first, second, data, *_ in self.ops:
            if opcode not in da4ml_codes.WITHOUT_OPERANDS:
                takers[first] += opcode not in da4ml_codes.NEGATING
                if second >= 0:
                    takers[second] += 1
                if opcode in da4ml_codes.CHOICES:
                    takers[data & da4ml_codes.KEY] += 1
        for index in (*self.registered, *self.negated):
            takers[index] += 1
        return takers

    def count(self, counts: AdderCounts) -> None:
        """Add the bits of the stage to counts."""
        for one in self._sums():
            self._add_sum(one, counts)
        for index, op in enumerate(self.ops):
            if op.opcode == da4ml_codes.TABLE:
                counts.blocks += table_blocks(self.tables[op.data], self.ops[op.first].interval)
            if op.opcode not in _GATES or op.opcode == da4ml_codes.RELU and self.ops[op.first].interval.min >= 0:
                continue
            counts.choices += op.opcode in da4ml_codes.CHOICES
            if index not in self.registered:
                counts.gates += op.width
            elif not self._sets_register(index):
                counts.kept += op.width

    def _sets_register(self, index: int) -> bool:
        """Whether a choice, for a register alone, is between a value and a constant: flip-flops are set and reset."""
        op = self.ops[index]
        constant = op.opcode in da4ml_codes.CHOICES and da4ml_codes.CONSTANT in (
            self.ops[op.first].opcode,
            self.ops[op.second].opcode,
        )
        return constant and self.takers[index] == 1

    def _add_sum(self, one: _Sum, counts: AdderCounts) -> None:
        """A chain of a number and a constant is but inverters, which are free where no gate is in front of them."""
        if len(one.terms) > 1:
            full_adders, carries = count_sum(tuple([term for _, term in one.terms]), one.constant, one.width)
            counts.full_adders += full_adders
            counts.carries += carries
            return
        for index, term in one.terms:
            if self.ops[index].opcode in _GATES:
                places = ((1 << min(term.top, one.width)) - 1) & -(1 << term.low)
                counts.kept += ((one.constant ^ -term.negative) & places).bit_count()

    def _sums(self) -> Iterator[_Sum]:
        """Yield what Yosys adds up as one, from the last operation to the first."""
        joined: set[int] = set()
        for index in sorted(self.negated, reverse=True):
            op = self.ops[index]
            if op.opcode in da4ml_codes.ADDITIONS and self.takers[index] == 1:
                joined.add(index)
                yield self._gathered(index, True, joined)
            else:
                yield _Sum(op.width, [(index, Term(0, op.width, op.signed, True))])
        for index in range(len(self.ops) - 1, -1, -1):
            if self.ops[index].opcode in da4ml_codes.ADDITIONS and self.ops[index].width and index not in joined:
                yield self._gathered(index, False, joined)

    def _gathered(self, root: int, negative: bool, joined: set[int]) -> _Sum:
        """The sum that ends in an operation, with all that is joined to it."""
        found = _Sum(self.ops[root].width, [])
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
        own = self.ops[op.first]
        if op.opcode == da4ml_codes.CONSTANT_SUM:
            shift = own.fraction - op.fraction
            return [(op.first, Term(max(0, -shift), own.width, own.signed, False))], op.data << max(0, shift)
        other = self.ops[op.second]
        shift = op.data + own.fraction - other.fraction
        first = Term(max(0, -shift), own.width, own.signed, False)
        second = Term(max(0, shift), other.width, other.signed, op.opcode == da4ml_codes.DIFFERENCE)
        return [(op.first, first), (op.second, second)], 0

    def _is_joined(self, index: int, term: Term, width: int, signed: bool) -> bool:
        """Whether Yosys joins an operand to a sum of so many bits: nothing else takes it, and it cannot overflow."""
        op = self.ops[index]
        if op.opcode not in da4ml_codes.ADDITIONS or self.takers[index] != 1 or term.low or not term.width:
            return False
        if term.width == width:
            return True
        operands, constant = self._operands(index)
        is_signed = any(one.signed for _, one in operands)
        if is_signed != signed or not is_signed and (constant < 0 or any(one.negative for _, one in operands)):
            return False
        sizes = [one.top + (is_signed and not one.signed) for _, one in operands]
        if op.opcode == da4ml_codes.CONSTANT_SUM:
            sizes.append(abs(constant).bit_length() + is_signed)
        return sum([(1 << size) - 1 for size in sizes]).bit_length() <= term.width


def _distinct(stage: "CombLogic", registers: Sequence[int]) -> tuple[list[_Operation], list[int]]:
    """Operations without those that are there twice, and which of them each output is."""
    ops, places, known = [], [], {}
    for id0, id1, opcode, data, interval, *_ in stage.ops:
        first = registers[id0] if opcode == da4ml_codes.INPUT else places[id0] if id0 >= 0 else -1
        second = places[id1] if id1 >= 0 else -1
        if opcode in da4ml_codes.CHOICES:
            data = data & ~da4ml_codes.KEY | places[data & da4ml_codes.KEY]
        key = (opcode, first, second, data, interval)
        if key not in known:
            known[key] = len(ops)
            ops.append(_Operation(opcode, first, second, data, interval, *_format(interval)))
        places.append(known[key])
    return ops, [places[index] for index in stage.out_idxs if index >= 0]


@lru_cache(maxsize=1 << 16)
def _format(interval: "QInterval") -> tuple[bool, int, int]:
    """Whether a result has a sign, its bits, and those of its fraction."""
    from da4ml.types import minimal_kif

    signed, integer, fraction = minimal_kif(interval)
    return bool(signed), int(signed) + integer + fraction, fraction
