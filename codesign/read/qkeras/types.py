"""The fixed-point types that QKeras quantizers stand for, as hls4ml reads them: activations round half to even and
saturate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import FixedPoint, exact_type
from codesign.read.keras_records import Named
from codesign.read.qkeras.quantise import quantise

_BITS = 8  # where a quantizer does not say it
_MODES = {"rounding": "RND_CONV", "overflow": "SAT"}


@dataclass(frozen=True)
class QuantizedActivation:
    """``quantizer(activation(factor * x + offset))``: what a QKeras quantizer does to values.

    Args:
        activation: ``linear``, ``relu``, ``sigmoid`` or ``tanh``.
        quantizer: the type of the output.
        factor, offset: powers of two of a straight sigmoid; 1 and 0 else.
    """

    activation: str
    quantizer: FixedPoint
    factor: float = 1.0
    offset: float = 0.0

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Evaluate in float64."""
        values = self.factor * values + self.offset
        if self.activation == "relu":
            values = np.maximum(values, 0)
        elif self.activation != "linear":
            values = np.tanh(values) if self.activation == "tanh" else 0.5 + 0.5 * np.tanh(0.5 * values)
        return self.quantizer.quantize(values)


def activation_of(quantizer: Named, layer: str) -> QuantizedActivation:
    """Return what a quantizer does, if that is an activation and a type.

    Args:
        quantizer: of QKeras.
        layer: name for messages.

    Raises:
        UnsupportedLayerError: for a quantizer that has no exact counterpart in hardware.
    """
    if not quantizer.config.get("use_stochastic_rounding"):
        for found in _candidates(quantizer.kind, quantizer.config):
            if _is_exactly(found, lambda values: quantise(quantizer, values, layer)):
                return found
    raise UnsupportedLayerError(
        f"layer '{layer}': expected quantized_relu(bits,integer), quantized_bits(bits,integer,alpha=1), quantized_tanh "
        f"or quantized_sigmoid. Received: {quantizer}; retrain with one of these"
    )


def _candidates(name: str, config: dict) -> Iterator[QuantizedActivation]:
    """What a quantizer of this class may be; it depends on settings that are not all in the configuration."""
    bits = int(np.max(config.get("bits", _BITS)))
    if name == "quantized_relu":
        yield QuantizedActivation("relu", FixedPoint(bits, int(np.max(config.get("integer", 0))), False, **_MODES))
    elif name == "quantized_bits":
        yield QuantizedActivation("linear", _bits_type(config, _MODES))
    elif name == "quantized_tanh":
        precision = _bits_type({**config, "integer": 0}, _MODES)
        yield from (QuantizedActivation(activation, precision) for activation in ("linear", "tanh"))
    elif name == "quantized_sigmoid":
        precision = FixedPoint(bits, 0, False, **_MODES)
        yield from (QuantizedActivation("linear", precision, factor, 0.5) for factor in (0.5, 0.1875))
        yield QuantizedActivation("sigmoid", precision)


def _is_exactly(found: QuantizedActivation, quantizer: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether a quantizer does this: on its codes, between them, on ties, and beyond both ends."""
    precision = found.quantizer
    code_low, code_high = int(precision.code_low), int(precision.code_high)
    codes = np.unique(np.linspace(code_low - 9, code_high + 9, 4097).round())
    values = np.concatenate([codes + offset for offset in (0.0, 0.25, 0.5, 0.75)]) * 2.0**-precision.fraction
    values = np.concatenate([values, 3 * values, -3 * values]).astype(np.float32)
    expected = found(values.astype(np.float64))
    received = quantizer(values)
    if found.activation in ("linear", "relu"):
        return np.array_equal(received, expected)
    return bool(np.mean(received != expected) < 1e-3)  # single precision may round a value near a tie to the other side


def kernel_and_type(values: object, quantizer: Named | None, layer: str) -> tuple[np.ndarray, FixedPoint | None]:
    """Return the values that a QKeras layer computes with, and the type that holds them exactly.

    Args:
        values: the latent weights.
        quantizer: of QKeras, or None: then the values stay and the type is None.
        layer: name for messages.

    Returns:
        (values, type); the type is None too where it would need more than 20 bits, as for ``alpha="auto"``.

    Raises:
        UnsupportedLayerError: as :func:`codesign.read.qkeras.quantise`.
    """
    if quantizer is None:
        return np.asarray(values, np.float64), None
    values = np.asarray(values, np.float32)
    quantised = quantise(quantizer, values, layer)
    if quantizer.kind == "quantized_bits":
        declared = _bits_type(quantizer.config, {})
        if np.array_equal(declared.quantize(quantised), quantised):
            return quantised, declared
    return quantised, exact_type(quantised)


def _bits_type(config: dict, modes: dict) -> FixedPoint:
    signed = bool(config.get("keep_negative", True))
    if modes and config.get("symmetric"):
        modes = {**modes, "overflow": "SAT_SYM"}
    return FixedPoint(int(config.get("bits", _BITS)), int(np.max(config.get("integer", 0))) + signed, signed, **modes)
