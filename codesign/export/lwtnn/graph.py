"""lwtnn's graph format, written: a table from op to function; nodes that lwtnn has nothing for are refused by name.

Inputs of two axes are sequences: what stands at each position goes through ``time_distributed`` nodes. A dense layer
without weights is an activation alone, ``normalization`` is ``(x + bias) * weights``.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.export.lwtnn.quantizer import pack_quantizer
from codesign.export.op_table import function_of
from codesign.export.single_precision import in_single_precision, shift_and_scale
from codesign.network import Input, Network, Node
from codesign.network.ends import split_standardisation, with_affines
from codesign.network.ops import Activation, Add, Affine, Concatenate, Dense, Flatten, Mean, Quantize, Shape, Sum
from codesign.read.names import Names

_CURE = "generate C++, or write ONNX or TFLite"
_SLOPE = 0.2  # of lwtnn's hard_sigmoid
_FUNCTIONS = MappingProxyType(
    {"linear": "linear", "relu": "rectified", "sigmoid": "sigmoid", "tanh": "tanh", "softmax": "softmax"}
)


def pack_graph(network: Network, names: Names) -> dict:
    """Return the content of a file, without its name.

    Raises:
        UnsupportedLayerError: for a node that lwtnn has nothing for; it names the node, and says what to do.
    """
    affines, rest = split_standardisation(in_single_precision(network))
    front = {name: _per_feature(affine, network.shapes[name]) for name, affine in affines.items()}
    rest = with_affines(rest, {name: affines[name] for name, found in front.items() if found is None})
    graph = _Graph(rest)
    variables = _split(names.inputs, [one.size for one in network.inputs])
    for one, own in zip(network.inputs, variables):
        graph.add_input(one, own, front.get(one.name))
    for node in rest.nodes:
        graph.add(node)
    labels = _split(names.outputs, [int(np.prod(rest.shapes[name])) for name in rest.outputs])
    outputs = {
        name: {"labels": list(own) if len(rest.shapes[name]) == 1 else _features(name, rest.shapes[name]),
               "node_index": graph.index[name]} for name, own in zip(rest.outputs, labels)
    }  # fmt: skip
    return {**graph.inputs, "layers": graph.layers, "nodes": graph.nodes, "outputs": outputs}


class _Graph:
    """The lists of a file so far."""

    def __init__(self, network: Network) -> None:
        self._shapes = network.shapes
        self.inputs: dict[str, list] = {"inputs": [], "input_sequences": []}
        self.layers: list[dict] = []
        self.nodes: list[dict] = []
        self.index: dict[str, int] = {}

    def add_input(self, one: Input, names: Sequence[str], front: tuple[np.ndarray, np.ndarray] | None) -> None:
        """Add an input with what standardises it."""
        kind = {1: "input", 2: "input_sequence"}.get(len(one.shape))
        if kind is None:
            raise UnsupportedLayerError(
                f"input '{one.name}': expected one or two axes, as lwtnn has. Received: {one.shape}; {_CURE}"
            )
        n = one.shape[-1]
        offset, scale = (np.zeros(n), np.ones(n)) if front is None else front
        names = names if kind == "input" else _features(one.name, one.shape)
        variables = [
            {"name": name, "offset": float(shift), "scale": float(factor)}
            for name, shift, factor in zip(names, offset, scale)
        ]
        length = {} if kind == "input" else {"length": one.shape[0]}
        entries = self.inputs[f"{kind}s"]
        self.nodes.append({"type": kind, "sources": [len(entries)], "size": n})
        entries.append({"name": one.name, "variables": variables, **length})
        self.index[one.name] = len(self.nodes) - 1

    def add(self, node: Node) -> None:
        """Add a node."""
        write = function_of(node, _WRITERS, "lwtnn", _CURE)
        shapes = [self._shapes[name] for name in node.inputs]
        found = write(node.op, shapes) if max(map(len, shapes)) <= 2 else None
        if found is None:
            raise UnsupportedLayerError(
                f"node '{node.name}': expected an op that lwtnn has. Received: {node.op.name}, of {shapes}; {_CURE}"
            )
        sources = [self.index[name] for name in node.inputs]
        for part in found if isinstance(found, list) else [found]:
            is_layer = isinstance(part, dict)
            entry = self._with_layer(part, sources, shapes) if is_layer else {"type": part, "sources": sources}
            self.nodes.append(entry)
            sources, shapes = [len(self.nodes) - 1], [self._shapes[node.name]]
        self.index[node.name] = sources[0]

    def _with_layer(self, layer: dict, sources: list[int], shapes: Sequence[Shape]) -> dict:
        if layer not in self.layers:
            self.layers.append(layer)
        kind = "feed_forward" if len(shapes[0]) == 1 else "time_distributed"
        return {"type": kind, "sources": sources, "layer_index": self.layers.index(layer)}


def _dense(op: Dense, shapes: Sequence[Shape]) -> dict:
    kernel, bias = op.kernel.astype(np.float32), op.bias.astype(np.float32)
    return _layer("dense", kernel.T, bias, activation="linear")


def _affine(op: Affine, shapes: Sequence[Shape]) -> dict | None:
    found = _per_feature(op, shapes[0])
    return None if found is None else _layer("normalization", found[1], found[0])


def _activation(op: Activation, shapes: Sequence[Shape]) -> dict | None:
    if op.function in _FUNCTIONS and op.max_value is None:
        function: object = _FUNCTIONS[op.function]
    elif op.function in ("leaky_relu", "swish"):
        alpha = 1.0 if op.function == "swish" else float(np.float32(op.slope))
        function = {"function": op.function.replace("_", ""), "alpha": alpha}
    elif op.function == "hard_sigmoid" and op.slope == _SLOPE:
        function = "hard_sigmoid"
    else:
        return None
    return _layer("dense", np.empty(0), np.empty(0), activation=function)


def _quantize(op: Quantize, shapes: Sequence[Shape]) -> dict | None:
    bits = np.broadcast_shapes(np.shape(op.type.width), np.shape(op.type.integer))
    return pack_quantizer(op.type) if len(bits) <= 1 else None


def _mean(op: Mean, shapes: Sequence[Shape]) -> list | None:
    """The sum, times a number."""
    if _pooled(op, shapes) is None:
        return None
    n, width = shapes[0]
    return ["sum", _layer("normalization", np.full(width, np.float32(1 / n)), np.zeros(width))]


def _pooled(op: Sum | Mean, shapes: Sequence[Shape]) -> str | None:
    return "sum" if op.axis in (1, -2) and not op.keepdims and len(shapes[0]) == 2 else None


def _layer(architecture: str, weights: np.ndarray, bias: np.ndarray, **more: object) -> dict:
    return {"architecture": architecture, "weights": weights.ravel().tolist(), "bias": bias.tolist(), **more}


def _per_feature(op: Affine, shape: Shape) -> tuple[np.ndarray, np.ndarray] | None:
    """Return offset and scale of ``(x + offset) * scale``, if they are the same at each position."""
    found = shift_and_scale(op)
    if found is None:
        return None
    rows = [np.broadcast_to(array, shape).reshape(-1, shape[-1]) for array in found]
    return tuple(array[0] for array in rows) if all((array == array[0]).all() for array in rows) else None


_WRITERS: Mapping[type, Callable[..., list | dict | str | None]] = MappingProxyType(
    {
        Dense: _dense,
        Affine: _affine,
        Activation: _activation,
        Quantize: _quantize,
        Concatenate: lambda op, shapes: "concatenate" if len(shapes[0]) == 1 else None,
        Add: lambda op, shapes: "add" if {len(shape) for shape in shapes} == {1} and len(set(shapes)) == 1 else None,
        Sum: _pooled,
        Mean: _mean,
        Flatten: lambda op, shapes: _activation(Activation("linear"), shapes) if len(shapes[0]) == 1 else None,
    }
)


def _features(name: str, shape: Shape) -> list[str]:
    return [f"{name}_{index}" for index in range(shape[-1])]


def _split(names: Sequence[str], sizes: Sequence[int]) -> list[Sequence[str]]:
    ends = np.cumsum(sizes).tolist()
    return [names[end - size : end] for size, end in zip(sizes, ends)]
