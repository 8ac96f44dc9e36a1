"""The stages of a pipeline: a list of operations cut at multiples of so many adder levels, and evened out.

The result is that of da4ml's ``to_pipeline``, operation by operation (but for the cost that it counts of a table, which
no Verilog depends on). That one traces all operations anew for each number of levels that it tries; here they are only
cut again, unless one of them would have to wait for a cut.
"""

from math import ceil, floor
from typing import TYPE_CHECKING

from codesign.fpga.rtl import da4ml_codes

if TYPE_CHECKING:
    from da4ml.types import CombLogic, Pipeline

_SLACK = 1e-9  # da4ml's own


def cut_into_stages(comb: "CombLogic", levels_per_stage: int) -> "Pipeline":
    """Return the pipeline of a list of operations, within :func:`codesign.fpga.rtl.da4ml_numbers.exact_da4ml`.

    Args:
        comb: the operations.
        levels_per_stage: adder levels between two registers, at most; as few as leave the number of stages.
    """
    from da4ml.trace import to_pipeline
    from da4ml.trace.pipeline import retime_pipeline
    from da4ml.trace.tracer import dead_statement_elimination

    pipeline = to_pipeline(comb, levels_per_stage, retiming=False, verbose=False)
    stages, last = len(pipeline.solutions), max(comb.ops[index].latency for index in comb.out_idxs)
    high = max(max(stage.out_latency) / (index + 1) for index, stage in enumerate(pipeline.solutions))
    low, best = max(pipeline.out_latencies) / stages, None
    spans = _spans(comb) if high - low > 1 else set()
    while high - low > 1:
        levels = (high + low) // 2
        if any(_waits(begin, end, levels) for begin, end in spans):
            return retime_pipeline(pipeline, verbose=False)
        if floor(last / (levels + _SLACK)) < stages:
            high = best = levels
        else:
            low = levels
    if best is None:
        return pipeline
    return to_pipeline(dead_statement_elimination(comb), best, retiming=False, verbose=False)


def _spans(comb: "CombLogic") -> set[tuple[float, float]]:
    """Adder levels at which operations begin and end, of those that take any."""
    spans = set()
    for op in comb.ops:
        if op.opcode in da4ml_codes.WITHOUT_OPERANDS:
            continue
        operands = [
            op.id0,
            *([op.id1] if op.id1 >= 0 else []),
            *([op.data & da4ml_codes.KEY] if op.opcode in da4ml_codes.CHOICES else []),
        ]
        begin = max(comb.ops[index].latency for index in operands)
        if op.latency > begin:
            spans.add((begin, op.latency))
    return spans


def _waits(begin: float, end: float, levels: float) -> bool:
    """Whether an operation that would cross a cut begins behind it instead, or is longer than a stage."""
    cut = ceil(begin / levels)
    return end - begin > levels or ceil(end / levels) > cut and cut * levels != begin
