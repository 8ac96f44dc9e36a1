"""A dense op: da4ml's solver finds the additions of a kernel, once for all inputs of the same ranges."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import PrecisionError
from codesign.fpga.rtl.adder_values import wrap
from codesign.fpga.rtl.da4ml_codes import INPUT
from codesign.fpga.rtl.traced_ops.traced import TracedNode, cast, check_bits, each
from codesign.network.ops import FixedDense

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable, HWConfig
    from da4ml.types import Pipeline, QInterval

# At most two levels above the shallowest tree: the cheapest setting measured. A third of the time costs 2 % more LUTs.
_SOLVER = {"hard_dc": 2}
_MAX_KERNEL_BITS = 23  # da4ml takes the kernel, and differences of its columns, in single precision


def trace_dense(node: TracedNode, values: np.ndarray) -> np.ndarray:
    """Return what :class:`codesign.network.ops.FixedDense` gives.

    Raises:
        PrecisionError: see :func:`check_dense`, and for sums that are too wide.
    """
    fixed = node.fixed
    check_dense(fixed)
    rows = values.reshape(-1, values.shape[-1])
    fractions = np.broadcast_to(fixed.input.type.fraction, values.shape).reshape(rows.shape)
    found = np.empty((len(rows), fixed.kernel[0].shape[1]), dtype=object)
    for index, (row, bits) in enumerate(zip(rows, fractions)):
        found[index] = _accumulate(fixed, row * np.exp2((fractions.max() - bits).astype(float)))
    check_bits(found)
    if fixed.accum.overflow == "WRAP":
        found = each(lambda value: wrap(value, fixed.accum), found)
    return cast(found.reshape(*values.shape[:-1], -1), fixed.accum.fraction, fixed.output)


def check_dense(fixed: FixedDense) -> None:
    """Check that sums can be built from shifts and additions alone.

    Raises:
        PrecisionError: if products are rounded, if the accumulator may saturate, or if weights are too wide.
    """
    if fixed.rounds_products:
        raise PrecisionError(
            f"an adder graph cannot round each product to {fixed.accum}; "
            f"give the accumulator {fixed.product_fraction} fraction bits, or leave it open"
        )
    if fixed.may_saturate:
        raise PrecisionError(
            f"an adder graph cannot saturate at each addition to {fixed.accum}; widen it, or leave it open"
        )
    codes = np.abs(fixed.kernel[0]).max()
    if codes >= 1 << _MAX_KERNEL_BITS:
        bits = int(codes).bit_length()
        raise PrecisionError(f"expected weights within {_MAX_KERNEL_BITS} bits. Received: {bits}; narrow their type")


def _accumulate(fixed: FixedDense, codes: np.ndarray) -> np.ndarray:
    """Kernel and bias at one position: sums in steps of the accumulator, before they overflow.

    Inputs that are constant go into the bias (da4ml's solver gave wrong sums with them), and outputs without weights
    are spared the solver.
    """
    kernel = fixed.kernel[0].astype(float)
    constant = np.array([value.low == value.high for value in codes])
    fixed_part = np.array([float(value.low) for value in codes[constant]]) @ kernel[constant]
    live = kernel[~constant].any(axis=0)
    sums = np.full(kernel.shape[1], codes[0] * 0.0, dtype=object)
    if live.any():
        sums[live] = _added(_SOLUTIONS.of(kernel[~constant][:, live], codes[~constant]), codes[~constant])
    return (sums + fixed_part) * 2.0 ** (fixed.accum.fraction - fixed.product_fraction) + fixed.bias.astype(float)


class _Solutions:
    """The additions of kernels that were solved last: sweeps, and positions of an image, come back to the same ones.

    They depend on the kernel, and on the ranges and levels of what it takes.
    """

    def __init__(self, most_operations: int) -> None:
        self._found: OrderedDict[tuple, Pipeline] = OrderedDict()
        self._most, self._size = most_operations, 0

    def of(self, kernel: np.ndarray, codes: np.ndarray) -> "Pipeline":
        """Return ``codes @ kernel`` as additions."""
        matrix, hardware = np.ascontiguousarray(kernel.astype(np.float32)), codes[0].hwconf
        ranges, levels = tuple(value.qint for value in codes), tuple(float(value.latency) for value in codes)
        key = (matrix.shape, matrix.tobytes(), ranges, levels, hardware)
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        found = self._found[key] = _solve(matrix, ranges, levels, hardware)
        self._size += _operations(found)
        while self._size > self._most and len(self._found) > 1:
            self._size -= _operations(self._found.popitem(last=False)[1])
        return found


_SOLUTIONS = _Solutions(most_operations=200_000)  # about 60 MB


def _operations(solution: "Pipeline") -> int:
    return sum(len(stage.ops) for stage in solution.solutions)


def _solve(
    matrix: np.ndarray, ranges: Sequence["QInterval"], levels: Sequence[float], hardware: "HWConfig"
) -> "Pipeline":
    from da4ml.cmvm import solve

    sizes = {"adder_size": hardware.adder_size, "carry_size": hardware.carry_size}
    return solve(matrix, qintervals=list(ranges), latencies=list(levels), **sizes, **_SOLVER)


def _added(solution: "Pipeline", codes: np.ndarray) -> np.ndarray:
    """Apply a solution, all of it additions, as ``solution(codes)`` does: that multiplies by ones most of its time."""
    for stage in solution.solutions:
        values: list[FixedVariable] = []
        for first, second, opcode, shift, *_ in stage.ops:
            if opcode == INPUT:
                values.append(_scaled(codes[first], stage.inp_shifts[first]))
            else:
                other = _scaled(values[second], shift)
                values.append(values[first] - other if opcode else values[first] + other)
        codes = np.empty(len(stage.out_idxs), dtype=object)
        for place, (index, shift, negative) in enumerate(zip(stage.out_idxs, stage.out_shifts, stage.out_negs)):
            value = _scaled(values[index], shift) if index >= 0 else values[0] * 0.0
            codes[place] = -value if negative else value
    return codes


def _scaled(value: "FixedVariable", shift: int) -> "FixedVariable":
    return value * 2.0**shift if shift else value
