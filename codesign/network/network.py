"""Network: the neutral, immutable model in the middle of the toolkit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Self

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.network.fixed_layer import FixedLayer
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer

if TYPE_CHECKING:
    from codesign._keras import keras

_EVENTS_PER_BLOCK = 2048  # keeps a block's integers within the second-level cache


@checked
@dataclass(frozen=True, eq=False)
class Network:
    """A chain of dense layers with the fixed-point type of each tensor.

    Args:
        layers: at least one; each takes what the one before gives.
        input_precision: type of the inputs, or None for a network known in floating point only.
        input_quantizer: the rounding and saturation of the inputs that the network was trained with; None: none.

    Raises:
        UnsupportedLayerError: for layers that do not fit together, or names that repeat.
    """

    layers: tuple[DenseLayer, ...]
    input_precision: FixedPoint | None = None
    input_quantizer: FixedPoint | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise UnsupportedLayerError("layers: expected at least one dense layer. Received: none")
        if len({layer.name for layer in self.layers}) < len(self.layers):
            raise UnsupportedLayerError(
                f"layers: expected unique names. Received: {[layer.name for layer in self.layers]}"
            )
        for before, after in zip(self.layers, self.layers[1:]):
            if before.n_out != after.n_in:
                raise UnsupportedLayerError(
                    f"layer '{after.name}': expected {before.n_out} inputs. Received: {after.n_in}"
                )

    @classmethod
    def from_keras(cls, model: "keras.Model | str | PathLike", x: np.ndarray | None = None) -> Self:
        """Read a Keras or QKeras model, a Drone, a ShrunkModel, or a file; see :func:`codesign.read.keras_reader.read_keras`."""
        from codesign.read.keras_reader import read_keras

        return read_keras(model, x)

    @classmethod
    def load(cls, path: str | PathLike) -> Self:
        """Read a network that :meth:`save` wrote."""
        from codesign.network.storage import load_network

        return load_network(path)

    def save(self, path: str | PathLike) -> None:
        """Write the network to one JSON file, exactly."""
        from codesign.network.storage import save_network

        save_network(self, path)

    def to_keras(self) -> "keras.Model":
        """Return a Keras model of the same function: Dense layers, and the quantizers of the training; no types of a design."""
        from codesign.read.keras_writer import write_keras

        return write_keras(self)

    def __repr__(self) -> str:
        from codesign.network.summary import one_line

        return one_line(self)

    def summary(self, print_fn: Callable[[str], object] = print) -> None:
        """Print a table of the layers, as Keras's ``model.summary()`` does: sizes, weights that are not 0, types.

        Args:
            print_fn: called with the text.
        """
        from codesign.network.summary import summary_table

        print_fn(summary_table(self))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, hidden units, outputs: for example (16, 64, 32, 32, 5)."""
        return (self.layers[0].n_in, *(layer.n_out for layer in self.layers))

    @property
    def n_inputs(self) -> int:
        """Features of an event."""
        return self.sizes[0]

    @property
    def n_outputs(self) -> int:
        """Outputs."""
        return self.sizes[-1]

    @property
    def n_weights(self) -> int:
        """Kernel entries that are not zero: the multiply-accumulates that count."""
        return int(sum(np.count_nonzero(layer.kernel) for layer in self.layers))

    @cached_property
    def fixed_layers(self) -> tuple[FixedLayer, ...]:
        """The layers in integers, with every type worked out.

        Raises:
            PrecisionError: if any type is missing or too wide.
        """
        if self.input_precision is None:
            raise PrecisionError(
                "input_precision: expected a fixed-point type. Received: none; call quantize_network(network, x, ...) first"
            )
        fixed, source = [], self.input_precision
        for layer in self.layers:
            fixed.append(FixedLayer(layer, source))
            source = fixed[-1].output
        return tuple(fixed)

    @property
    def output_precision(self) -> FixedPoint:
        """Type of the outputs of :meth:`emulate`."""
        return self.fixed_layers[-1].output

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Evaluate in float64 the function that was trained: its weights, activations and quantizers, not a design's types.

        Args:
            x: (n_events, n_inputs).

        Returns:
            (n_events, n_outputs) float64.
        """
        return self.trace(x)[-1]

    def trace(self, x: np.ndarray) -> list[np.ndarray]:
        """Evaluate as :meth:`predict` does, to what the first layer takes and what each layer gives, each (n_events, n)."""
        values = [_quantise(self.input_quantizer, self.check_events(x))]
        for layer in self.layers:
            activated = _ACTIVATE[layer.activation](values[-1] @ layer.kernel + layer.bias)
            values.append(_quantise(layer.quantizer, activated))
        return values

    @property
    def has_trained_types(self) -> bool:
        """Whether the training left fixed-point types: of weights, or behind activations, or of the inputs."""
        layers = any(layer.precision is not None or layer.quantizer is not None for layer in self.layers)
        return layers or self.input_quantizer is not None

    def emulate(self, x: np.ndarray) -> np.ndarray:
        """Evaluate in integers, bit for bit what hls4ml's C simulation and the RTL give.

        Args:
            x: (n_events, n_inputs); converted to `input_precision` first.

        Returns:
            (n_events, n_outputs) float64, each an exact multiple of the output type's step.

        Raises:
            DataError: for a wrong shape, NaN or inf.
            PrecisionError: if types are missing.
        """
        output_step = np.exp2(-np.asarray(self.output_precision.fraction, float))
        codes = self.input_precision.to_codes(self.check_events(x))
        return self.emulate_codes(codes) * output_step

    def emulate_codes(self, codes: np.ndarray) -> np.ndarray:
        """Evaluate int64 codes of `input_precision`, (n_events, n_inputs), to codes of `output_precision`."""
        out = np.empty((len(codes), self.n_outputs), np.int64)
        for block in _blocks(len(codes)):
            values = codes[block]
            for layer in self.fixed_layers:
                values = layer.forward(values)
            out[block] = values
        return out

    def with_layers(self, layers: tuple[DenseLayer, ...]) -> "Network":
        """Return this network with other layers."""
        return replace(self, layers=tuple(layers))

    def check_events(self, x: np.ndarray) -> np.ndarray:
        """Return x as (n_events, n_inputs) float64.

        Raises:
            DataError: for a wrong shape, NaN or inf.
        """
        try:
            x = np.asarray(x, dtype=np.float64)
        except (TypeError, ValueError):
            raise DataError(
                f"x: expected numbers of shape (n_events, {self.n_inputs}). Received: {type(x).__name__}"
            ) from None
        if x.ndim != 2 or x.shape[1] != self.n_inputs:
            raise DataError(
                f"x: expected shape (n_events, {self.n_inputs}). Received: {x.shape}; pass the features the network was trained on"
            )
        bad = np.count_nonzero(~np.isfinite(x).all(1))
        if bad:
            raise DataError(
                f"x: expected finite numbers. Received: NaN or inf in {bad} of {len(x)} events; remove or impute them"
            )
        return x


def _quantise(quantizer: FixedPoint | None, values: np.ndarray) -> np.ndarray:
    return values if quantizer is None else quantizer.quantize(values)


def _blocks(n_events: int) -> Iterator[slice]:
    return (slice(start, start + _EVENTS_PER_BLOCK) for start in range(0, n_events, _EVENTS_PER_BLOCK))


_ACTIVATE = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": lambda x: 0.5 * (1.0 + np.tanh(0.5 * x)),
    "tanh": np.tanh,
}
