"""Give a network its fixed-point types: those it was trained with, or bit widths and the range of its values on data."""

import warnings
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError, PrecisionError, SaturationWarning
from codesign.network.exact_type import exact_type
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer, LayerPrecision
from codesign.network.network import Network
from codesign.network.precision_choice import TRAINED, PrecisionChoice, ResolvedChoice, Width, resolve_choice

_UNTRAINED_BITS = 16  # where the training left no type, as hls4ml's default
_WIDEST_SPREAD = 4  # integer bits by which standardised features may differ; beyond, each feature has its own


@checked
def quantize_network(
    network: Network, x: np.ndarray, choice: PrecisionChoice | None = None, **options: Width | Mapping[str, Width]
) -> Network:
    """Return the network with fixed-point types, ready for :meth:`Network.emulate`.

    By default the types are those of the training, which a QKeras model has. Of widths given as numbers, weights and
    activations round half up and activations saturate; the integer bits are the fewest that hold all weights, and those of
    the quantizer that the values were trained with, or else the fewest that hold all values on `x`. The accumulators are wide
    enough to be exact, and linear outputs keep every bit.

    Args:
        network: any network; types it already has are replaced, its function, :meth:`Network.predict`, stays.
        x: (n_events, n_inputs), data to find ranges on; some thousand events are enough.
        choice: the widths, or give them as keywords: ``weights=6, activations=8, inputs=10``, or by layer: ``weights={"fc1": 6, "fc2": 4}``.

    Raises:
        ConfigError: for widths by layer that name a layer which is not there, or leave one out.
        PrecisionError: if a type given as text is too narrow: it says how many weights saturate; or for ``trained`` types of a
            network that has none.

    Warns:
        SaturationWarning: if values saturate in the range that they were trained with: it says how many, of which layer.

    Example:
        >>> from codesign import DenseLayer, Network, quantize_network
        >>> network = Network([DenseLayer("fc", [[0.5], [-0.25]], [0.1])])
        >>> str(quantize_network(network, [[1.0, 2.0]], weights=4, activations=6).input_precision)
        'ap_ufixed<6,2,AP_RND,AP_SAT>'
    """
    choice = choice or PrecisionChoice(**options)
    x = network.check_events(x)
    if not len(x):
        raise DataError("x: expected at least one event to find ranges on. Received: none")
    _check_trained(network, choice)
    values = network.trace(x)
    widths = resolve_choice(choice, network)
    source = input_precision = _input_type(widths.inputs, network, x)
    layers = []
    for layer, outputs, weights, activations in zip(network.layers, values[1:], widths.weights, widths.activations):
        weight = _weight_type(weights, layer, source if layer is network.layers[0] else None)
        bias = layer.precision.bias if _keeps(weights, layer) else _bias_type(layer.bias, weight, source)
        output = None
        if activations is not None:
            source = output = _value_type(
                activations, outputs, layer.quantizer, layer.precision and layer.precision.output
            )
        layers.append(replace(layer, precision=LayerPrecision(weight, bias, output=output)))
    _warn_of_saturation(network, values, x, widths)
    return replace(network, layers=tuple(layers), input_precision=input_precision)


def _check_trained(network: Network, choice: PrecisionChoice) -> None:
    if choice.uses_trained_types and not network.has_trained_types:
        raise PrecisionError(
            "weights, activations: expected types from the training. Received: a network without any; give numbers of bits, such "
            "as weights=6, activations=8, or train with QKeras"
        )


def _keeps(choice: int | str, layer: DenseLayer) -> bool:
    return choice == TRAINED and layer.precision is not None


def _input_type(choice: int | str, network: Network, x: np.ndarray) -> FixedPoint:
    """Of features whose ranges differ by orders of magnitude, as of a network that standardises them itself, each has its own."""
    present = network.input_precision
    if network.input_quantizer is not None or (isinstance(choice, str) and (choice != TRAINED or present is not None)):
        return _value_type(choice, x, network.input_quantizer, present)
    width = _UNTRAINED_BITS if choice == TRAINED else choice
    modes = {"rounding": "RND", "overflow": "SAT", "signed": bool(x.min() < 0)}
    integer = np.array([FixedPoint.covering(feature, width, **modes).integer for feature in x.T])
    if np.ptp(integer) <= _WIDEST_SPREAD:
        return FixedPoint.covering(x, width, **modes)
    return FixedPoint(np.full(len(integer), width), integer, modes["signed"], "RND", "SAT")


def _value_type(
    choice: int | str, values: np.ndarray, quantizer: FixedPoint | None, present: FixedPoint | None
) -> FixedPoint:
    if choice == TRAINED and (quantizer or present):
        return quantizer or present
    if isinstance(choice, str) and choice != TRAINED:
        return FixedPoint.parse(choice)
    width = _UNTRAINED_BITS if choice == TRAINED else choice
    if quantizer is None:
        return FixedPoint.covering(values, width, rounding="RND", overflow="SAT")
    if quantizer.per_element:
        width = np.where(np.asarray(quantizer.width) > 0, width, 0)
    return FixedPoint(width, quantizer.integer, quantizer.signed, "RND", "SAT")


def _weight_type(choice: int | str, layer: DenseLayer, source: FixedPoint | None) -> FixedPoint:
    """The type of a kernel; of the first layer, whose inputs may have a type each, `source` is theirs."""
    if _keeps(choice, layer):
        return layer.precision.weight
    if choice == TRAINED:
        return exact_type(layer.kernel) or _covering_weights(layer.kernel, _UNTRAINED_BITS, source)
    if not isinstance(choice, str):
        return _covering_weights(layer.kernel, choice, source)
    precision = FixedPoint.parse(choice)
    saturating = precision.count_saturating(layer.kernel)
    if saturating:
        wanted = FixedPoint.covering(layer.kernel, precision.width, signed=True).integer
        raise PrecisionError(
            f"weights: {saturating} of {layer.kernel.size} weights of layer '{layer.name}' saturate in {precision} "
            f"(largest magnitude {np.abs(layer.kernel).max():.4g}); give it at least {wanted} integer bits"
        )
    return precision


def _covering_weights(kernel: np.ndarray, width: int, source: FixedPoint | None) -> FixedPoint:
    """Bits where they count: a feature that has a range of its own has weights of a range of their own."""
    modes = {"rounding": "RND", "overflow": "SAT"}
    if source is None or not source.per_element or np.ptp(source.integer) <= _WIDEST_SPREAD:
        return FixedPoint.covering(kernel, width, signed=True, **modes)
    reach = np.asarray(source.integer)[:, np.newaxis]
    integer = FixedPoint.covering(kernel * np.exp2(reach), width, signed=True).integer
    shape = np.ones(kernel.shape, np.int64)
    return FixedPoint(width * shape, (integer - reach) * shape, **modes)


def _bias_type(bias: np.ndarray, weight: FixedPoint, source: FixedPoint) -> FixedPoint:
    """As fine as a product, up to 16 bits: finer bits are below everything they are added to."""
    fraction = int(np.max(weight.fraction)) + int(np.max(source.fraction))
    integer = FixedPoint.covering(bias, 16, signed=True).integer
    return FixedPoint(max(1, min(16, integer + fraction)), integer, rounding="RND", overflow="SAT")


def _warn_of_saturation(network: Network, values: list[np.ndarray], x: np.ndarray, widths: ResolvedChoice) -> None:
    """Say how many values saturate in a trained range that a number of bits keeps."""
    given = {"inputs": widths.inputs} | dict(zip((layer.name for layer in network.layers), widths.activations))
    kept = [one for one in count_saturating(network, x, values) if one[1] and not isinstance(given[one[0]], str)]
    if kept:
        shares = ", ".join(f"{name}: {count} of {size}" for name, count, size in kept)
        warnings.warn(
            f"values saturate in the range that they were trained with: {shares}", SaturationWarning, stacklevel=3
        )


def count_saturating(
    network: Network, x: np.ndarray, values: list[np.ndarray] | None = None
) -> list[tuple[str, int, int]]:
    """Return (what, values that saturate, values in all) for each quantizer of the training, on x, (n_events, n_inputs)."""
    values = network.trace(x) if values is None else values
    found = []
    if network.input_quantizer is not None:
        found.append(("inputs", network.input_quantizer.count_saturating(x), np.size(x)))
    for layer, before in zip(network.layers, values):
        if layer.quantizer is not None:
            outputs = Network((replace(layer, quantizer=None),)).predict(before)
            found.append((layer.name, layer.quantizer.count_saturating(outputs), outputs.size))
    return found
