"""Give a float network its fixed-point types from bit widths and the range of its values on data."""

from dataclasses import dataclass, replace

import numpy as np

from codesign.errors import DataError, PrecisionError
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer, LayerPrecision
from codesign.network.network import Network

TRAINED = "trained"


@dataclass(frozen=True)
class PrecisionChoice:
    """One point of a precision grid.

    Args:
        weights: total bits of every kernel (integer bits from its range), a type such as ``ap_fixed<8,3>``, or
            ``trained``: the types that the network has already, for example from QKeras quantizers.
        activations: the same for the outputs of the hidden activations (integer bits from their range on data).
        inputs: the same for the inputs; None takes `activations`.
    """

    weights: int | str
    activations: int | str
    inputs: int | str | None = None

    def __str__(self) -> str:
        named = {"w": self.weights, "a": self.activations, "i": self.inputs}
        return " ".join(f"{letter}{':' * isinstance(bits, str)}{bits}" for letter, bits in named.items() if bits is not None)


def quantize_network(network: Network, x: np.ndarray, choice: PrecisionChoice | None = None, **options: int | str) -> Network:
    """Return the network with fixed-point types, ready for :meth:`Network.emulate`.

    Weights and activations round half up; activations saturate; the accumulators are wide enough to be exact, and the
    outputs keep every bit. The integer bits of a width given as a number are the fewest that hold all values seen:
    of the kernel, or of the float network on `x`.

    Args:
        network: any network; types it already has are replaced.
        x: (n_events, n_inputs), data to find ranges on; some thousand events are enough.
        choice: the widths, or give them as keywords: ``weights=6, activations=8, inputs=10``.

    Raises:
        PrecisionError: if a type given as text is too narrow: it says how many weights saturate.
    """
    choice = choice or PrecisionChoice(**options)
    values = network.check_events(x)
    if not len(values):
        raise DataError("x: expected at least one event to find ranges on. Received: none")
    wanted_input = choice.activations if choice.inputs is None else choice.inputs
    source = input_precision = _value_type(wanted_input, values, network.input_precision, "inputs")
    layers = []
    for layer in network.layers:
        values = Network((layer,)).predict(values)
        trained = layer.precision
        weight = _weight_type(choice.weights, layer)
        bias = trained.bias if choice.weights == TRAINED else _bias_type(layer.bias, weight, source)
        output = None
        if layer is not network.layers[-1] or layer.activation in ("sigmoid", "tanh"):
            source = output = _value_type(
                choice.activations, values, trained and trained.output, f"activations of layer '{layer.name}'"
            )
        layers.append(replace(layer, precision=LayerPrecision(weight, bias, output=output)))
    return replace(network, layers=tuple(layers), input_precision=input_precision)


def _value_type(choice: int | str, values: np.ndarray, trained: FixedPoint | None, what: str) -> FixedPoint:
    if choice == TRAINED:
        if trained is None:
            raise PrecisionError(
                f"{what}: expected a type from the training. Received: none; give a number of bits instead of 'trained'"
            )
        return trained
    if isinstance(choice, str):
        return FixedPoint.parse(choice)
    return FixedPoint.covering(values, choice, rounding="RND", overflow="SAT")


def _weight_type(choice: int | str, layer: DenseLayer) -> FixedPoint:
    if choice == TRAINED:
        if layer.precision is None:
            raise PrecisionError(
                f"weights of layer '{layer.name}': expected a type from the training. Received: none; give a number of bits instead of 'trained'"
            )
        return layer.precision.weight
    if not isinstance(choice, str):
        return FixedPoint.covering(layer.kernel, choice, signed=True, rounding="RND", overflow="SAT")
    precision = FixedPoint.parse(choice)
    saturating = precision.count_saturating(layer.kernel)
    if saturating:
        wanted = FixedPoint.covering(layer.kernel, precision.width, signed=True).integer
        raise PrecisionError(
            f"weights: {saturating} of {layer.kernel.size} weights of layer '{layer.name}' saturate in {precision} "
            f"(largest magnitude {np.abs(layer.kernel).max():.4g}); give it at least {wanted} integer bits"
        )
    return precision


def _bias_type(bias: np.ndarray, weight: FixedPoint, source: FixedPoint) -> FixedPoint:
    """As fine as a product, up to 16 bits: finer bits are below everything they are added to."""
    fraction = int(np.max(weight.fraction)) + int(np.max(source.fraction))
    integer = FixedPoint.covering(bias, 16, signed=True).integer
    return FixedPoint(max(1, min(16, integer + fraction)), integer, rounding="RND", overflow="SAT")
