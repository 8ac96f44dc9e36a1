"""The entries of hls4ml's tables of softplus, softsign, elu, selu and the first softmax, as its C++ for AMD fills them.

Source: hls4ml 0.3 to 1.3, templates/vivado/nnet_utils/nnet_activation.h, which works in single precision.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.network.types.fixed_point import FixedPoint

_SELU = (1.0507009873554804934193349852946, 1.6732632423543772848170429916717)
_EXACT = 2.0**60


def _expf(x: np.ndarray) -> np.ndarray:
    """``std::exp`` of single precision."""
    with np.errstate(over="ignore"):
        return np.exp(x.astype(np.float64)).astype(np.float32)


# In single precision where the C++ is, of arguments in single precision.
_FUNCTIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "softplus": lambda x: np.log(_expf(x) + np.float64(1)).astype(np.float32),
        "softsign": lambda x: (x / (np.abs(x) + np.float64(1))).astype(np.float32),
        "elu": lambda x: (_expf(x) - np.float64(1)).astype(np.float32),
        "selu": lambda x: (_SELU[0] * (_SELU[1] * (_expf(x) - np.float64(1)))).astype(np.float32),
        "exp": _expf,
    }
)


def computed_table(function: str, kind: FixedPoint, size: int) -> np.ndarray:
    """Return the entries that hls4ml's C++ for AMD fills a table with, float64.

    Args:
        function: ``softplus``, ``softsign``, ``exp`` over [-8, 8); ``elu``, ``selu`` over (-8, 0]; ``invert`` over
            [0, 64).
        kind: type of the entries.
        size: number of entries.
    """
    steps = np.arange(size, dtype=np.float32)
    if function == "invert":
        x = (np.float64(64) * steps / np.float64(size)).astype(np.float32)
        values = np.divide(1.0, x.astype(np.float64), out=np.zeros(size), where=x > 0)
    elif function in ("elu", "selu"):
        values = _FUNCTIONS[function]((np.float64(-8) * steps / np.float32(size)).astype(np.float32))
    else:
        x = (np.float64(16) * (steps - np.float32(size) / np.float64(2)) / np.float32(size)).astype(np.float32)
        values = _FUNCTIONS[function](x)
    return held(values, kind)


def held(values: np.ndarray, kind: FixedPoint) -> np.ndarray:
    """Return what variables of a type hold of numbers of any size, infinite ones too, as ap_fixed converts them."""
    values = np.asarray(values, np.float64)
    limit = _EXACT * 2.0 ** -int(kind.fraction)
    large = ~(np.abs(values) < limit)
    found = kind.quantize(np.where(large, 0.0, values))
    if kind.overflow == "WRAP":
        return found  # beyond, the lowest bits of a double are 0
    return np.where(large, np.where(values > 0, kind.high, kind.low), found)
