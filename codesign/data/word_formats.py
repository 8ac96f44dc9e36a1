"""The format of one feature's words: found from its values, or declared as a detector has it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from codesign._argument_kinds import is_number
from codesign.errors import ConfigError, PrecisionError, nearest
from codesign.network import FixedPoint

MAX_BITS = 24  # single precision, in which networks are trained, holds every code
_REACH = 8.0  # standard deviations to both sides of the mean that words hold at least
_FEW = 16  # different values that are categories: none is a tail
_TOLERANCE = 1e-4  # of a step, by which values may miss its multiples
_KEYS = ("bits", "scale", "signed")
Formats = Mapping[str, str | Mapping[str, float | bool]]


class Format(NamedTuple):
    """Bits that are sent, if in two's complement, physical units of the lowest, and those of 0; ``str`` names it."""

    width: int
    signed: bool
    scale: float
    zero: float = 0.0

    def __str__(self) -> str:
        exponent = np.log2(self.scale)
        if exponent != np.rint(exponent) or self.zero:
            shift = f" {'+' if self.zero > 0 else '-'} {abs(self.zero):.4g}" if self.zero else ""
            return f"ap_{'' if self.signed else 'u'}int<{self.width}> x {self.scale:.4g}{shift}"
        return f"ap_{'' if self.signed else 'u'}fixed<{self.width},{self.width + round(exponent)}>"


def found_format(values: np.ndarray, bits: int) -> Format:
    """Return the words of one feature, (n_events,) finite: see :meth:`codesign.data.Words.find`."""
    low, high = float(values.min()), float(values.max())
    mean, reach = float(values.mean()), _REACH * float(values.std())
    different = np.unique(values)
    if len(different) > _FEW:
        low, high = max(low, mean - reach), min(high, mean + reach)
    step = _step_of(different) if len(different) <= 2**bits else 0.0
    if step:
        # A value that is a multiple but for rounding errors, which differ between processors, is that multiple.
        ends = float(np.floor(low / step + _TOLERANCE)), float(np.ceil(high / step - _TOLERANCE))
        shift = _least_shift(*ends, bits)
        if step == 1 or not shift:
            step *= 2.0**shift
            ends = (round(ends[0] / 2.0**shift), round(ends[1] / 2.0**shift))
            return Format(_width(*ends), ends[0] < 0, step)
    if -low < 0.5 * high / (2**bits - 1):
        low = 0.0  # a rounding error below 0 is no reason for a sign
    codes = (2 ** (bits - 1), max(2 ** (bits - 1) - 1, 0.5)) if low < 0 else (1, 2**bits - 1)
    scale = max(-low / codes[0], high / codes[1], float(np.finfo(np.float64).tiny))
    return Format(bits, low < 0, scale)


def _step_of(different: np.ndarray) -> float:
    """Return the step that all values are multiples of, 1 for whole numbers, or 0 where none is found."""
    if np.array_equal(different, np.rint(different)):
        return 1.0
    apart = np.diff(np.unique(np.append(np.abs(different), 0.0)))
    step = float(apart[apart > 0].min())
    codes = np.rint(different / step)
    step = float(different @ codes / (codes @ codes))
    return step if np.abs(different / step - codes).max() < _TOLERANCE else 0.0


def _width(low: int, high: int) -> int:
    """Bits that hold codes from `low` to `high`, two's complement if any is negative."""
    signed = low < 0
    return max(1, signed + max(high.bit_length() if high > 0 else 0, (-low - 1).bit_length() if signed else 0))


def _least_shift(low: float, high: float, bits: int) -> int:
    """Return how many of the lowest bits are to be left out, so that the rest fit."""
    shift = 0
    while _width(round(low / 2.0**shift), round(high / 2.0**shift)) > bits:
        shift += 1
    return shift


def declared_formats(formats: Formats, x: np.ndarray, features: Sequence[str]) -> list[Format]:
    """Return the words of each feature: see :meth:`codesign.data.Words.declare`."""
    for name in formats:
        if name not in features:
            raise ConfigError(f"words: unknown feature '{name}'{nearest(name, features)}; known: {', '.join(features)}")
    missing = [name for name in features if name not in formats]
    if missing:
        raise ConfigError(f"words: expected a format for each feature. Missing: {', '.join(missing)}")
    return [_declared(name, formats[name], bool(column.min() < 0)) for name, column in zip(features, x.T)]


def measured(formats: Sequence[Format], x: np.ndarray) -> dict[str, np.ndarray]:
    """Return the parts of formats, and what events have in them: fraction, offset and saturating of Words."""
    width, signed, scale, zero = (np.array(part) for part in zip(*formats))
    with np.errstate(over="ignore"):
        codes = np.rint((x - zero) / scale)
    high = np.exp2(width - signed) - 1
    low = np.where(signed, -high - 1, 0)
    saturating = ((codes < low) | (codes > high)).sum(0)
    codes = np.clip(codes, low, high)
    spread = codes.std(0)
    with np.errstate(divide="ignore"):
        fraction = np.where(spread > 0, np.rint(np.log2(spread)), 0).astype(np.int64)
    unit = np.maximum(1.0, np.exp2(-fraction.astype(np.float64)))
    offset = np.rint(codes.mean(0) * np.exp2(-fraction.astype(np.float64)) / unit) * unit + 0.0
    found = {"width": width, "signed": signed, "scale": scale, "fraction": fraction}
    return found | {"offset": offset, "saturating": saturating, "zero": zero}


def _declared(name: str, given: str | Mapping[str, float | bool], is_negative: bool) -> Format:
    found = _of_type(name, given) if isinstance(given, str) else _of_mapping(name, given, is_negative)
    if found.width > MAX_BITS:
        raise ConfigError(
            f"words: feature '{name}': expected at most {MAX_BITS} bits, which single precision holds. Received: "
            f"{found.width}; declare its upper {MAX_BITS} bits"
        )
    return found


def _of_type(name: str, text: str) -> Format:
    try:
        kind = FixedPoint.parse(text)
    except PrecisionError as error:
        raise ConfigError(f"words: feature '{name}': {error}") from None
    return Format(kind.width, kind.signed, 2.0**-kind.fraction)


def _of_mapping(name: str, given: Mapping[str, float | bool], is_negative: bool) -> Format:
    if not isinstance(given, Mapping):
        example = "a type such as ap_ufixed<14,12>, or bits and scale"
        raise ConfigError(f"words: feature '{name}': expected {example}. Received: {given!r:.60}")
    strange = next((key for key in given if key not in _KEYS), None)
    if strange is not None or not {"bits", "scale"} <= set(given):
        close = "" if strange is None else nearest(strange, _KEYS)
        received = ", ".join(map(str, given)) or "nothing"
        raise ConfigError(f"words: feature '{name}': expected bits, scale, maybe signed. Received: {received}{close}")
    bits, scale, signed = given["bits"], given["scale"], given.get("signed", is_negative)
    is_whole = isinstance(bits, (int, np.integer)) and is_number(bits) and bits >= 1
    is_flag = isinstance(signed, (bool, np.bool_))
    if not is_whole or not is_number(scale) or not 1e-300 < scale < 1e300 or not is_flag:
        raise ConfigError(
            f"words: feature '{name}': expected bits from 1 to {MAX_BITS}, a scale above 0, and signed true or false. "
            f"Received: {bits!r:.40}, {scale!r:.40}, {signed!r:.40}"
        )
    return Format(int(bits), bool(signed), float(scale))
