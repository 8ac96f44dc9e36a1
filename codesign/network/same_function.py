"""Whether a network that was read computes what the user's own model computes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign.errors import AgreementError
from codesign.network import activations
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer
from codesign.network.network import Network

_EVENTS = 512
_SCALES = (-4, 7)  # of the drawn events, powers of two: below the finest steps, and beyond every saturation
_ROUNDINGS_PER_SUM = 16  # rounding errors that a sum may be off besides half a one per product: of what was folded
_SMALLEST = 1e-6  # a difference below it is never a wrong weight
_SHOWN = 6
_ROUNDINGS_OF_INPUTS = 4  # of a standardisation
_MANTISSA = 53
SINGLE, _HALF = 2.0**-23, 2.0**-10  # relative rounding errors of float32 and float16
_NEAR_OVERFLOW = {_HALF: 1e3}  # what may become infinite on the way to a sum; else:
_OTHERS_NEAR_OVERFLOW = 1e34

Standardisation = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Expected:
    """What a network gives where it is evaluated with rounding errors.

    Args:
        outputs: (n_events, n_outputs), without such errors.
        errors: (n_events, n_outputs) or (n_events, 1), by how much they may change an output.
        bounds: as `errors`, where they carry values to other steps of quantizers too.
        is_uncertain: (n_events,), whether they may: such an event is held to `bounds`.
    """

    outputs: np.ndarray
    errors: np.ndarray
    bounds: np.ndarray
    is_uncertain: np.ndarray

    def differs(self, received: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """(n_events, n_outputs) whether outputs lie beyond what the errors explain, steps of quantizers included."""
        limits = np.where(self.is_uncertain[:, np.newaxis], self.bounds, self.errors)
        return self._beyond(limits, received, reference) & np.isfinite(limits)

    def exceeds(self, received: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """(n_events, n_outputs) whether outputs lie beyond the errors without such steps."""
        return self._beyond(self.errors, received, reference)

    def _beyond(self, limits: np.ndarray, received: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """Whether outputs are farther than that from these, or from a reference that has such errors too."""
        reference, limits = (self.outputs, limits) if reference is None else (reference, 2 * limits)
        with np.errstate(invalid="ignore"):
            return ~(np.abs(received - reference) <= limits + _SMALLEST)


def check_same_function(
    network: Network,
    predict: Callable[[np.ndarray], np.ndarray],
    *,
    x: np.ndarray | None = None,
    softmax: bool = False,
    epsilon: float = SINGLE,
    standardisation: Standardisation | None = None,
) -> None:
    """Compare a network with the model that it was read from.

    Both must agree within rounding errors; where those may carry a value to another step of a quantizer, within
    what that changes too. Only an event on which they may lead to infinity is left out.

    Args:
        network: what was read.
        predict: the model: (n_events, n_inputs) float32 to (n_events, n_outputs).
        x: (n_events, n_inputs) events to compare on; None: some drawn to reach every saturation.
        softmax: whether the model has one at the end; the network has none.
        epsilon: relative rounding error of what the model computes in.
        standardisation: offset and scale, (n_inputs,), if the network takes ``(x + offset) * scale``.

    Raises:
        AgreementError: if they differ; it says where, and both numbers.
    """
    x = (
        draw_events(network, standardisation=standardisation)
        if x is None
        else network.check_events(x).astype(np.float32)
    )
    received = np.asarray(predict(x), np.float64)
    expected = expect(network, x, epsilon, softmax=softmax, standardisation=standardisation)
    beyond = expected.differs(received)
    if beyond.any():
        event, output = np.argwhere(beyond)[0]
        where = f"output {output} of the event {_shown(x[event])}"
        raise AgreementError(
            f"model: expected that the network read from it computes the same. Received: {received[event, output]:.9g} by the "
            f"model and {expected.outputs[event, output]:.9g} by the network, {where}; {int(beyond.any(1).sum())} of {len(x)} events "
            "differ; build the model of layers and functions of Keras and QKeras alone, or report which one is read wrongly"
        )


def expect(
    network: Network,
    x: np.ndarray,
    epsilon: float,
    *,
    softmax: bool = False,
    standardisation: Standardisation | None = None,
) -> Expected:
    """Return what a network gives for x, (n_events, n_inputs), where each operation has a relative error of `epsilon`."""
    x = np.asarray(x, np.float64)
    errors = np.zeros_like(x)
    if standardisation is not None:
        offset, scale = (np.asarray(array, np.float64) for array in standardisation)
        errors = (
            _ROUNDINGS_OF_INPUTS
            * epsilon
            * (np.abs(x) + np.abs(offset))
            * np.abs(scale)
            * ((offset != 0) | (scale != 1))
        )
        x = (x + offset) * scale
    outputs, narrow, uncertain = _with_errors(network, x, errors, epsilon)
    bounds = _with_errors(network, x, errors, epsilon, with_steps=True)[1] if uncertain.any() else narrow
    if softmax:
        outputs = activations.softmax(outputs)
        narrow, bounds = (one.max(1, keepdims=True) + _ROUNDINGS_PER_SUM * epsilon for one in (narrow, bounds))
    uncertain |= ~np.isfinite(narrow).all(1)
    return Expected(outputs, narrow, bounds, uncertain)


def draw_events(
    network: Network, n_events: int = _EVENTS, *, standardisation: Standardisation | None = None
) -> np.ndarray:
    """Return (n_events, n_inputs) float32, normal around 0, or the mean of a standardisation, from tiny to huge, fixed seed."""
    rng = np.random.default_rng(0)
    scale = np.exp2(rng.uniform(*_SCALES, (n_events, 1)))
    drawn = rng.standard_normal((n_events, network.n_inputs)) * scale * _spread(network)
    if standardisation is not None:
        offset, factor = (np.asarray(array, np.float64) for array in standardisation)
        drawn = drawn / np.where(factor == 0, 1, factor) - offset
    return drawn.astype(np.float32)


def _spread(network: Network) -> np.ndarray:
    """How wide each feature may be, by the weights it meets: one for all, unless they differ by orders of magnitude."""
    size = np.abs(network.layers[0].kernel).max(1)
    typical = np.median(size[size > 0]) if size.any() else 1.0
    foreign = (size > 0) & ((size > 100 * typical) | (size < typical / 100))
    return np.where(foreign, typical / np.where(size > 0, size, 1.0), 1.0)


def _with_errors(
    network: Network, x: np.ndarray, errors: np.ndarray, epsilon: float, *, with_steps: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outputs, by how much rounding may change them, and (n_events,) whether it may change a quantizer's step.

    What other steps change counts among the errors only `with_steps`.

    Sums of numbers on a binary grid that fit into the type's digits have no error; others have one for each digit lost, and
    those near the largest number may be anything.
    """
    values, overflow = network.trace(x), _NEAR_OVERFLOW.get(epsilon, _OTHERS_NEAR_OVERFLOW)
    source = network.input_quantizer
    uncertain = np.zeros(len(x), bool)
    if source is not None:
        moved = _moved(source, x, errors)
        uncertain |= (moved > 0).any(1)
        errors = epsilon * _beyond(source, x) + (moved if with_steps else 0)
    for layer, before in zip(network.layers, values):
        size = np.abs(before) @ np.abs(layer.kernel) + np.abs(layer.bias)
        with np.errstate(invalid="ignore"):  # inf times a zero weight
            passed = np.where(size < overflow, errors @ np.abs(layer.kernel), np.inf)
        sums = before @ layer.kernel + layer.bias
        exact = source is not None and _fits(size, layer, source, epsilon)
        roundings = _ROUNDINGS_PER_SUM + 0.5 * layer.n_in
        errors = passed if exact else passed + roundings * epsilon * (size + 1e-30)
        if layer.activation in ("sigmoid", "tanh"):
            errors = np.where(errors < np.inf, np.minimum(errors, 1.0), np.inf) + _ROUNDINGS_PER_SUM * epsilon
            sums = np.tanh(sums) if layer.activation == "tanh" else 0.5 + 0.5 * np.tanh(0.5 * sums)
        elif layer.activation == "relu":
            sums = np.maximum(sums, 0)
        if layer.quantizer is not None:
            moved = _moved(layer.quantizer, sums, errors)
            uncertain |= (moved > 0).any(1)
            errors = epsilon * _beyond(layer.quantizer, sums) + (moved if with_steps else 0)
        source = layer.quantizer
    return values[-1], errors, uncertain


def _fits(size: np.ndarray, layer: DenseLayer, source: FixedPoint, epsilon: float) -> bool:
    """Whether no sum of the layer needs more digits than the type has."""
    fraction = max(_digits(layer.kernel) + np.max(source.fraction), _digits(layer.bias))
    return bool(size.max(initial=0) * 2.0**fraction < 1 / epsilon)


def _digits(values: np.ndarray) -> int:
    """Binary digits behind the point that hold all values."""
    mantissa, exponent = np.frexp(values[values != 0])
    codes = (mantissa * 2.0**_MANTISSA).astype(np.int64)
    return int(np.max(_MANTISSA - exponent - np.log2(codes & -codes), initial=-_MANTISSA))


def _moved(quantizer: FixedPoint, values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """By how much errors may change what a quantizer gives; a value on a tie with no error falls on the same step."""
    is_known = np.isfinite(errors)
    reach = np.where(is_known, errors, 0.0)
    with np.errstate(over="ignore"):
        low, middle, high = (quantizer.quantize(values + sign * reach) for sign in (-1, 0, 1))
    return np.where(is_known, np.maximum(np.abs(middle - low), np.abs(high - middle)), np.inf)


def _beyond(quantizer: FixedPoint, values: np.ndarray) -> np.ndarray:
    """The size of what saturates: QKeras gives ``x + (quantised - x)``, which is exact only while x is within twice the range."""
    size = np.abs(values)
    return np.where(size > np.maximum(np.abs(quantizer.low), np.abs(quantizer.high)), size, 0.0)


def _shown(event: np.ndarray) -> str:
    numbers = ", ".join(f"{value:.4g}" for value in event[:_SHOWN])
    return f"{numbers}, ..." if len(event) > _SHOWN else numbers
