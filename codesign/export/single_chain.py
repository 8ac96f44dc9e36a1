"""A chain of dense layers in float32: what formats and code that know nothing but chains are made of."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.export.single_precision import in_single_precision, shift_and_scale
from codesign.network import DenseLayer, FixedPoint, Network
from codesign.network.ends import split_softmax, split_standardisation
from codesign.network.types.single_precision import Rounding


@dataclass(frozen=True, eq=False)
class SingleLayer:
    """``quantizer(activation(x @ kernel + bias))``.

    Args:
        kernel: (n_in, n_out) float32.
        bias: (n_out,) float32.
        activation: ``linear``, ``relu``, ``sigmoid``, ``tanh``, or ``softmax``.
        quantizer: behind the activation, or None.
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str
    quantizer: FixedPoint | None = None

    @classmethod
    def of(cls, layer: DenseLayer) -> Self:
        """Return a layer of a network."""
        arrays = (array.astype(np.float32) for array in (layer.kernel, layer.bias))
        return cls(*arrays, layer.activation, layer.quantizer)

    @property
    def rounding(self) -> Rounding | None:
        """What the quantizer does, in single precision."""
        return None if self.quantizer is None else Rounding.of(self.quantizer, self.bias.shape)


@dataclass(frozen=True, eq=False)
class SingleChain:
    """``layers(... quantizer((x + offset) * scale))``.

    Args:
        layers: at least one; softmax only at the end.
        offset, scale: (n_inputs,) float32.
        input_quantizer: behind the standardisation, or None.
    """

    layers: tuple[SingleLayer, ...]
    offset: np.ndarray
    scale: np.ndarray
    input_quantizer: FixedPoint | None

    @classmethod
    def of(cls, network: Network) -> Self | None:
        """Return the chain that a network is, or None.

        A softmax behind an activation or a quantizer is that of a layer of its own.
        """
        affines, rest = split_standardisation(in_single_precision(network))
        rest, softmaxes = split_softmax(rest)
        if not rest.is_chain:
            return None
        n = rest.n_inputs
        found = [shift_and_scale(affine) for affine in affines.values()] or [(np.zeros(n), np.ones(n))]
        if found[0] is None:
            return None
        offset, scale = (np.broadcast_to(array, (n,)).astype(np.float32) for array in found[0])
        layers = tuple(SingleLayer.of(layer) for layer in rest.layers)
        layers = _with_softmax(layers) if softmaxes else layers
        return cls(layers, offset, scale, rest.input_quantizer)

    @property
    def input_rounding(self) -> Rounding | None:
        """What the quantizer of the inputs does, in single precision."""
        return None if self.input_quantizer is None else Rounding.of(self.input_quantizer, self.offset.shape)

    @property
    def has_quantizers(self) -> bool:
        """Whether the inputs or the values behind any layer are rounded."""
        return self.input_quantizer is not None or any(layer.quantizer is not None for layer in self.layers)

    @property
    def standardises(self) -> bool:
        """Whether offset or scale do anything."""
        return bool(self.offset.any() or (self.scale != 1).any())

    def folded(self) -> tuple[np.ndarray, np.ndarray]:
        """Return kernel and bias of the first layer with the standardisation in it, in float64."""
        kernel = self.layers[0].kernel.astype(np.float64) * self.scale.astype(np.float64)[:, np.newaxis]
        return kernel, self.layers[0].bias + self.offset.astype(np.float64) @ kernel

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, hidden units, outputs."""
        return (self.offset.size, *(layer.bias.size for layer in self.layers))


def single_chain(network: Network, user: str) -> SingleChain:
    """Return the chain that a network is.

    Args:
        user: what needs one, for the message.

    Raises:
        UnsupportedLayerError: for a graph: it names the first node that has no place in a chain.
    """
    chain = SingleChain.of(network)
    if chain is None:
        raise UnsupportedLayerError(
            f"{user}: expected dense layers in a row. Received: a graph of {len(network.nodes)} nodes; "
            "generate C++, or write ONNX or TFLite"
        )
    return chain


def _with_softmax(layers: tuple[SingleLayer, ...]) -> tuple[SingleLayer, ...]:
    *before, last = layers
    if last.activation != "linear" or last.quantizer is not None:
        n = last.bias.size
        before, last = layers, SingleLayer(np.eye(n, dtype=np.float32), np.zeros(n, np.float32), "linear")
    return (*before, replace(last, activation="softmax"))
