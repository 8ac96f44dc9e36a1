"""AdderGraph: a network as additions of shifted values, without multipliers, by da4ml (Sun et al., arXiv:2507.04535).

The graph works on integer codes: an input is the code of its value in the input type, an output the code in the output
type. Its values equal those of :meth:`codesign.network.Network.emulate`, bit for bit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import CodesignError, ConfigError, PrecisionError
from codesign.fpga.rtl import da4ml_codes
from codesign.fpga.rtl.da4ml_numbers import exact_da4ml
from codesign.fpga.rtl.operations import Operation, gather_operations
from codesign.fpga.rtl.stages import cut_into_stages
from codesign.fpga.rtl.traced_ops import TracedNode, check_op, traced
from codesign.network import Network, Node
from codesign.network.ops import Tensor
from codesign.network.ops.activation import TABLES

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable, FixedVariableArray
    from da4ml.types import CombLogic, Pipeline

_MAX_INTERPRETED_BITS = 32


@dataclass(frozen=True, eq=False)
class AdderGraph:
    """A network in da4ml's form; its inputs lie side by side, each flattened, and so do its outputs.

    Args:
        comb: da4ml's list of operations, on integer codes.
        network: whose function it is, with every type set.
        unit_levels: for each layer with weights, by name, (n_out,) adders on the longest path from an input to each of
            its outputs, at any of its positions.
        is_constant: whether no output depends on any input.
        operations: what the outputs depend on, each with its layer.
    """

    comb: "CombLogic"
    network: Network
    unit_levels: Mapping[str, np.ndarray]
    is_constant: bool
    operations: tuple[Operation, ...]
    _pipelines: dict[int, "Pipeline"] = field(default_factory=dict)

    @property
    def adder_cost(self) -> int:
        """LUTs, about: da4ml's count of full adders and multiplexers."""
        return round(self.comb.cost)

    def lut(self, lut_per_adder_cost: float, _levels_per_stage: int = 1) -> float:
        """Return the LUTs, of so many for each of :attr:`adder_cost`, whatever the pipeline."""
        return lut_per_adder_cost * self.adder_cost

    def at(self, levels_per_stage: int) -> "Pipeline":
        """Return da4ml's pipeline: one list of operations for each stage. It is cut once, and kept.

        Args:
            levels_per_stage: adders between two registers, at most.

        Raises:
            ConfigError: for less than one level per stage.
        """
        if levels_per_stage < 1:
            raise ConfigError(f"adder_levels_per_stage: expected at least 1. Received: {levels_per_stage}")
        if levels_per_stage not in self._pipelines:
            with exact_da4ml():
                self._pipelines[levels_per_stage] = cut_into_stages(self.comb, levels_per_stage)
        return self._pipelines[levels_per_stage]

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers in the order of evaluation: those with weights, and nodes that belong to none of them."""
        return tuple(_by_layer(self.network, {}))

    @property
    def adder_levels(self) -> int:
        """Adders on the longest way from an input to an output."""
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
        """Convert x, (n_events, n_inputs), to int64 codes of the types of the inputs.

        Raises:
            DataError: for a wrong shape.
        """
        return np.ascontiguousarray(self.network.encode(x))

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Convert codes of the output types, (n_events, n_outputs), to values."""
        return codes * np.exp2(-np.asarray(self.network.output_precision.fraction, float))


def trace_adder_graph(network: Network) -> AdderGraph:
    """Unroll a network into an adder graph that gives what ``network.emulate`` gives.

    A 16-64-32-32-5 network takes 0.5 s with 40 % of its 6-bit weights, 2 to 3 s dense with 8 bits.

    Args:
        network: with every type set.

    Raises:
        PrecisionError: if products are rounded, if an accumulator may saturate, or if numbers are too wide.
        UnsupportedLayerError: for what no adder graph has, such as an embedding of more than 1,024 entries; it names
            the node.
        ToolError: if da4ml is not installed.
    """
    _ = network.fixed_ops  # a network without types is an error before da4ml is looked for
    with exact_da4ml() as trace:
        hardware = trace.HWConfig(1, -1, -1)
        inputs = trace.FixedVariableArray.from_lhs(*_code_limits(network), np.ones(network.n_inputs), hardware, 0.0)
        values = _trace_nodes(network, inputs)
        outputs = np.concatenate([np.ravel(values[name]) for name in network.outputs])
        comb = trace.comb_trace(inputs, trace.FixedVariableArray(outputs, hwconf=hardware), keep_dead_inputs=True)
        is_constant = all(value.low == value.high for value in outputs)
    levels = {group.dense.name: _levels(values[group.last.name]) for group in network.groups}
    operations = gather_operations(_by_layer(network, values), outputs)
    return AdderGraph(comb, network, levels, is_constant, operations)


def check_adder_graph(network: Network) -> None:
    """Check that a network can be unrolled; it is only traced where its types leave that open.

    Raises:
        PrecisionError, UnsupportedLayerError: as :func:`trace_adder_graph`.
    """
    types, is_open = network.types, False
    for node in network.nodes:
        with _named(network, node.name):
            is_open |= check_op(node, network.fixed_ops[node.name], [types[name] for name in node.inputs])
    if is_open:
        trace_adder_graph(network)


def _trace_nodes(network: Network, inputs: "FixedVariableArray") -> dict[str, np.ndarray]:
    """Return the traced values of every input and node, each of its tensor's shape."""
    values = {name: one[0] for name, one in network.input_layout.split(inputs._vars[np.newaxis]).items()}
    types, shapes, bound, joined = network.types, network.shapes, network.fixed_ops, _joined_activations(network)
    for node in network.nodes:
        if node in joined.values():
            continue
        fixed, last = bound[node.name], node
        if node.name in joined:
            node = joined[node.name]
            tensors = [Tensor(shapes[name], types[name]) for name in node.inputs]
            fixed = node.op.bind(tensors, fixed.output)
        one = TracedNode(node.op, fixed, tuple(types[name] for name in node.inputs))
        with _named(network, node.name):
            values[last.name] = traced(one, *(values[name] for name in node.inputs))
    return values


def _by_layer(network: Network, values: Mapping[str, np.ndarray]) -> dict[str, list["FixedVariable"]]:
    """The traced values of each layer: a node with weights has its activation and quantizer with it."""
    layer = {name: group.dense.name for group in network.groups for name in group.names}
    found: dict[str, list] = {}
    for node in network.nodes:
        found.setdefault(layer.get(node.name, node.name), []).extend(np.ravel(values.get(node.name, ())))
    return found


def _joined_activations(network: Network) -> dict[str, Node]:
    """Activations whose own cast loses nothing, by the quantizer that alone takes them: its cast is the only one."""
    pairs = [(group.activation, group.quantizer) for group in network.groups if group.activation and group.quantizer]
    return {
        quantizer.name: node
        for node, quantizer in pairs
        if node.output == (node.op.table if node.op.function in TABLES else None)
    }


@contextmanager
def _named(network: Network, name: str) -> Iterator[None]:
    """Name the layer in an error: that of a dense op names its activation too."""
    try:
        yield
    except CodesignError as error:
        layer = next((group.dense.name for group in network.groups if name in group.names), name)
        raise type(error)(f"layer '{layer}': {error}") from None


def _code_limits(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """(n_inputs,) float64 each: the smallest and the largest code of every input."""
    kinds = {one.name: one.precision for one in network.inputs}
    return tuple(
        network.input_layout.join(
            {
                name: np.broadcast_to(getattr(kinds[name], limit), (1, *shape))
                for name, shape in network.input_layout.shapes.items()
            }
        )[0].astype(float)
        for limit in ("code_low", "code_high")
    )


def _levels(values: np.ndarray) -> np.ndarray:
    """(n_out,) adders on the longest way to each output of a layer, at any position."""
    return np.array([value.latency for value in values.flat]).reshape(-1, values.shape[-1]).max(0)


def _check_interpreter(comb: "CombLogic") -> None:
    """da4ml 0.6.0 interprets casts and selections above 32 signed bits wrongly, and selections by unsigned numbers."""
    from da4ml.types import minimal_kif

    for op in comb.ops:
        cast = op.opcode in da4ml_codes.CASTS and op.qint.min < 0 and sum(minimal_kif(op.qint)) > _MAX_INTERPRETED_BITS
        key = comb.ops[op.data & da4ml_codes.KEY].qint if op.opcode in da4ml_codes.CHOICES else None
        selected = key is not None and (key.min >= 0 or sum(minimal_kif(key)) > _MAX_INTERPRETED_BITS)
        if cast or selected:
            limit = f"expected signed numbers within {_MAX_INTERPRETED_BITS} bits"
            raise PrecisionError(
                f"adder graph: {limit} for da4ml's interpreter; simulate its Verilog instead, or narrow the types"
            )
