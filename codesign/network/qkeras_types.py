"""The fixed-point types that QKeras quantizers stand for, as hls4ml reads them: activations round half to even and saturate."""

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network.fixed_point import FixedPoint

_WIDEST_EXACT = 20  # a scale that is not a power of two needs the 24 bits of single precision


def activation_of(quantizer: object, layer: str) -> tuple[str, FixedPoint]:
    """Return the activation's name and the type of its output.

    Args:
        quantizer: a QKeras quantizer object, or its text such as ``quantized_relu(6,2)``.
        layer: name for messages.

    Raises:
        UnsupportedLayerError: for a quantizer that has no exact counterpart in hardware.
    """
    import qkeras

    quantizer = qkeras.get_quantizer(quantizer)
    name = type(quantizer).__name__
    config = quantizer.get_config() if hasattr(quantizer, "get_config") else {}
    modes = {"rounding": "RND_CONV", "overflow": "SAT"}
    if name == "quantized_relu":
        found = "relu", FixedPoint(int(config["bits"]), int(config["integer"]), False, **modes)
    elif name == "quantized_bits":
        found = "linear", _bits_type(config, modes)
    else:
        found = None
    if found and not config.get("use_stochastic_rounding") and _is_exactly(found[1], quantizer):
        return found
    raise UnsupportedLayerError(
        f"layer '{layer}': expected quantized_relu(bits,integer) or quantized_bits(bits,integer,alpha=1). Received: {quantizer}; "
        "retrain with one of these"
    )


def _is_exactly(precision: FixedPoint, quantizer: object) -> bool:
    """Whether a quantizer does what a type does: on its codes, between them, on ties, and beyond both ends."""
    code_low, code_high = int(precision.code_low), int(precision.code_high)
    codes = np.unique(np.linspace(code_low - 9, code_high + 9, 4097).round())
    values = np.concatenate([codes + offset for offset in (0.0, 0.25, 0.5, 0.75)]) * 2.0**-precision.fraction
    values = np.concatenate([values, 3 * values])
    if not precision.signed:
        values = np.maximum(values, 0)
    return np.array_equal(
        np.asarray(quantizer(values.astype(np.float32)), np.float64), precision.quantize(values.astype(np.float32))
    )


def kernel_and_type(values: object, quantizer: object | None, layer: str) -> tuple[np.ndarray, FixedPoint | None]:
    """Return the values that a QKeras layer computes with, and the narrowest type that holds them exactly.

    Args:
        values: the latent weights.
        quantizer: QKeras quantizer object, or None: then the values stay and the type is None.
        layer: name for messages.

    Raises:
        UnsupportedLayerError: if no fixed-point type holds the quantised values (``alpha="auto"``).
    """
    values = np.asarray(values, np.float32)
    if quantizer is None:
        return values.astype(np.float64), None
    quantised = np.asarray(quantizer(values), np.float64)
    config = quantizer.get_config() if hasattr(quantizer, "get_config") else {}
    if type(quantizer).__name__ == "quantized_bits":
        declared = _bits_type(config, {})
        if np.array_equal(declared.quantize(quantised), quantised):
            return quantised, declared
    return quantised, _exact_type(quantised, quantizer, layer)


def _bits_type(config: dict, modes: dict) -> FixedPoint:
    signed = bool(config.get("keep_negative", True))
    if modes and config.get("symmetric"):
        modes = {**modes, "overflow": "SAT_SYM"}
    return FixedPoint(int(config["bits"]), int(config["integer"]) + signed, signed, **modes)


def exact_type(values: np.ndarray, *, widest: int = _WIDEST_EXACT) -> FixedPoint | None:
    """Return the narrowest signed type of at most `widest` bits that holds all values exactly, or None if none does."""
    integer = FixedPoint.covering(values, widest, signed=True).integer
    for fraction in range(1 - integer, widest - integer + 1):
        scaled = values * 2.0**fraction
        if np.array_equal(scaled, np.rint(scaled)):
            return FixedPoint(integer + fraction, integer)
    return None


def _exact_type(values: np.ndarray, quantizer: object, layer: str) -> FixedPoint:
    precision = exact_type(values)
    if precision is not None:
        return precision
    raise UnsupportedLayerError(
        f"layer '{layer}': expected weights on a binary grid. Received: {quantizer}; retrain with alpha=1 or alpha='auto_po2'"
    )
