"""What of a pipelined adder graph becomes LUTs, counted bit by bit in the operations that its Verilog has.

An addition is a carry chain: one LUT for each bit in which both numbers have a bit of their own; what lies below the
shift of one of them, and zeros above an unsigned one, pass. Yosys joins an addition to the one that alone takes it,
unless registers or a shift stand between, as trees of full adders, which take more than the chains that they spare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.adder_verilog import pipelined

if TYPE_CHECKING:
    from da4ml.types import CombLogic, Op, Pipeline

_SUMS, _CONSTANT_SUM, _RELUS, _CHOICES = (0, 1), 4, (2, -2), (6, -6)  # da4ml's codes of operations
_NEGATING, _FIRST = (-2, -3), (-1, 5)  # of a negated operand; without operands
_TWO_OPERANDS = (*_SUMS, *_CHOICES, 7, 10, -10)
_KEY = 0xFFFFFFFF  # the part of a choice's data that says by which value it is made


@dataclass(frozen=True)
class AdderCounts:
    """Bits, over all stages.

    Args:
        sums: of additions in which both numbers have a bit.
        joined: of operands that are sums which nothing else takes.
        joined_constants: of constants added to such sums.
        gates: that a ReLU clears.
        choices: of values chosen between two.
        negatives: of numbers that are negated first.
    """

    sums: int = 0
    joined: int = 0
    joined_constants: int = 0
    gates: int = 0
    choices: int = 0
    negatives: int = 0

    def __add__(self, other: "AdderCounts") -> "AdderCounts":
        return AdderCounts(*(own + more for own, more in zip(vars(self).values(), vars(other).values())))


def adder_counts(graph: AdderGraph, adder_levels_per_stage: int) -> AdderCounts:
    """Count the bits of an adder graph's pipeline.

    Args:
        graph: from :func:`codesign.fpga.rtl.adder_graph.trace_adder_graph`.
        adder_levels_per_stage: adders between two registers, at most.
    """
    return pipeline_counts(pipelined(graph, adder_levels_per_stage))


def pipeline_counts(pipeline: "Pipeline") -> AdderCounts:
    """Count the bits of a pipeline of additions, from :func:`codesign.fpga.rtl.adder_verilog.pipelined`."""
    return sum((_Stage(stage).counts() for stage in pipeline.solutions), AdderCounts())


class _Stage:
    """One stage of a pipeline: a list of operations, each with the sign and the bits of its result."""

    def __init__(self, stage: "CombLogic") -> None:
        from da4ml.types import minimal_kif

        self.ops = stage.ops
        self.formats = [minimal_kif(op.qint) for op in self.ops]
        self.widths = [sum(one) for one in self.formats]
        self.registered = {index for index in stage.out_idxs if index >= 0}
        self.takers = _takers(self.ops)

    def counts(self) -> AdderCounts:
        found = sum((self._of(index, op) for index, op in enumerate(self.ops) if self.widths[index]), AdderCounts())
        negated = {op.id0 for index, op in enumerate(self.ops) if op.opcode in _NEGATING and self.widths[index]}
        return found + AdderCounts(negatives=sum(self.widths[one] for one in negated))

    def _of(self, index: int, op: "Op") -> AdderCounts:
        width = self.widths[index]
        if op.opcode in _SUMS:
            return self._of_sum(index, op)
        if op.opcode == _CONSTANT_SUM and self._is_joined(op.id0):
            return AdderCounts(joined_constants=width)
        if op.opcode in _RELUS and (op.opcode < 0 or self.ops[op.id0].qint.min < 0):
            return AdderCounts(gates=width)
        return AdderCounts(choices=width) if op.opcode in _CHOICES else AdderCounts()

    def _of_sum(self, index: int, op: "Op") -> AdderCounts:
        """The bits between the higher of two lower ends and the lower of two upper ones; a sign goes on to the top."""
        width, first, second = self.widths[index], self.formats[op.id0], self.formats[op.id1]
        shift = op.data + first[2] - second[2]
        lows = max(0, -shift), max(0, shift)
        operands = (op.id0, op.id1)
        highs = [width if self.formats[one][0] else self.widths[one] + low for one, low in zip(operands, lows)]
        joined = [min(self.widths[one], width) for one, low in zip(operands, lows) if not low and self._is_joined(one)]
        return AdderCounts(sums=max(0, min(*highs, width) - max(lows)), joined=sum(joined))

    def _is_joined(self, index: int) -> bool:
        is_sum = self.ops[index].opcode in (*_SUMS, _CONSTANT_SUM)
        return is_sum and self.takers[index] == 1 and index not in self.registered


def _takers(ops: Sequence["Op"]) -> list[int]:
    """How many operations take each result."""
    takers = [0] * len(ops)
    for op in ops:
        if op.opcode in _FIRST:
            continue
        takers[op.id0] += 1
        if op.opcode in _TWO_OPERANDS:
            takers[op.id1] += 1
        if op.opcode in _CHOICES:
            takers[op.data & _KEY] += 1
    return takers
