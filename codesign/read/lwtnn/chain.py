"""lwtnn's sequential format: ``(x + offset) * scale``, then each layer ``activation(weights . values + bias)``.

The weights lie row by row, a row per unit: (n_out, n_in).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from codesign.errors import DataError, UnsupportedLayerError, nearest
from codesign.network import DenseLayer, FixedPoint, Network
from codesign.network.ends import with_softmax, with_standardisation
from codesign.network.ops import Slice
from codesign.read.graph_builder import GraphBuilder, used_nodes
from codesign.read.lwtnn.layers import RECURRENT, Layers
from codesign.read.lwtnn.quantizer import QUANTIZER, unpack_quantizer
from codesign.read.lwtnn.values import number, numbers, typed
from codesign.read.names import Names
from codesign.read.options import ReadOptions
from codesign.read.parts.axes import reshaped

_OUR_NAMES = MappingProxyType(
    {
        "linear": "linear",
        "rectified": "relu",
        "relu": "relu",
        "sigmoid": "sigmoid",
        "tanh": "tanh",
        "softmax": "softmax",
    }
)


def unpack_chain(content: object, options: ReadOptions) -> tuple[Network, Names]:
    """Return the network in the object of a file, and its names.

    Raises:
        DataError, UnsupportedLayerError: as :func:`codesign.export.read_json`.
    """
    entries = typed(content, "inputs", list, "file: ")
    inputs = [(typed(entry, "name", str, where), number(entry, "offset", where), number(entry, "scale", where))
              for where, entry in ((f"input {index}: ", entry) for index, entry in enumerate(entries))]  # fmt: skip
    if not inputs:
        raise DataError("inputs: expected at least one. Received: none")
    names, offset, scale = zip(*inputs)
    packed = typed(content, "layers", list, "file: ")
    network = (
        _stacked(packed, len(inputs), options) if any(map(_needs_nodes, packed)) else _chained(packed, len(inputs))
    )
    outputs = typed(content, "outputs", list, "file: ")
    if len(outputs) != network.n_outputs or not all(isinstance(name, str) for name in outputs):
        received = f"{len(outputs)}, or not names"
        raise DataError(f"outputs: expected {network.n_outputs} names, one per unit at the end. Received: {received}")
    name = typed(content, "name", str, "file: ") if "name" in content else "network"
    shape = network.inputs[0].shape
    network = with_standardisation(network, *(np.broadcast_to(one, shape).ravel() for one in (offset, scale)))
    own = {"inputs": names} if network.n_inputs == len(names) else {}
    return network, Names(name, outputs=tuple(outputs), **own).of(network)


def _chained(layers: Sequence[object], n_inputs: int) -> Network:
    """Dense layers in a row."""
    found = _Layers(n_inputs)
    for index, packed in enumerate(layers):
        found.add(packed, f"layer {index}: ")
    return found.network()


def _needs_nodes(layer: object) -> bool:
    """Whether a layer is more than a dense one with an activation of the first versions."""
    if not isinstance(layer, dict):
        return False
    kind, function = layer.get("architecture"), layer.get("activation")
    is_bare = kind == "dense" and layer.get("weights") == []
    others = ("normalization", "maxout", "highway", *RECURRENT)
    return is_bare or kind in others or isinstance(function, dict) or function in ("hard_sigmoid", "abs", "elu")


def _stacked(layers: Sequence[object], n_inputs: int, options: ReadOptions) -> Network:
    """Any layers: the recurrent ones first, then, behind the last step, the others."""
    builder = GraphBuilder()
    made = Layers(builder)
    numbered = [(index, layer, f"layer {index}: ") for index, layer in enumerate(layers)]
    recurrent = [one for one in numbered if typed(one[1], "architecture", str, one[2]) in RECURRENT]
    shape = (n_inputs,)
    if recurrent:
        shape = options.shape_of("inputs", (None, n_inputs))
    value = builder.add_input("inputs", shape)
    for index, layer, where in recurrent:
        value = made.add(f"layer_{index}", layer, value, where)
    if recurrent:
        value = builder.add("last", Slice(value.shape[0] - 1, value.shape[0], 1), value)
        value = reshaped(builder, "last", value, value.shape[1:])
    for index, layer, where in numbered:
        if not any(layer is one for _, one, _ in recurrent):
            value = made.add(f"layer_{index}", layer, value, where)
    names = builder.as_outputs([value])
    return Network(used_nodes(builder.nodes, names), builder.inputs, names)


class _Layers:
    """The dense layers so far, each with the quantizer that follows it, and the quantizer before all of them."""

    def __init__(self, n_inputs: int) -> None:
        self.width = n_inputs
        self._layers: list[DenseLayer] = []
        self._input_quantizer: FixedPoint | None = None
        self._softmax = ""

    def network(self) -> Network:
        """Return the network of the layers."""
        network = Network.chain(self._layers, input_quantizer=self._input_quantizer)
        return with_softmax(network) if self._softmax else network

    def add(self, packed: Mapping[str, object], where: str) -> None:
        """Add a layer of the file."""
        is_quantizer = typed(packed, "architecture", str, where) == QUANTIZER
        if self._softmax and is_quantizer:
            raise UnsupportedLayerError(f"{where}expected no {QUANTIZER} behind a softmax. Received: one; cut it off")
        if self._softmax:
            raise UnsupportedLayerError(f"{self._softmax}expected softmax only at the end. Received: a layer behind it")
        if is_quantizer:
            self._add_quantizer(packed, where)
        else:
            layer, activation = _unpack_layer(packed, self.width, where)
            self._softmax = where if activation == "softmax" else ""
            self._layers.append(layer)
            self.width = layer.n_out

    def _add_quantizer(self, packed: Mapping[str, object], where: str) -> None:
        if (self._layers[-1].quantizer if self._layers else self._input_quantizer) is not None:
            raise UnsupportedLayerError(f"{where}expected one {QUANTIZER} at a time. Received: another behind it")
        quantizer = unpack_quantizer(packed, self.width, where)
        if self._layers:
            self._layers[-1] = replace(self._layers[-1], quantizer=quantizer)
        else:
            self._input_quantizer = quantizer


def _unpack_layer(packed: object, n_in: int, where: str) -> tuple[DenseLayer, str]:
    architecture = typed(packed, "architecture", str, where)
    if architecture != "dense":
        raise UnsupportedLayerError(f"{where}expected architecture dense or {QUANTIZER}. Received: {architecture}")
    activation = unpack_activation(typed(packed, "activation", str, where), where)
    weights, bias = (numbers(packed, key, where) for key in ("weights", "bias"))
    if not bias.size or weights.size != n_in * bias.size:
        received = f"{weights.size} weights, {bias.size} biases"
        raise DataError(f"{where}expected weights of {bias.size} units x {n_in} inputs. Received: {received}")
    kernel = weights.reshape(bias.size, n_in).T
    own = "linear" if activation == "softmax" else activation
    return DenseLayer(where.removesuffix(": ").replace(" ", "_"), kernel, bias, own), activation


def unpack_activation(name: str, where: str) -> str:
    """Return our name of lwtnn's activation."""
    if name not in _OUR_NAMES:
        received = f"{name}{nearest(name, _OUR_NAMES)}"
        raise UnsupportedLayerError(f"{where}expected activation {', '.join(_OUR_NAMES)}. Received: {received}")
    return _OUR_NAMES[name]
