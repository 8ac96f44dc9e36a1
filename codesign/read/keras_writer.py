"""Write a Network as a Keras model that computes the same."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network.node import Node
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    Bit,
    Concatenate,
    Dense,
    Dot,
    Embedding,
    Flatten,
    Max,
    Maximum,
    Mean,
    Min,
    Minimum,
    Multiply,
    Patches,
    Quantize,
    Reshape,
    SegmentSum,
    Slice,
    Subtract,
    Sum,
    Table,
    Threshold,
    Transpose,
)
from codesign.read.keras_writer_ops import FUNCTIONS, OPERATIONS, write_operation
from codesign.read.keras_writer_tables import write_keys, write_segment_sum, write_table

if TYPE_CHECKING:
    from codesign._keras import keras
    from codesign.network.network import Network

_KERAS_SLOPE = 0.2  # of Keras 2's hard sigmoid


def write_keras(network: "Network") -> "keras.Model":
    """Return a Keras model, not compiled, of the network's function, its quantizers included; a design's types stay
    behind.

    Each node is a layer of its name; an activation directly behind a dense node is that layer's own, and nodes of one
    kernel are calls of one layer. What Keras has no layer for (sums, slices) is an operation of TensorFlow. Weights are
    float32.
    """
    from codesign._keras import keras

    writer = _Writer(network)
    inputs = [keras.Input(one.shape, name=one.name) for one in network.inputs]
    writer.values = dict(zip((one.name for one in network.inputs), inputs))
    for node in network.nodes:
        if node.name not in writer.values:
            writer.values[node.name] = writer.write(node, *(writer.values[name] for name in node.inputs))
    outputs = [writer.values[name] for name in network.outputs]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0])


class _Writer:
    """What was written so far.

    Attributes:
        values: symbolic tensors by the names of nodes and inputs.
        activations: the activation directly behind each dense node, if it can be that layer's own.
        types: of the values behind quantizers.
    """

    def __init__(self, network: "Network") -> None:
        from codesign._keras import keras, tf

        self.layers, self.tf = keras.layers, tf
        self.values: dict[str, object] = {}
        self.shapes, self.windows = network.shapes, _windows(network)
        self.types = {node.name: node.op.type for node in network.nodes if isinstance(node.op, Quantize)}
        self._shared: dict[tuple[int, ...], object] = {}
        uses = Counter(_constants(node.op) for node in network.nodes)
        self.activations = {
            group.dense.name: group.activation
            for group in network.groups
            if group.activation is not None and uses[_constants(group.dense.op)] == 1
        }

    def write(self, node: Node, *values: object) -> object:
        """Return what a node gives.

        Raises:
            UnsupportedLayerError: for an op that Keras 2 has nothing for; it names the node.
        """
        if node.name in self.windows:
            return values[0]  # the convolution behind it takes what it takes
        if type(node.op) in OPERATIONS:
            return write_operation(self.tf, node.op, self.shapes[node.inputs[0]], *values)
        if type(node.op) not in _WRITE:
            raise UnsupportedLayerError(
                f"node '{node.name}': expected an op that Keras 2 has. Received: {node.op.name}; write ONNX, or C++"
            )
        return _WRITE[type(node.op)](self, node, *values)

    def with_weights(self, node: Node, make: Callable[[], object], value: object, weights: list[np.ndarray]) -> object:
        """Call a layer of these weights: the one that has them already, or a new one."""
        layer = self._shared.get(_constants(node.op)) or make()
        result = layer(value)
        if self._shared.setdefault(_constants(node.op), layer) is layer:
            layer.set_weights([np.asarray(array, np.float32) for array in weights])
        return result


def _constants(op: object) -> tuple[int, ...]:
    """What tells the constants of two ops apart."""
    return tuple(id(getattr(op, name)) for name in ("kernel", "bias", "table", "entries") if hasattr(op, name))


def _windows(network: "Network") -> dict[str, Patches]:
    """The patches that are part of convolutions: of zero padding, taken by dense ops alone."""
    found = {}
    for node in network.nodes:
        is_one = isinstance(node.op, Patches) and node.op.pad == "zero" and node.name not in network.outputs
        has_steps = is_one and 1 in (max(node.op.strides), max(node.op.dilation))  # Keras has not both
        users = [one.op for one in network.nodes if node.name in one.inputs] if has_steps else []
        if users and all(isinstance(op, Dense) for op in users):
            found[node.name] = node.op
    return found


def _dense(writer: _Writer, node: Node, value: object) -> object:
    behind, op = writer.activations.get(node.name), node.op
    function = behind.op.function if behind else "linear"
    windows = writer.windows.get(node.inputs[0])
    options = {"activation": function, "name": node.name}
    if windows is None:
        make, kernel = partial(writer.layers.Dense, len(op.bias), **options), op.kernel
    else:
        value, make, kernel = _convolution(writer, node, value, windows, options)
    result = writer.with_weights(node, make, value, [kernel, op.bias])
    if behind is not None:
        writer.values[behind.name] = result
    return result


def _convolution(writer: _Writer, node: Node, value: object, windows: Patches, options: dict) -> tuple:
    """What a convolution takes, the layer, and its kernel."""
    rank, channels = len(windows.kernel_size), value.shape[-1]
    if np.any(windows.padding):
        value = writer.tf.pad(value, [[0, 0], *map(list, windows.padding), [0, 0]])
    settings = {"strides": windows.strides, "dilation_rate": windows.dilation, "data_format": "channels_last"}
    kind = getattr(writer.layers, f"Conv{rank}D")
    make = partial(kind, len(node.op.bias), windows.kernel_size, **settings, **options)
    return value, make, node.op.kernel.reshape(*windows.kernel_size, channels, -1)


def _embedding(writer: _Writer, node: Node, value: object) -> object:
    make = partial(writer.layers.Embedding, *node.op.table.shape, name=node.name)
    return writer.with_weights(node, make, value, [node.op.table])


def _affine(writer: _Writer, node: Node, value: object) -> object:
    return writer.layers.Rescaling(node.op.factor.tolist(), node.op.offset.tolist(), name=node.name)(value)


def _activation(writer: _Writer, node: Node, value: object) -> object:
    op, layers = node.op, writer.layers
    if op.function in FUNCTIONS:
        return FUNCTIONS[op.function](writer.tf, op, value)
    if op.max_value is not None:
        return layers.ReLU(max_value=op.max_value, name=node.name)(value)
    if op.function == "leaky_relu":
        return layers.LeakyReLU(alpha=op.slope, name=node.name)(value)
    if op.function == "hard_sigmoid" and op.slope != _KERAS_SLOPE:
        line = layers.Rescaling(op.slope, 0.5, name=f"{node.name}_line")(value)
        return layers.ReLU(max_value=1.0, name=node.name)(line)
    if op.function == "hard_tanh":
        clipped = layers.ReLU(max_value=2.0, name=f"{node.name}_clip")(
            layers.Rescaling(1.0, 1.0, name=f"{node.name}_line")(value)
        )
        return layers.Rescaling(1.0, -1.0, name=node.name)(clipped)
    return (
        layers.Softmax(name=node.name)(value)
        if op.function == "softmax"
        else layers.Activation(op.function, name=node.name)(value)
    )


def _quantize(writer: _Writer, node: Node, value: object) -> object:
    from codesign.layers import FixedPointQuantizer

    kind = node.op.type
    modes = {"signed": kind.signed, "rounding": kind.rounding, "overflow": kind.overflow}
    return FixedPointQuantizer(kind.width, kind.integer, **modes, name=node.name)(value)


def _slice(writer: _Writer, node: Node, value: object) -> object:
    axis = node.op.axis % len(value.shape)
    return value[(*[slice(None)] * axis, slice(node.op.start, node.op.stop, node.op.step))]


def _merge(kind: str) -> Callable[..., object]:
    return lambda writer, node, *values: getattr(writer.layers, kind)(name=node.name)(list(values))


def _reduction(operation: str, pooling: str | None = None) -> Callable[..., object]:
    """Pooling where that is it, an operation else."""

    def write(writer: _Writer, node: Node, value: object) -> object:
        axis = node.op.axis % len(value.shape)
        if pooling is not None and (axis, len(value.shape)) == (1, 3):
            return getattr(writer.layers, pooling)(keepdims=node.op.keepdims, name=node.name)(value)
        return getattr(writer.tf, operation)(value, axis=axis, keepdims=node.op.keepdims)

    return write


_WRITE: Mapping[type, Callable[..., object]] = MappingProxyType(
    {
        Dense: _dense,
        Embedding: _embedding,
        Affine: _affine,
        Activation: _activation,
        Quantize: _quantize,
        Slice: _slice,
        **dict.fromkeys((Threshold, Bit), write_keys),
        Table: write_table,
        SegmentSum: write_segment_sum,
        **{op: _merge(op.__name__) for op in (Add, Subtract, Multiply, Maximum, Minimum)},
        Concatenate: lambda writer, node, *values: writer.layers.Concatenate(node.op.axis, name=node.name)(
            list(values)
        ),
        Dot: lambda writer, node, *values: writer.layers.Dot(1, name=node.name)(list(values)),
        Sum: _reduction("reduce_sum"),
        Mean: _reduction("reduce_mean", "GlobalAveragePooling1D"),
        Max: _reduction("reduce_max", "GlobalMaxPooling1D"),
        Min: _reduction("reduce_min"),
        Flatten: lambda writer, node, value: writer.layers.Flatten(name=node.name)(value),
        Reshape: lambda writer, node, value: writer.layers.Reshape(node.op.target, name=node.name)(value),
        Transpose: lambda writer, node, value: writer.layers.Permute(node.op.axes, name=node.name)(value),
    }
)
