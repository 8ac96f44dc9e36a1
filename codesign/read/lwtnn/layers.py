"""lwtnn's layers as nodes: a table from the architecture of a layer to a function.

Weights lie row by row, a row per unit: (n_out, n_in). Sequences have the steps in the first axis.
"""

from collections.abc import Callable, Mapping
from functools import partial, reduce
from types import MappingProxyType

import numpy as np

from codesign.errors import DataError, UnsupportedLayerError, nearest
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    Concatenate,
    Dense,
    Embedding,
    Maximum,
    Multiply,
    Quantize,
    Slice,
)
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.lwtnn.quantizer import QUANTIZER, unpack_quantizer
from codesign.read.lwtnn.values import number, numbers, typed
from codesign.read.parts.axes import reshaped
from codesign.read.parts.recurrent import Cell, gru_step_reset_before, lstm_step, sequence_of, steps_of, unrolled

_MOST_STEPS = 1024
_NAMES = MappingProxyType(
    {"linear": "linear", "rectified": "relu", "relu": "relu", "sigmoid": "sigmoid", "tanh": "tanh", "abs": "abs"}
    | {"softmax": "softmax", "hard_sigmoid": "hard_sigmoid"}
)
_WITH_ALPHA = ("elu", "leakyrelu", "swish")
RECURRENT = ("lstm", "gru", "embedding")


class Layers:
    """Adds layers of a file behind values.

    Args:
        builder: of the network.
    """

    def __init__(self, builder: GraphBuilder) -> None:
        self.builder = builder

    def add(self, name: str, layer: Mapping[str, object], value: Value, where: str) -> Value:
        """Add a layer.

        Args:
            name: what its nodes are called after.
            value: (n,), or (steps, n).
            where: for messages, which begin with it.

        Raises:
            DataError, UnsupportedLayerError: they begin with `where`, or name the node.
        """
        kind = typed(layer, "architecture", str, where)
        if kind not in _LAYERS:
            expected = f"{where}expected architecture {', '.join(_LAYERS)}"
            raise UnsupportedLayerError(f"{expected}. Received: {kind}{nearest(kind, _LAYERS)}")
        if kind in RECURRENT and len(value.shape) != 2:
            raise UnsupportedLayerError(f"{where}expected a sequence for {kind}. Received: shape {value.shape}")
        return _LAYERS[kind](self, name, layer, value, where)

    def activation(self, name: str, function: object, value: Value, where: str, node: str | None = None) -> Value:
        """Add an activation, a name or one with a number, alpha."""
        packed = {"activation": function}
        if isinstance(function, dict):
            return self._with_alpha(name, function, value, where, node)
        said = typed(packed, "activation", str, where)
        if said not in _NAMES:
            known = ", ".join((*_NAMES, *_WITH_ALPHA))
            raise UnsupportedLayerError(f"{where}expected activation {known}. Received: {said}{nearest(said, _NAMES)}")
        if said == "linear":
            return value
        slope = 0.2 if said == "hard_sigmoid" else 0.0
        return self.builder.add(name, Activation(_NAMES[said], slope), value, name=node)

    def _with_alpha(self, name: str, function: Mapping, value: Value, where: str, node: str | None) -> Value:
        kind = typed(function, "function", str, where)
        if kind not in _WITH_ALPHA:
            return self.activation(name, kind, value, where, node)
        alpha = number(function, "alpha", where)
        if kind == "swish" and alpha != 1:
            scaled = self.builder.add(name, Affine(np.full(1, alpha), np.zeros(1)), value)
            return self.builder.add(name, Multiply(), value, self.builder.add(name, Activation("sigmoid"), scaled))
        op = Activation("swish") if kind == "swish" else Activation(kind.replace("kyr", "ky_r"), alpha)
        return self.builder.add(name, op, value, name=node)

    def dense(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        """``activation(weights . values + bias)``; either may be left out."""
        behind = self._linear(name, layer, value, where)
        if behind is value and layer.get("activation") == "linear":
            return self.builder.add(name, Activation("linear"), value)
        return self.activation(name, layer.get("activation"), behind, where)

    def _linear(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        weights, bias = _array(layer, "weights", where), _array(layer, "bias", where)
        if not weights.size:
            if bias.size not in (0, value.shape[-1]):
                raise DataError(f"{where}expected {value.shape[-1]} biases. Received: {bias.size}")
            return self.builder.add(name, Affine(np.ones(bias.size), bias), value) if bias.size else value
        kernel = _matrix(weights, value.shape[-1], bias.size, where)
        return self.builder.add(name, Dense(kernel.T, bias if bias.size else np.zeros(len(kernel))), value)

    def normalization(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        """``(x + bias) * weights``."""
        weights, bias, n = _array(layer, "weights", where), _array(layer, "bias", where), value.shape[-1]
        if weights.shape != (n,) or bias.shape != (n,):
            raise DataError(f"{where}expected {n} weights and as many biases. Received: {weights.size} and {bias.size}")
        return self.builder.add(name, Affine(weights, bias * weights), value)

    def quantizer(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        """A quantizer, which is ours."""
        return self.builder.add(name, Quantize(unpack_quantizer(layer, value.shape[-1], where)), value)

    def maxout(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        """The largest of several linear layers."""
        parts = [
            self._linear(name, sub, value, f"{where}sublayer {index}: ")
            for index, sub in enumerate(typed(layer, "sublayers", list, where))
        ]
        if not parts or len({part.shape for part in parts}) > 1:
            raise DataError(f"{where}expected sublayers of equal units. Received: {[part.shape[-1] for part in parts]}")
        return reduce(lambda one, other: self.builder.add(name, Maximum(), one, other), parts)

    def highway(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        """``c t(x) + (1 - c) x``, the carry c a sigmoid."""
        add = partial(self.builder.add, name)
        components = typed(layer, "components", dict, where)
        both = [
            self._linear(name, typed(components, key, dict, where), value, f"{where}component {key}: ")
            for key in ("t", "carry")
        ]
        if any(one.shape != value.shape for one in both):
            raise DataError(f"{where}expected {value.shape[-1]} units. Received: {[one.shape[-1] for one in both]}")
        made = self.activation(name, layer.get("activation", "linear"), both[0], where)
        carry = add(Activation("sigmoid"), both[1])
        rest = add(Affine(np.full(1, -1.0), np.ones(1)), carry)
        return add(Add(), add(Multiply(), carry, made), add(Multiply(), rest, value))

    def recurrent(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        """An LSTM or a GRU, whose reset stands in front of the product: (steps, n) to (steps, units)."""
        is_lstm = layer["architecture"] == "lstm"
        gates = "ifco" if is_lstm else "zrh"
        if value.shape[0] > _MOST_STEPS:
            raise UnsupportedLayerError(f"{where}expected at most {_MOST_STEPS} steps. Received: {value.shape[0]}")
        kernels, states, biases = zip(*(_component(layer, gate, value.shape[1], where) for gate in gates))
        units = len(biases[0])
        if any(len(bias) != units for bias in biases):
            raise DataError(f"{where}expected gates of equal units. Received: {[len(bias) for bias in biases]}")
        op = Dense(np.concatenate(kernels).T, np.concatenate(biases))
        inputs = self.builder.add(name, op, value, name=f"{name}_gates")
        recurrent = Dense(np.concatenate(states).T, np.zeros(len(gates) * units))
        functions = [self._function(name, layer, key, where) for key in ("activation", "inner_activation")]
        cell = Cell(self.builder, name, units, recurrent, *functions)
        step, start = (lstm_step, (None, None)) if is_lstm else (gru_step_reset_before, (None,))
        rows = steps_of(self.builder, name, inputs)
        return sequence_of(self.builder, name, [found[0] for found in unrolled(cell, step, rows, start)])

    def _function(self, name: str, layer: Mapping, key: str, where: str) -> Callable[[str, Value], Value]:
        function = layer.get(key)
        return lambda node, value: self.activation(name, function, value, where, node)

    def embedding(self, name: str, layer: Mapping, value: Value, where: str) -> Value:
        """Rows of tables in place of whole numbers, one of the features after the other."""
        for index, sub in enumerate(typed(layer, "sublayers", list, where)):
            value = self._embedded(name, sub, value, f"{where}sublayer {index}: ")
        return value

    def _embedded(self, name: str, sub: Mapping, value: Value, where: str) -> Value:
        steps, n = value.shape
        place, n_out = (int(number(sub, key, where)) for key in ("index", "n_out"))
        weights = _array(sub, "weights", where)
        if not 0 <= place < n or not 0 < n_out <= weights.size or weights.size % n_out:
            raise DataError(f"{where}expected a feature below {n} and n_out that divides {weights.size} weights")
        asked = self.builder.add(name, Slice(place, place + 1, 2), value)
        rows = self.builder.add(name, Embedding(weights.reshape(n_out, -1).T.copy()), asked)
        parts = [reshaped(self.builder, name, rows, (steps, n_out))]
        parts = [self.builder.add(name, Slice(0, place, 2), value), *parts] if place else parts
        parts += [self.builder.add(name, Slice(place + 1, n, 2), value)] if place + 1 < n else []
        return self.builder.add(name, Concatenate(2), *parts) if len(parts) > 1 else parts[0]


def _array(packed: Mapping, key: str, where: str) -> np.ndarray:
    return numbers(packed, key, where).astype(np.float64)


def _matrix(weights: np.ndarray, n_in: int, n_out: int, where: str) -> np.ndarray:
    if (n_out and weights.size != n_in * n_out) or weights.size % n_in:
        received = f"{weights.size} weights, {n_out} biases"
        raise DataError(f"{where}expected weights of {n_out or 'some'} units x {n_in} inputs. Received: {received}")
    return weights.reshape(-1, n_in)


def _component(layer: Mapping, gate: str, n_in: int, where: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The weights of the inputs and of the state, and the bias, of a gate."""
    where = f"{where}component {gate}: "
    packed = typed(typed(layer, "components", dict, where), gate, dict, where)
    bias = _array(packed, "bias", where)
    if not bias.size:
        raise DataError(f"{where}expected a bias of each unit. Received: none")
    kernel = _matrix(_array(packed, "weights", where), n_in, bias.size, where)
    return kernel, _matrix(_array(packed, "U", where), bias.size, bias.size, where), bias


_LAYERS: Mapping[str, Callable[..., Value]] = MappingProxyType(
    {
        "dense": Layers.dense,
        "normalization": Layers.normalization,
        QUANTIZER: Layers.quantizer,
        "maxout": Layers.maxout,
        "highway": Layers.highway,
        "lstm": Layers.recurrent,
        "gru": Layers.recurrent,
        "embedding": Layers.embedding,
    }
)
