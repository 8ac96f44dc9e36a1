"""Graph: nodes, their inputs and outputs, and their evaluation in floating point and in integers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.interpreter import bind_nodes, blocks, last_uses, run
from codesign.network.layout import Layout
from codesign.network.node import Input, Node, check_all_used, infer_shapes, sorted_nodes
from codesign.network.ops import FixedOp, Op, Quantize, Shape, Table
from codesign.network.types.fixed_point import FixedPoint


@dataclass(frozen=True, eq=False)
class Graph:
    """A directed acyclic graph of operations: a :class:`codesign.network.Network` without files and Keras."""

    nodes: tuple[Node, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.nodes or not self.inputs:
            raise UnsupportedLayerError("nodes, inputs: expected at least one each. Received: none")
        object.__setattr__(self, "inputs", tuple(self.inputs))
        object.__setattr__(self, "outputs", tuple(self.outputs))
        object.__setattr__(self, "nodes", sorted_nodes(self.inputs, self.nodes))
        check_all_used(self.nodes, self.outputs)
        object.__setattr__(self, "_shapes", infer_shapes(self.inputs, self.nodes))

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every input and node, events not counted."""
        return dict(self._shapes)

    @cached_property
    def input_layout(self) -> Layout:
        """How the inputs lie side by side."""
        return Layout({one.name: one.shape for one in self.inputs})

    @cached_property
    def output_layout(self) -> Layout:
        """How the outputs lie side by side."""
        return Layout({name: self._shapes[name] for name in self.outputs})

    @property
    def n_inputs(self) -> int:
        """Values of an event, of all inputs."""
        return self.input_layout.size

    @property
    def n_outputs(self) -> int:
        """Values of all outputs."""
        return self.output_layout.size

    @property
    def input_precision(self) -> FixedPoint | None:
        """Type of the inputs side by side, or None if one has none."""
        types = {one.name: one.precision for one in self.inputs}
        return None if None in types.values() else self.input_layout.join_types(types)

    @cached_property
    def fixed_ops(self) -> dict[str, FixedOp]:
        """Every node's op in integers, with every type worked out.

        Raises:
            PrecisionError: if any type is missing or too wide.
        """
        if any(one.precision is None for one in self.inputs):
            raise PrecisionError(
                "input_precision: expected a fixed-point type. Received: none; call quantize_network(network, x, ...) "
                "first"
            )
        return bind_nodes(self.inputs, self.nodes, self._shapes)

    @property
    def types(self) -> dict[str, FixedPoint]:
        """The type of every input and node in a design."""
        return {one.name: one.precision for one in self.inputs} | {
            name: op.output for name, op in self.fixed_ops.items()
        }

    @property
    def output_precision(self) -> FixedPoint:
        """Type of the outputs of :meth:`emulate`, side by side."""
        return self.output_layout.join_types({name: self.fixed_ops[name].output for name in self.outputs})

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Evaluate in float64 the function that was trained.

        Its weights, activations and quantizers, not a design's types.

        Args:
            x: (n_events, n_inputs).

        Returns:
            (n_events, n_outputs) float64; :meth:`split_outputs` gives each output by its name.
        """
        x = self.check_events(x)
        last = last_uses(self.nodes, self.outputs)
        found = []
        for block in blocks(len(x), self._shapes, len(x)):
            values = run(self.nodes, self.input_layout.split(x[block]), _evaluate, self.outputs, last)
            found.append(self.output_layout.join(values))
        return found[0] if len(found) == 1 else np.concatenate(found)

    def trace(self, x: np.ndarray, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Evaluate as :meth:`predict` does, to the values of inputs and nodes, (n_events, *shape).

        Args:
            x: (n_events, n_inputs).
            names: of the nodes; None: all.
        """
        x = self.check_events(x)
        values = self.input_layout.split(x)
        names = [node.name for node in self.nodes] if names is None else [name for name in names if name not in values]
        parts = [
            run(self.nodes, self.input_layout.split(x[block]), _evaluate, names)
            for block in blocks(len(x), self._shapes, len(x))
        ]
        found = parts[0] if len(parts) == 1 else {name: np.concatenate([one[name] for one in parts]) for name in names}
        return values | found

    @property
    def has_trained_types(self) -> bool:
        """Whether the training left fixed-point types: of weights, or behind activations, or of the inputs.

        Tables have those of their entries.
        """
        ops = [node.op for node in self.nodes]
        return any(isinstance(op, Quantize | Table) or getattr(op, "types", None) is not None for op in ops)

    def emulate(self, x: np.ndarray) -> np.ndarray:
        """Evaluate in integers, bit for bit what hls4ml's C simulation and the RTL give.

        Args:
            x: (n_events, n_inputs); converted to the types of the inputs first.

        Returns:
            (n_events, n_outputs) float64, each an exact multiple of the output type's step.

        Raises:
            DataError: for a wrong shape, NaN or inf.
            PrecisionError: if types are missing.
        """
        output_step = np.exp2(-np.asarray(self.output_precision.fraction, float))
        return self.emulate_codes(self.encode(x)) * output_step

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Convert x, (n_events, n_inputs), to int64 codes of the types of the inputs."""
        values = self.input_layout.split(self.check_events(x))
        return self.input_layout.join({one.name: one.precision.to_codes(values[one.name]) for one in self.inputs})

    def emulate_codes(self, codes: np.ndarray) -> np.ndarray:
        """Evaluate int64 codes of the inputs, (n_events, n_inputs), to codes of `output_precision`."""
        out, bound = np.empty((len(codes), self.n_outputs), np.int64), self.fixed_ops
        last = last_uses(self.nodes, self.outputs)
        for block in blocks(len(codes), self._shapes):
            values = self.input_layout.split(codes[block])
            found = run(self.nodes, values, lambda node: bound[node.name].forward, self.outputs, last)
            out[block] = self.output_layout.join(found)
        return out

    def split_outputs(self, outputs: np.ndarray) -> dict[str, np.ndarray]:
        """Return (n_events, n_outputs) by the names of the outputs, each (n_events, *shape)."""
        return self.output_layout.split(np.asarray(outputs))

    def with_ops(self, ops: Mapping[str, Op]) -> Self:
        """Return this network with other ops in some of its nodes, by their names."""
        nodes = tuple(replace(node, op=ops.get(node.name, node.op)) for node in self.nodes)
        return replace(self, nodes=nodes)

    def check_events(self, x: np.ndarray) -> np.ndarray:
        """Return x as (n_events, n_inputs) float64.

        Raises:
            DataError: for a wrong shape, NaN or inf.
        """
        return self.input_layout.check_events(x)


def _evaluate(node: Node) -> Callable[..., np.ndarray]:
    return node.op.evaluate
