"""The functions of :class:`codesign.network.ops.Activation` in floating point: a table from name to function.

Each takes the op, for its numbers, and an array; what is beyond a function's domain is NaN or inf, as in NumPy.
"""

from collections.abc import Callable, Mapping
from math import pi, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from codesign.network.activations import softmax

if TYPE_CHECKING:
    from codesign.network.ops.activation import Activation

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al., arXiv:1706.02515


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(x, 0.0)


def _erf(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf  # takes a tenth of a second to import

    return erf(x)


def _thresholded_relu(op: "Activation", x: np.ndarray) -> np.ndarray:
    kept = np.where(x > op.threshold, x, 0.0)
    return kept if op.max_value is None else np.minimum(kept, op.max_value)


def _power(op: "Activation", x: np.ndarray) -> np.ndarray:
    return np.power(x, op.slope)


def _elu(x: np.ndarray, alpha: float) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def _celu(op: "Activation", x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, op.slope * np.expm1(np.minimum(x, 0.0) / op.slope))


def _gelu_tanh(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1.0 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))


def _log_softmax(x: np.ndarray) -> np.ndarray:
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _plain(function: Callable[[np.ndarray], np.ndarray]) -> Callable[["Activation", np.ndarray], np.ndarray]:
    return lambda op, x: function(x)


# Straight lines and steps, which integers hold exactly.
EXACT: Mapping[str, Callable[["Activation", np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "linear": lambda op, x: x,
        "relu": lambda op, x: np.maximum(x, 0.0) if op.max_value is None else np.clip(x, 0.0, op.max_value),
        "thresholded_relu": _thresholded_relu,
        "leaky_relu": lambda op, x: np.where(x > 0, x, op.slope * x),
        "hard_sigmoid": lambda op, x: np.clip(op.slope * x + 0.5, 0.0, 1.0),
        "hard_tanh": lambda op, x: np.clip(x, -1.0, 1.0),
        "clip": lambda op, x: np.clip(x, op.min_value, op.max_value),
        "abs": _plain(np.abs),
        "sign": _plain(np.sign),
        "floor": _plain(np.floor),
        "ceil": _plain(np.ceil),
        "round": _plain(np.rint),
    }
)
# Curves, of which a design holds tables.
CURVES: Mapping[str, Callable[["Activation", np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "sigmoid": _plain(_sigmoid),
        "tanh": _plain(np.tanh),
        "swish": _plain(lambda x: x * _sigmoid(x)),
        "elu": lambda op, x: _elu(x, op.slope),
        "celu": _celu,
        "selu": _plain(lambda x: _SELU_SCALE * _elu(x, _SELU_ALPHA)),
        "gelu": _plain(lambda x: 0.5 * x * (1.0 + _erf(x / sqrt(2)))),
        "gelu_tanh": _plain(_gelu_tanh),
        "softplus": _plain(_softplus),
        "softsign": _plain(lambda x: x / (1.0 + np.abs(x))),
        "mish": _plain(lambda x: x * np.tanh(_softplus(x))),
        "log_sigmoid": _plain(lambda x: -_softplus(-x)),
        "exponential": _plain(np.exp),
        "expm1": _plain(np.expm1),
        "log": _plain(np.log),
        "log1p": _plain(np.log1p),
        "sqrt": _plain(np.sqrt),
        "rsqrt": _plain(lambda x: 1.0 / np.sqrt(x)),
        "reciprocal": _plain(lambda x: 1.0 / x),
        "power": _power,
        "square": _plain(np.square),
        "erf": _plain(_erf),
        "sin": _plain(np.sin),
        "cos": _plain(np.cos),
        "atan": _plain(np.arctan),
    }
)
OVER_AXIS: Mapping[str, Callable[["Activation", np.ndarray], np.ndarray]] = MappingProxyType(
    {"softmax": _plain(softmax), "log_softmax": _plain(_log_softmax)}
)
EVALUATE = MappingProxyType({**EXACT, **CURVES, **OVER_AXIS})
# The numbers that functions take.
NUMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "slope": ("leaky_relu", "hard_sigmoid", "elu", "celu", "power"),
        "max_value": ("relu", "thresholded_relu", "clip"),
        "min_value": ("clip",),
        "threshold": ("thresholded_relu",),
    }
)
