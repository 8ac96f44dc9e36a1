"""A Network in its fixed-point types as a QONNX file: a Quant node behind each input, constant and rounded value.

QONNX (github.com/fastmachinelearning/qonnx) rounds and saturates. What it cannot say is in the file's metadata, from
which :mod:`codesign.read.onnx` restores it: types that wrap, which saturate in the file; tables of sigmoid, tanh and
softmax, which are the functions there; accumulators; widths that differ from value to value, all the widest there.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from types import MappingProxyType

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.errors import UnsupportedLayerError
from codesign.export.onnx.file import content_of, named_ends
from codesign.export.onnx.graph import OnnxGraph
from codesign.export.onnx.ops import WRITERS
from codesign.export.onnx.packed_types import packed, packed_op, packed_types
from codesign.export.op_table import function_of
from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import (
    Activation,
    Affine,
    ConstantTypes,
    Dense,
    Embedding,
    FixedOp,
    Mean,
    Patches,
    Quantize,
    Shape,
)
from codesign.network.ops.functions import CURVES, OVER_AXIS
from codesign.network.storage.graph import pack_value
from codesign.network.types.exact_type import limit_type
from codesign.read.names import Names

DOMAIN = "qonnx.custom_op.general"
METADATA = "codesign_types"
_ROUNDINGS = {"TRN": "FLOOR", "RND_CONV": "ROUND"}
# One node of ONNX each, which hls4ml has too; other curves are tables where their input is narrow enough.
_NATIVE = ("sigmoid", "tanh", "softmax", "log_softmax", "elu", "selu", "softplus", "softsign")
_SINGLE = ("celu", "exponential", "log", "sqrt", "reciprocal", "erf", "mish", "sin", "cos", "atan")
_WIDEST_TABLE = 16
_INT64 = 7
_CURE = "generate C++ of the integers, or save the network as JSON"


@checked
def write_qonnx(
    network: Network,
    path: str | PathLike,
    *,
    name: str = "network",
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
) -> None:
    """Write a network with its fixed-point types; reading it back gives the same integers.

    Args:
        network: with types: from QKeras or HGQ2, from firmware, or from ``quantize_network``.
        name: of the graph.
        input_names, output_names: of each value; ``x0, x1, ...`` and ``y0, y1, ...`` by default.

    Raises:
        DataError: if the place is not writable, or for names that do not fit.
        EnvironmentSetupError: without the package onnx.
        PrecisionError: for a network without types.
        UnsupportedLayerError: for an op that QONNX lacks; it names the node.

    Example:
        >>> import numpy as np
        >>> from codesign import DenseLayer, Network, load_network, quantize_network, write_qonnx
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.0])])
        >>> typed = quantize_network(network, np.ones((4, 2)), weights=4, activations=8)
        >>> write_qonnx(typed, "tagger.onnx")
        >>> load_network("tagger.onnx").emulate([[1.0, 1.0]]).tolist() == typed.emulate([[1.0, 1.0]]).tolist()
        True
    """
    names = Names(name, tuple(input_names), tuple(output_names)).of(network)
    inputs, outputs = named_ends(network)
    writer = _Writer(OnnxGraph(network.shapes), network.fixed_ops)
    values = {}
    for one, given in zip(network.inputs, inputs):
        writer.graph.begin(one.name)
        values[one.name] = writer.quantised(given, one.precision, one.shape)
        writer.stated["inputs"][given] = packed(one.precision, one.shape)
    for node in network.nodes:
        writer.graph.begin(node.name)
        values[node.name] = writer.written(node, [values[one] for one in node.inputs])
    writer.graph.name_outputs(dict(zip(outputs, (values[one] for one in network.outputs))), set(inputs))
    metadata = {"input_names": "\n".join(names.inputs), "output_names": "\n".join(names.outputs)}
    metadata[METADATA] = json.dumps(writer.stated)
    replace_file(path, content_of(writer.graph, name, (inputs, outputs), metadata, domains=(DOMAIN,)), "the network")


@dataclass
class _Writer:
    """A graph that grows, and what its metadata state.

    Args:
        graph: of ONNX.
        fixed: ops in integers, by node.
        stated: types by ONNX's names: of inputs, and of nodes.
    """

    graph: OnnxGraph
    fixed: Mapping[str, FixedOp]
    stated: dict = field(default_factory=lambda: {"inputs": {}, "nodes": {}})

    def written(self, node: Node, values: list[str]) -> str:
        """Append a node, and the Quant of its type; return the name of what it gives."""
        shapes = [self.graph.shapes[one] for one in node.inputs]
        if type(node.op) in _OWN:
            value, is_rounded = _OWN[type(node.op)](self, node, values, shapes)
        else:
            write = function_of(node, WRITERS, "QONNX", _CURE)
            value, is_rounded = write(self.graph, node.op, values, shapes), False
        if node.output is None and not is_rounded:
            return value
        return self.quantised(value, self.fixed[node.name].output, self.graph.shapes[node.name])

    def quantised(self, value: str | np.ndarray, kind: FixedPoint, shape: Shape) -> str:
        """Append a Quant of a type; where widths differ from value to value, of the widest."""
        rounding = kind.rounding
        if rounding == "RND":  # half up is a half more, cut off
            half = 0.5 * np.exp2(-np.asarray(kind.fraction, np.float64)).astype(np.float32)
            if isinstance(value, str):
                value = self.graph.step("Add", value, half)
                self.stated["nodes"][value] = {"is_half": True}
            rounding = "TRN"
        signed = bool(np.any(kind.signed))
        bits = np.max(np.asarray(kind.width) + (signed & ~np.asarray(kind.signed, bool)))
        scale = np.exp2(-np.asarray(kind.fraction, np.float64)).astype(np.float32)
        found = self.graph.step(
            "Quant",
            value,
            np.broadcast_to(scale, shape).copy() if scale.ndim else scale,
            np.float32(0),
            np.float32(max(1 + signed, bits)),  # one bit with a sign is -1 and 1 in QONNX
            signed=int(signed),
            narrow=int(signed and kind.overflow == "SAT_SYM"),
            rounding_mode=_ROUNDINGS[rounding],
            domain=DOMAIN,
        )
        if isinstance(value, str):
            self.stated["nodes"][found] = {"output": packed(kind, shape)}
        return found

    def type_of(self, node: Node) -> object:
        """Return a node's type as JSON has it."""
        return packed(self.fixed[node.name].output, self.graph.shapes[node.name])

    def constant(self, values: np.ndarray, kind: FixedPoint) -> str:
        """Append constants in their type."""
        return self.quantised(kind.quantize(values).astype(np.float32), kind, values.shape)


def _dense(writer: _Writer, node: Node, values: list[str], shapes: list[Shape]) -> tuple[str, bool]:
    op, graph = node.op, writer.graph
    kernel = writer.constant(op.kernel, op.types.weight)
    product = graph.step("MatMul", values[0], kernel)
    writer.stated["nodes"][product] = {"types": packed_types(op.types, op.kernel, op.bias)}
    return graph.step("Add", product, writer.constant(op.bias, op.types.bias)), op.types.accum is not None


def _affine(writer: _Writer, node: Node, values: list[str], shapes: list[Shape]) -> tuple[str, bool]:
    op, graph, one = node.op, writer.graph, FixedPoint(2, 2)
    product = graph.step("Mul", values[0], writer.constant(op.factor, op.types.weight))
    found = graph.step("Add", product, writer.constant(op.offset, op.types.bias))
    writer.stated["nodes"][product] = {"types": packed_types(ConstantTypes(op.types.weight, one), op.factor, op.factor)}
    writer.stated["nodes"][found] = {"types": packed_types(ConstantTypes(one, op.types.bias), op.offset, op.offset)}
    return found, False


def _activation(writer: _Writer, node: Node, values: list[str], shapes: list[Shape]) -> tuple[str, bool]:
    """One node where ONNX has the function; else a table of all that the input can be."""
    op, write = node.op, WRITERS[Activation]
    kind = writer.fixed[node.inputs[0]].output if node.inputs[0] in writer.fixed else None
    is_wide = kind is not None and (kind.per_element or kind.width > _WIDEST_TABLE)
    if op.function in _NATIVE or (op.function in _SINGLE and is_wide):
        found = write(writer.graph, op, values, shapes)
        writer.stated["nodes"][found] = {"activation": packed_op(op), "output": writer.type_of(node)}
        return found, True
    if op.function in (*CURVES, *OVER_AXIS):
        return _looked_up(writer, node, values[0]), False
    given = {name: getattr(op, name) for name in ("max_value", "min_value", "threshold") if getattr(op, name)}
    op = replace(op, **{name: float(limit_type(value).quantize(value)) for name, value in given.items()})
    op = replace(op, slope=float(op.slope_type.quantize(op.slope))) if op.slope else op
    found = write(writer.graph, op, values, shapes)
    if op.function == "relu" and op.max_value is not None:  # whose limit may lie between what its input can be
        writer.stated["nodes"][found] = {"output": writer.type_of(node)}
    return found, False


def _looked_up(writer: _Writer, node: Node, value: str) -> str:
    """What integers give for each code that the input can have, in the type of the output."""
    bound, graph = writer.fixed[node.name], writer.graph
    kind = bound.input
    if kind.per_element or kind.width > _WIDEST_TABLE or bound.output.per_element:
        raise UnsupportedLayerError(
            f"node '{node.name}': expected an input of one type of at most {_WIDEST_TABLE} bits, for a table of "
            f"{node.op.name}. Received: {kind}; round it before"
        )
    codes = np.arange(kind.code_low, kind.code_high + 1)
    entries = bound.forward(codes[np.newaxis])[0] * np.exp2(-float(bound.output.fraction))
    steps = graph.step("Mul", value, np.float32(np.exp2(float(kind.fraction))))
    place = graph.step("Cast", graph.step("Sub", steps, np.float32(kind.code_low)), to=_INT64)
    return graph.step("Gather", entries.astype(np.float32), place, axis=0)


def _embedding(writer: _Writer, node: Node, values: list[str], shapes: list[Shape]) -> tuple[str, bool]:
    op = replace(node.op, table=node.op.type.quantize(node.op.table))
    return WRITERS[Embedding](writer.graph, op, values, shapes), False


def _mean(writer: _Writer, node: Node, values: list[str], shapes: list[Shape]) -> tuple[str, bool]:
    found = WRITERS[Mean](writer.graph, node.op, values, shapes)
    writer.stated["nodes"][found] = {"accum": pack_value(node.op.accum), "output": writer.type_of(node)}
    return found, True


def _patches(writer: _Writer, node: Node, values: list[str], shapes: list[Shape]) -> tuple[str, bool]:
    """Gathers, of which the metadata say that they are the patches of a convolution."""
    found = WRITERS[Patches](writer.graph, node.op, values, shapes)
    writer.stated["nodes"][found] = {"patches": packed_op(node.op), "of": list(shapes[0])}
    return found, False


def _rounded(writer: _Writer, node: Node, values: list[str], shapes: list[Shape]) -> tuple[str, bool]:
    """In integers a trained quantizer only casts to the design's type."""
    return values[0], False


_OWN: Mapping[type, Callable[..., tuple[str, bool]]] = MappingProxyType(
    {
        Dense: _dense,
        Affine: _affine,
        Activation: _activation,
        Embedding: _embedding,
        Mean: _mean,
        Patches: _patches,
        Quantize: _rounded,
    }
)
