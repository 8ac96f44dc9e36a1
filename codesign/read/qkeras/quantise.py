"""What a quantizer or a function of QKeras does to values: a table from its name to a function in NumPy."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.read.keras_records import Named
from codesign.read.qkeras import few_values, fixed_point
from codesign.read.qkeras.arithmetic import internal_sigmoid, single

RANDOM = ("bernoulli",)  # drawn anew at inference too
_MOST_BITS = 64

Quantise = Callable[[np.ndarray, Mapping[str, object]], np.ndarray]


def quantise(quantizer: Named, values: np.ndarray, layer: str) -> np.ndarray:
    """Return what a quantizer makes of float32 values, equal to QKeras to the bit, in float64.

    Args:
        quantizer: of QKeras.
        values: any shape.
        layer: name for messages.

    Raises:
        UnsupportedLayerError: for a quantizer that is not known, is random at inference, or has arguments with which
            QKeras has no answer.
    """
    function = _QUANTISE.get(quantizer.kind)
    try:
        if function is None:
            raise ValueError("it draws values at random" if quantizer.kind in RANDOM else "it is not known")
        _check_numbers(quantizer.config)
        return np.asarray(function(single(values), quantizer.config), np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise UnsupportedLayerError(
            f"layer '{layer}': expected a quantizer that can be evaluated. Received: {quantizer} ({error}); retrain "
            "with another"
        ) from None


def _check_numbers(config: Mapping[str, object]) -> None:
    for name in ("bits", "integer"):
        given = np.asarray(config.get(name, 1))
        if given.dtype.kind not in "iuf" or np.any(np.abs(given) > _MOST_BITS):
            raise ValueError(f"{name}={config.get(name)!s:.20}")
    if np.any(np.asarray(config.get("bits", 1)) < 1):
        raise ValueError(f"bits={config['bits']}")


def _of_sigmoid(slope_name: str, factor: float, offset: float, *, rounds: bool = False) -> Quantise:
    def function(x: np.ndarray, config: Mapping[str, object]) -> np.ndarray:
        values = internal_sigmoid(x, slope_name)
        values = np.round(values) if rounds else values
        return values if factor == 1 else single(factor) * values + single(offset)

    return function


def _nearest(x: np.ndarray, config: Mapping[str, object]) -> np.ndarray:
    """Of nn_playground: -1, 0 or 1; the lower of two."""
    return single(x > 0.5) - single(x <= -0.5)


_QUANTISE: Mapping[str, Quantise] = MappingProxyType(
    {
        "quantized_bits": fixed_point.quantized_bits,
        "quantized_linear": fixed_point.quantized_linear,
        "quantized_relu": fixed_point.quantized_relu,
        "quantized_tanh": fixed_point.quantized_tanh,
        "quantized_sigmoid": fixed_point.quantized_sigmoid,
        "quantized_ulaw": fixed_point.quantized_ulaw,
        "quantized_hswish": fixed_point.quantized_hswish,
        **dict.fromkeys(("binary", "stochastic_binary"), few_values.binary),
        **dict.fromkeys(("ternary", "stochastic_ternary"), few_values.ternary),
        "quantized_po2": few_values.quantized_po2,
        "quantized_relu_po2": few_values.quantized_relu_po2,
        "hard_sigmoid": _of_sigmoid("hard_sigmoid", 1, 0),
        "smooth_sigmoid": _of_sigmoid("smooth_sigmoid", 1, 0),
        "binary_sigmoid": _of_sigmoid("hard_sigmoid", 1, 0, rounds=True),
        "hard_tanh": _of_sigmoid("hard_sigmoid", 2, -1),
        "smooth_tanh": _of_sigmoid("smooth_sigmoid", 2, -1),
        "binary_tanh": _of_sigmoid("hard_sigmoid", 2, -1, rounds=True),
        "ternary_tanh": _nearest,
    }
)
