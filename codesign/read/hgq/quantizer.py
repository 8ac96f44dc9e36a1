"""HGQ2's quantizers (C. Sun et al., arXiv:2405.00645): trained numbers of bits for each value, in single precision.

``k`` is 1 where a value may be negative, ``i`` counts integer bits without the sign, ``f`` binary digits behind the
point; ``b = i + f``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import FixedPoint
from codesign.network.types.fixed_point import OVERFLOWS, ROUNDINGS
from codesign.read.keras_records import Named

_MODES = "round_mode and overflow_mode of a data lane in a Network: RND, RND_CONV or TRN; WRAP, SAT or SAT_SYM"
_WIDEST = 1e-7  # what float_quantize adds before its logarithm

# what the configurations of other names leave out
_OF_KIND: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "HardTanhConfig": {"overflow_mode": "SAT"},
        "HardSigmoidConfig": {"overflow_mode": "SAT", "affine": (0.25, 0.5)},
    }
)
_ROUND: Mapping[str, Callable[[np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "TRN": np.floor,
        "RND": lambda x: np.floor(x + np.float32(0.5)),
        "RND_CONV": np.rint,
        "TRN_ZERO": np.trunc,
        "RND_ZERO": lambda x: -np.floor(-np.abs(x) + np.float32(0.5)) * np.sign(x),
        "RND_MIN_INF": lambda x: -np.floor(-x + np.float32(0.5)),
        "RND_INF": lambda x: np.floor(np.abs(x) + np.float32(0.5)) * np.sign(x),
    }
)


@dataclass(frozen=True, eq=False)
class HgqQuantizer:
    """A quantizer as it is at inference.

    Args:
        layer: name for messages.
        config: a QuantizerConfig.
        bits: its variables by their names: ``k``, ``i``, ``f`` or ``b``; ``m``, ``e``, ``e0``.
    """

    layer: str
    config: Named
    bits: Mapping[str, np.ndarray]

    @property
    def is_fixed(self) -> bool:
        """Whether it gives fixed-point numbers."""
        return self._given("q_type", "kif") in ("kif", "kbi")

    @property
    def is_nothing(self) -> bool:
        """Whether it leaves values as they are."""
        return self._given("q_type", "kif") == "dummy"

    @property
    def scaler(self) -> float:
        """What values are divided by before, and multiplied with after."""
        return float(self.config.config.get("scaler") or 1.0)

    @property
    def affine(self) -> tuple[float, float]:
        """Factor and offset behind it."""
        factor, offset = self._given("affine", (1.0, 0.0))
        return float(factor), float(offset)

    @property
    def kif(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(k, i, f), int64, of each value or of all."""
        given = {name: np.asarray(self.bits[name], np.float32) for name in ("k", "i", "f", "b") if name in self.bits}
        if {"k", "i"} - set(given) or {"f", "b"}.isdisjoint(given):
            raise UnsupportedLayerError(
                f"layer '{self.layer}': expected the variables k, i and f or b of a quantizer of HGQ2. "
                f"Received: {', '.join(self.bits) or 'none'}; save the whole model"
            )
        whole = {name: np.rint(values).astype(np.int64) for name, values in given.items()}
        return whole["k"], whole["i"], whole["f"] if "f" in whole else whole["b"] - whole["i"]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return what becomes of constants, in single precision as HGQ2 does it."""
        values = np.asarray(values, np.float32)
        if self.is_nothing:
            return values
        values = values / np.float32(self.scaler)
        found = self._fixed(values) if self.is_fixed else _floating(values, self.bits)
        factor, offset = map(np.float32, self.affine)
        return found * np.float32(self.scaler) * factor + offset

    def type(self, shape: tuple[int, ...]) -> FixedPoint:
        """Return the type of data of this shape, behind the scaler and before the affine.

        Raises:
            UnsupportedLayerError: for a floating-point quantizer, or a mode that no type has.
        """
        rounding, overflow = self._mode("round_mode").removeprefix("S_"), self._mode("overflow_mode")
        if not self.is_fixed or rounding not in ROUNDINGS or overflow not in OVERFLOWS:
            received = f"{rounding}, {overflow}" if self.is_fixed else f"q_type={self._given('q_type', '')}"
            raise UnsupportedLayerError(
                f"layer '{self.layer}': expected {_MODES}. Received: {received}; train with one of these"
            )
        k, i, f = (np.broadcast_to(_without_events(one, shape), shape) for one in self.kif)
        width = np.maximum(k + i + f, 0)
        if overflow == "SAT_SYM":
            width = np.where((k == 1) & (width == 1), 0, width)  # -1 is left out, and so all but 0
        parts = (width, np.where(width > 0, k + i, 0), (k > 0) & (width > 0))
        alike = width.flat[0] > 0 and all((part == part.flat[0]).all() for part in parts)
        return FixedPoint(*(part.flat[0] if alike else part for part in parts), rounding, overflow)

    def _fixed(self, x: np.ndarray) -> np.ndarray:
        k, i, f = (one.astype(np.float32) for one in self.kif)
        rounding, overflow = self._mode("round_mode").removeprefix("S_"), self._mode("overflow_mode")
        scale = np.exp2(f)
        if overflow == "WRAP" and self._given("is_weight", False) and self._given("trainable", True):
            rounded = _ROUND[rounding](x * scale) / scale
            if rounding == "RND" or "f" in self.bits:  # a weight's range is that of the weight
                return rounded
        high = np.maximum(i, -f)
        top = np.exp2(high) - np.exp2(-f)
        if overflow in ("SAT", "SAT_SYM"):
            low = -k * (top if overflow == "SAT_SYM" else np.exp2(high))
            found = _ROUND[rounding](np.clip(x, low, top) * scale) / scale
        elif overflow == "WRAP":
            span, bias = np.exp2(high + k), k * np.exp2(high + k - 1)
            found = np.mod(_ROUND[rounding](x * scale) / scale + bias, span) - bias
        else:
            raise UnsupportedLayerError(
                f"layer '{self.layer}': expected overflow_mode WRAP, SAT or SAT_SYM. Received: {overflow}; train with "
                "one of these"
            )
        return np.where(k + i + f > 0, found, np.float32(0))

    def _mode(self, name: str) -> str:
        return str(self._given(name, {"round_mode": "RND", "overflow_mode": "WRAP"}[name])).upper()

    def _given(self, name: str, default: object) -> object:
        found = self.config.config.get(name)
        return _OF_KIND.get(self.config.kind, {}).get(name, default) if found is None else found


def _floating(x: np.ndarray, bits: Mapping[str, np.ndarray]) -> np.ndarray:
    """A number of `m` bits and an exponent of `e`, as :mod:`quantizers` rounds to it."""
    m, e, e0 = (np.rint(np.asarray(bits[name], np.float32)) for name in ("m", "e", "e0"))
    m = m + 1
    wanted = np.floor(np.log2(np.abs(x) + np.float32(_WIDEST)))
    half = np.maximum(np.exp2(e - 1), 1)
    high = half + e0 - 1
    exponent = np.clip(wanted, -half + e0 + 1, high)
    scale = np.exp2(exponent - m + 1)
    limit = np.where(high != exponent, np.exp2(m), np.exp2(m) - 1)
    return (np.clip(np.rint(x / scale), -limit, limit) * scale).astype(np.float32)


def _without_events(bits: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Without the axis of the events, which has one entry."""
    return bits[0] if bits.ndim == len(shape) + 1 else bits
