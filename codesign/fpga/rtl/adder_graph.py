"""AdderGraph: a network as additions of shifted values, without multipliers, by da4ml (Sun et al., arXiv:2507.04535).

The graph works on integer codes: an input is the code of its value in the input type, an output the code in the output
type. Its values equal those of :meth:`codesign.network.Network.emulate`, bit for bit.
"""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import DataError, PrecisionError
from codesign.fpga.rtl.adder_values import activate, requantize, wrap
from codesign.fpga.rtl.da4ml_numbers import exact_da4ml
from codesign.network import FixedLayer, FixedPoint, Network

if TYPE_CHECKING:
    from da4ml.trace import FixedVariableArray
    from da4ml.types import CombLogic

# At most two levels above the shallowest tree: the cheapest setting measured. A third of the time costs 2 % more LUTs.
_SOLVER = {"hard_dc": 2}
_MAX_SUM_BITS = 48  # da4ml finds widths by log2 in double precision, which is exact up to here
_MAX_KERNEL_BITS = 23  # da4ml takes the kernel, and differences of its columns, in single precision
_MAX_INTERPRETED_BITS = 32


@dataclass(frozen=True, eq=False)
class AdderGraph:
    """A network in da4ml's form.

    Args:
        comb: da4ml's list of operations, on integer codes.
        input, output: the types of those codes, per tensor or per element.
        unit_levels: for each layer, (n_out,) adders on the longest path from an input to each of its outputs.
        is_constant: whether no output depends on any input.
    """

    comb: "CombLogic"
    input: FixedPoint
    output: FixedPoint
    unit_levels: tuple[np.ndarray, ...]
    is_constant: bool

    @property
    def adder_cost(self) -> int:
        """da4ml's count of full adders and multiplexers, within a few per cent the LUTs that a synthesis finds."""
        return round(self.comb.cost)

    @property
    def adder_levels(self) -> int:
        """Adders on the critical path, the longest from an input to an output."""
        return ceil(self.comb.latency[1])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Evaluate x, (n_events, n_inputs), to (n_events, n_outputs) float64, by da4ml's interpreter.

        Raises:
            DataError: for a wrong shape.
            PrecisionError: for numbers that the interpreter evaluates wrongly; the Verilog is right with them.
        """
        codes = self.encode(x).astype(np.float64)
        _check_interpreter(self.comb)
        return self.decode(self.comb.predict(codes) if len(codes) else np.zeros((0, self.comb.shape[1])))

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Convert x, (n_events, n_inputs), to int64 codes of the input type.

        Raises:
            DataError: for a wrong shape.
        """
        x = np.asarray(x, float)
        if x.ndim != 2 or x.shape[1] != self.comb.shape[0]:
            raise DataError(f"x: expected shape (n_events, {self.comb.shape[0]}). Received: {x.shape}")
        return np.ascontiguousarray(self.input.to_codes(x))

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Convert codes of the output type, (n_events, n_outputs), to values."""
        return codes * np.exp2(-np.asarray(self.output.fraction, float))


def trace_adder_graph(network: Network) -> AdderGraph:
    """Unroll a network into an adder graph that gives what ``network.emulate`` gives.

    A 16-64-32-32-5 network takes 0.5 s with 40 % of its 6-bit weights, 2 to 3 s dense with 8 bits.

    Args:
        network: with every type set.

    Raises:
        PrecisionError: if products are rounded, if an accumulator may saturate, or if numbers are too wide.
        UnsupportedLayerError: for a sigmoid or tanh whose table is too large.
        ToolError: if da4ml is not installed.
    """
    for fixed in network.fixed_layers:
        _check_layer(fixed)
    source, n_inputs = network.input_precision, network.n_inputs
    with exact_da4ml() as trace:
        low, high = (
            np.broadcast_to(np.asarray(limit, float), n_inputs) for limit in (source.code_low, source.code_high)
        )
        inputs = trace.FixedVariableArray.from_lhs(
            low, high, np.ones(n_inputs), trace.HWConfig(1, -1, -1), 0.0, _SOLVER
        )
        values, unit_levels = inputs, []
        for fixed in network.fixed_layers:
            values = _layer(fixed, values)
            unit_levels.append(np.array([value.latency for value in values]))
        comb = trace.comb_trace(inputs, values, keep_dead_inputs=True)
        is_constant = all(value.low == value.high for value in values)
    return AdderGraph(comb, source, network.output_precision, tuple(unit_levels), is_constant)


def check_adder_graph(network: Network) -> None:
    """Check that a network can be unrolled; it is only traced where its types leave that open.

    Raises:
        PrecisionError, UnsupportedLayerError: as :func:`trace_adder_graph`.
    """
    for fixed in network.fixed_layers:
        _check_layer(fixed)
    if max(fixed.dense.accum.width for fixed in network.fixed_layers) > _MAX_SUM_BITS:
        trace_adder_graph(network)


def _layer(fixed: FixedLayer, codes: "FixedVariableArray") -> "FixedVariableArray":
    """One layer, from codes of its input type to codes of its output type."""
    sums = _accumulate(fixed, codes)
    fraction, results = fixed.dense.accum.fraction, []
    for value, result, output in zip(
        sums, _elements(fixed.dense.output, len(sums)), _elements(fixed.output, len(sums))
    ):
        if fixed.dense.accum.overflow == "WRAP":
            value = wrap(value, fixed.dense.accum)
        value = requantize(value, fraction, result)
        results.append(activate(value, fixed.layer, result, output))
    return type(codes)(np.array(results, dtype=object), codes.solver_options, codes.hwconf)


def _accumulate(fixed: FixedLayer, codes: "FixedVariableArray") -> list:
    """Kernel and bias: sums in steps of the accumulator, before they overflow.

    Inputs that are constant go into the bias (da4ml's solver gave wrong sums with them), and outputs without weights
    are spared the solver.
    """
    name, fractions = fixed.layer.name, np.broadcast_to(fixed.dense.input.type.fraction, fixed.layer.n_in)
    codes, kernel = codes * np.exp2((fractions.max() - fractions).astype(float)), fixed.dense.kernel[0].astype(float)
    constant = np.array([value.low == value.high for value in codes])
    fixed_part = np.array([float(value.low) for value in codes[constant]]) @ kernel[constant]
    live = kernel[~constant].any(axis=0)
    sums = np.full(fixed.layer.n_out, codes[0] * 0.0, dtype=object)
    if live.any():
        sums[live] = (codes[~constant] @ kernel[~constant][:, live])._vars
    sums = (sums + fixed_part) * 2.0 ** (
        fixed.dense.accum.fraction - fixed.dense.product_fraction
    ) + fixed.dense.bias.astype(float)
    widest = max(int(max(-value.low, value.high)).bit_length() for value in sums)
    if widest > _MAX_SUM_BITS:
        raise PrecisionError(
            f"layer '{name}': expected sums within {_MAX_SUM_BITS} bits. Received: {widest}; narrow its types"
        )
    return list(sums)


def _elements(precision: FixedPoint, n: int) -> list[FixedPoint]:
    """The type of each of n elements, each in the form per element, in which a width may be 0."""
    bits = zip(np.broadcast_to(precision.width, n), np.broadcast_to(precision.integer, n))
    modes = (precision.signed, precision.rounding, precision.overflow)
    return [FixedPoint(np.array([width]), np.array([integer]), *modes) for width, integer in bits]


def _check_layer(fixed: FixedLayer) -> None:
    name = fixed.layer.name
    if fixed.dense.rounds_products:
        raise PrecisionError(
            f"layer '{name}': an adder graph cannot round each product to {fixed.dense.accum}; "
            f"give the accumulator {fixed.dense.product_fraction} fraction bits, or leave it open"
        )
    if fixed.dense.may_saturate:
        raise PrecisionError(
            f"layer '{name}': an adder graph cannot saturate at each addition to {fixed.dense.accum}; widen it, or leave it open"
        )
    codes = np.abs(fixed.dense.kernel[0]).max()
    if codes >= 1 << _MAX_KERNEL_BITS:
        bits = int(codes).bit_length()
        limit = f"expected weights within {_MAX_KERNEL_BITS} bits"
        raise PrecisionError(f"layer '{name}': {limit}. Received: {bits}; narrow their type")


def _check_interpreter(comb: "CombLogic") -> None:
    """da4ml 0.6.0 interprets casts and selections of more than 32 signed bits wrongly, and selections by unsigned numbers."""
    from da4ml.types import minimal_kif

    for op in comb.ops:
        cast = op.opcode in (-1, 3, -3) and op.qint.min < 0 and sum(minimal_kif(op.qint)) > _MAX_INTERPRETED_BITS
        key = comb.ops[op.data & 0xFFFFFFFF].qint if op.opcode in (6, -6) else None
        selected = key is not None and (key.min >= 0 or sum(minimal_kif(key)) > _MAX_INTERPRETED_BITS)
        if cast or selected:
            limit = f"expected signed numbers within {_MAX_INTERPRETED_BITS} bits"
            raise PrecisionError(
                f"adder graph: {limit} for da4ml's interpreter; simulate its Verilog instead, or narrow the types"
            )
