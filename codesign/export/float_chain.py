"""FloatChain: what every exporter takes: standardisation, dense layers in float32, names of inputs and outputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign.errors import DataError, UnsupportedLayerError
from codesign.export.rounding import Rounding
from codesign.network import DenseLayer, FixedPoint, Network
from codesign.network.activations import softmax
from codesign.network.same_function import SINGLE

if TYPE_CHECKING:
    from codesign._keras import keras

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")


@checked
@dataclass(frozen=True, eq=False)
class FloatLayer:
    """``quantizer(activation(x @ kernel + bias))``.

    Args:
        kernel: (n_in, n_out) float32.
        bias: (n_out,) float32.
        activation: ``linear``, ``relu``, ``sigmoid``, ``tanh``, or ``softmax``.
        quantizer: rounding and saturation behind the activation that the network was trained with; None: none.

    Raises:
        UnsupportedLayerError: for another activation, or shapes that do not fit, or a quantizer behind a softmax.
        PrecisionError: for a quantizer that single precision cannot hold.
        DataError: for NaN or inf.
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str = "linear"
    quantizer: FixedPoint | None = None

    def __post_init__(self) -> None:
        for name in ("kernel", "bias"):
            array = as_numbers(getattr(self, name), name, np.float32)
            if not np.isfinite(array).all():
                raise DataError(
                    f"{name}: expected finite numbers. Received: NaN or inf, or beyond float32; clean the weights first"
                )
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.activation not in ACTIVATIONS:
            raise UnsupportedLayerError(f"activation: expected {', '.join(ACTIVATIONS)}. Received: {self.activation}")
        if self.kernel.ndim != 2 or self.bias.shape != self.kernel.shape[1:] or 0 in self.kernel.shape:
            raise UnsupportedLayerError(
                f"layer: expected a kernel and a bias that fit. Received: {self.kernel.shape}, {self.bias.shape}"
            )
        if self.rounding is not None and self.activation == "softmax":
            raise UnsupportedLayerError(
                f"layer: expected no quantizer behind a softmax. Received: {self.quantizer}; cut it off"
            )

    @cached_property
    def rounding(self) -> Rounding | None:
        """What the quantizer does, in single precision."""
        return None if self.quantizer is None else Rounding.of(self.quantizer, self.bias.size)


@dataclass(frozen=True, eq=False)
class Reference:
    """What a chain was read from, to compare with whatever is made of it.

    Args:
        predict: (n_events, n_inputs) float32 to (n_events, n_outputs).
        epsilon: the relative error of the operations in it.
    """

    predict: Callable[[np.ndarray], np.ndarray]
    epsilon: float = SINGLE


@checked
@dataclass(frozen=True, eq=False)
class FloatChain:
    """``layers(... (x + offset) * scale)``, in float.

    Args:
        layers: at least one; softmax only at the end.
        offset, scale: (n_inputs,) float32, of the standardisation: ``-mean`` and ``1 / std``; nothing by default.
        input_names, output_names: ``x0, x1, ...`` and ``y0, y1, ...`` by default.
        name: an identifier of C++.
        input_quantizer: rounding and saturation behind the standardisation that the network was trained with; None: none.
        reference: the user's own model, which every file that is written of the chain is compared with; None: the chain itself.

    Raises:
        UnsupportedLayerError: for layers that do not fit together, or softmax before the end.
        DataError: for names that repeat or do not fit, or a standardisation that does not.
    """

    layers: tuple[FloatLayer, ...]
    offset: np.ndarray | None = None
    scale: np.ndarray | None = None
    input_names: Sequence[str] = field(default=())
    output_names: Sequence[str] = field(default=())
    name: str = "network"
    input_quantizer: FixedPoint | None = None
    reference: Reference | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        self._check_layers()
        for name, default in (("offset", 0.0), ("scale", 1.0)):
            given = getattr(self, name)
            array = (
                np.full(self.n_inputs, default, np.float32) if given is None else as_numbers(given, name, np.float32)
            )
            if array.shape != (self.n_inputs,) or not np.isfinite(array).all():
                raise DataError(
                    f"{name}: expected {self.n_inputs} finite numbers. Received: shape {array.shape}, or NaN or inf"
                )
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        for name, letter, n in (("input_names", "x", self.n_inputs), ("output_names", "y", self.n_outputs)):
            names = tuple(getattr(self, name)) or tuple(f"{letter}{index}" for index in range(n))
            if len(names) != n or len(set(names)) < n:
                raise DataError(f"{name}: expected {n} different names. Received: {names}")
            strange = next((one for one in names if not isinstance(one, str) or not one.isprintable()), None)
            if strange is not None:
                raise DataError(f"{name}: expected printable names. Received: {strange!r:.60}")
            object.__setattr__(self, name, names)
        if not (self.name.isidentifier() and self.name.isascii()):
            raise DataError(f"name: expected letters, digits and _, a letter first. Received: {self.name}")

    @classmethod
    def from_network(cls, network: Network, **options: object) -> Self:
        """Take over a Network's function, :meth:`Network.predict`; what the types of a design round is not rounded here.

        Args:
            options: standardisation, names; ``softmax=True`` puts one behind the last layer.
        """
        softmax = options.pop("softmax", False)
        layers = [FloatLayer(layer.kernel, layer.bias, layer.activation, layer.quantizer) for layer in network.layers]
        chain = cls(tuple(layers), input_quantizer=network.input_quantizer, **options)
        return chain.with_softmax() if softmax else chain

    @classmethod
    def from_keras(cls, model: "keras.Model", **options: object) -> Self:
        """Read whatever :meth:`codesign.Network.from_keras` does, with the softmax; what standardises the inputs stays in front.

        Normalization, batch normalisation and Rescaling before everything else are the chain's offset and scale. What was read
        is compared with the model, and the model is the chain's `reference`.

        Args:
            model: a Keras model, a Drone, a ShrunkModel, or the path of the file of one of them.
            options: names.

        Raises:
            UnsupportedLayerError: for any other layer; it names the layer.
            AgreementError: if the chain does not compute what the model does.
        """
        from codesign.export.keras_chain import read_chain

        return replace(read_chain(model), **options)

    def with_softmax(self) -> "FloatChain":
        """Return the chain with a softmax behind it, in a layer of its own behind an activation or a quantizer."""
        *before, last = self.layers
        if last.activation != "linear" or last.quantizer is not None:
            before, last = self.layers, FloatLayer(np.eye(self.n_outputs), np.zeros(self.n_outputs))
        return replace(self, layers=(*before, replace(last, activation="softmax")))

    @property
    def network(self) -> Network:
        """What follows the standardisation, without a softmax."""
        layers = [DenseLayer(f"layer_{index}", layer.kernel, layer.bias, layer.activation.replace("softmax", "linear"), quantizer=layer.quantizer)
                  for index, layer in enumerate(self.layers)]  # fmt: skip
        return Network.chain(tuple(layers), input_quantizer=self.input_quantizer)

    @property
    def has_quantizers(self) -> bool:
        """Whether the inputs or the values behind any layer are rounded."""
        return self.input_quantizer is not None or any(layer.quantizer is not None for layer in self.layers)

    @cached_property
    def input_rounding(self) -> Rounding | None:
        """What the quantizer of the inputs does, in single precision."""
        return None if self.input_quantizer is None else Rounding.of(self.input_quantizer, self.n_inputs)

    @property
    def standardises(self) -> bool:
        """Whether offset or scale do anything."""
        return bool(self.offset.any() or (self.scale != 1).any())

    def folded(self) -> tuple[np.ndarray, np.ndarray]:
        """Return kernel and bias of the first layer with the standardisation in it, in float64."""
        kernel = self.layers[0].kernel.astype(np.float64) * self.scale.astype(np.float64)[:, np.newaxis]
        return kernel, self.layers[0].bias + self.offset.astype(np.float64) @ kernel

    @property
    def n_inputs(self) -> int:
        """Features of an event."""
        return self.layers[0].kernel.shape[0]

    @property
    def n_outputs(self) -> int:
        """Outputs of an event."""
        return self.layers[-1].kernel.shape[1]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, hidden units, outputs: for example (59, 150, 6)."""
        return (self.n_inputs, *(layer.kernel.shape[1] for layer in self.layers))

    @property
    def n_live_weights(self) -> int:
        """Weights that are not zero, without biases."""
        return sum(int(np.count_nonzero(layer.kernel)) for layer in self.layers)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Evaluate x, (n_events, n_inputs), to (n_events, n_outputs) in float64.

        Raises:
            DataError: for a wrong shape.
        """
        x = np.asarray(x, np.float64)
        if x.ndim != 2 or x.shape[1] != self.n_inputs:
            raise DataError(f"x: expected shape (n_events, {self.n_inputs}). Received: {x.shape}")
        values = (x + self.offset.astype(np.float64)) * self.scale.astype(np.float64)
        values = values if self.input_rounding is None else self.input_rounding(values)
        for layer in self.layers:
            values = activate(layer.activation, values @ layer.kernel.astype(np.float64) + layer.bias)
            values = values if layer.rounding is None else layer.rounding(values)
        return values

    def _check_layers(self) -> None:
        if not self.layers:
            raise UnsupportedLayerError("layers: expected at least one dense layer. Received: none")
        for index, (before, after) in enumerate(zip(self.layers, self.layers[1:])):
            if before.kernel.shape[1] != after.kernel.shape[0]:
                raise UnsupportedLayerError(
                    f"layer {index + 1}: expected {before.kernel.shape[1]} inputs. Received: {after.kernel.shape[0]}"
                )
            if before.activation == "softmax":
                raise UnsupportedLayerError(
                    f"layer {index}: expected softmax only at the end. Received: softmax before layer {index + 1}"
                )


def activate(activation: str, values: np.ndarray) -> np.ndarray:
    """Apply an activation to (n_events, n_units) float64."""
    if activation == "relu":
        return np.where(values < 0, 0.0, values)  # NaN stays NaN
    if activation == "sigmoid":
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-values))
    if activation == "tanh":
        return np.tanh(values)
    return softmax(values) if activation == "softmax" else values
