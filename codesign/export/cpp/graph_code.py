"""The C++ of a graph: one call per node, on values that lie in one array."""

from math import prod

from codesign.errors import UnsupportedLayerError
from codesign.export.cpp.code import Code
from codesign.export.cpp.function_code import OF_CURVES, OF_LANES
from codesign.export.cpp.graph_buffers import INPUTS, OUTPUTS, Buffers, fused_activation, share_buffers
from codesign.export.cpp.graph_ops import WRITERS, Place
from codesign.export.op_table import function_of
from codesign.network import Layout, Network, Node
from codesign.network.ops import PLACES, TABLE_OPS, Activation, ArgMax, Compare, MatMul, Op, Quantize, Select
from codesign.network.summary import size_text

_MOST_VALUES = 2**16  # at one time: on the stack, 64 bytes each
_CURE = "write ONNX or TFLite"
_FUNCTIONS = (*PLACES, MatMul, Compare, Select, ArgMax)  # which stand in a part of their own


def graph_code(network: Network) -> Code:
    """Return the parts of a header.

    Args:
        network: in single precision.

    Raises:
        UnsupportedLayerError: for an op that the C++ lacks: it names the node; or for more values than the stack holds.
    """
    buffers = share_buffers(network)
    if buffers.size > _MOST_VALUES:
        received = f"{buffers.size:,}; {_CURE}"
        raise UnsupportedLayerError(
            f"C++: expected a graph that keeps {_MOST_VALUES:,} values of an event at most. Received: {received}"
        )
    found = [_written(network, node, index, buffers) for index, node in enumerate(network.nodes)]
    outputs, result = _collected(network, buffers)
    calls = [call for _, own in found for call in own] + outputs
    text, source = "".join(f"  {call}\n" for call in calls), _at(buffers, INPUTS)
    read = f"to_columns<n_inputs, M, false>(events + m * widest * n_inputs, {source} + m, none);"
    write = f"to_rows<n_outputs, M>({result} + m, outputs + m * widest * n_outputs);"
    return Code(
        title=size_text(network).replace("\\", "/"),
        live_weights=0,
        widest=buffers.size,
        has_roundings=_has(network, (Quantize, *TABLE_OPS)),
        functions="".join(definition for definition, _ in found),
        block=f"  Wide w[{buffers.size} * M], none = {{}};\n  for (int m = 0; m < M; ++m) {read}\n{text}"
        f"  for (int m = 0; m < M; ++m) {write}",
        event=f"  constexpr int M = 1;\n  alignas(64) float w[{buffers.size}];\n"
        f"  std::memcpy({source}, x, n_inputs * sizeof(float));\n{text}"
        f"  std::memcpy(outputs, {result}, n_outputs * sizeof(float));",
        runtime=("runtime_graph.hpp", *_further_parts(network)),
        places=_places(network),
    )


def _further_parts(network: Network) -> tuple[str, ...]:
    """The parts of the runtime that some ops ask for."""
    functions = {node.op.function for node in network.nodes if isinstance(node.op, Activation)}
    curves = not functions.isdisjoint(OF_CURVES)
    asks = curves or _has(network, _FUNCTIONS) or not functions.isdisjoint((*OF_LANES, "log_softmax"))
    parts = ("runtime_functions.hpp",) * asks + ("runtime_curves.hpp",) * curves
    return parts + ("runtime_tables.hpp",) * _has(network, TABLE_OPS)


def _has(network: Network, ops: tuple[type[Op], ...]) -> bool:
    return any(isinstance(node.op, ops) for node in network.nodes)


def _collected(network: Network, buffers: Buffers) -> tuple[list[str], str]:
    """Return the calls that put several outputs side by side, and where the outputs are."""
    if len(network.outputs) == 1:
        return [], _at(buffers, network.outputs[0])
    result, start, calls = _at(buffers, OUTPUTS), 0, []
    for name, size in _sizes(network.output_layout):
        calls.append(f"move_values<{size}, M, Same>({_at(buffers, name)}, {result} + {start} * M);")
        start += size
    return calls, result


def _written(network: Network, node: Node, index: int, buffers: Buffers) -> tuple[str, list[str]]:
    """Return what the node's op is in C++; nothing for one that is part of the node before, or only another name."""
    write = function_of(node, WRITERS, "the generated C++", _CURE)
    if node.name in buffers.free:
        return "", []
    after, shapes = fused_activation(network, node), network.shapes
    inputs = tuple(_at(buffers, name) for name in node.inputs)
    taken = tuple(shapes[name] for name in node.inputs)
    activation = None if after is None else after.op
    return write(Place(index, node.op, inputs, taken, _at(buffers, node.name), shapes[node.name], activation))


def _at(buffers: Buffers, name: str) -> str:
    return f"w + {buffers.first[name]} * M"


def _sizes(layout: Layout) -> list[tuple[str, int]]:
    return [(name, prod(shape)) for name, shape in layout.shapes.items()]


def _places(network: Network) -> str:
    """Return where each input and output lies, where there are several."""
    if network.input_layout.is_vector and network.output_layout.is_vector:
        return ""
    lines = [
        "// What lies where in an event and in its outputs: name, first value, number of values.",
        "struct Place {",
    ]
    lines += ["  const char* name;", "  int first, size;", "};"]
    for kind, layout in (("inputs", network.input_layout), ("outputs", network.output_layout)):
        start, entries = 0, []
        for name, size in _sizes(layout):
            entries.append(f'{{"{escaped(name)}", {start}, {size}}}')
            start += size
        lines.append(f"inline constexpr Place {kind}[] = {{{', '.join(entries)}}};")
    return "\n".join(lines) + "\n"


def escaped(name: str) -> str:
    """Return a name for a string literal of C++."""
    return "".join(chr(one) if chr(one).isalnum() or one in b"_- ./:" else f"\\{one:03o}" for one in name.encode())
