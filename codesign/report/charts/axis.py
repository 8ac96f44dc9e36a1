"""Axis: from numbers to places, linear or logarithmic, with ticks at round numbers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ENOUGH_DECADES = 2.2  # below, the ticks of a logarithmic axis are 1, 2, 5
_FEWEST = 3  # of such ticks; with fewer they are those of a linear axis
_MARGIN = 0.07


@dataclass(frozen=True)
class Axis:
    """One axis.

    Args:
        label: what it is, with its unit.
        low, high: ends, low < high; above 0 if logarithmic.
        log: whether it is logarithmic.
        style: of numbers: ``number`` (12k), ``percent`` (of shares) or ``power`` (10⁻³).
    """

    label: str
    low: float
    high: float
    log: bool = False
    style: str = "number"

    def place(self, value: float) -> float:
        """Return where a number is: 0 at the low end, 1 at the high one."""
        low, high, value = (math.log10(one) if self.log else one for one in (self.low, self.high, value))
        return (value - low) / (high - low)

    def holds(self, value: float) -> bool:
        """Whether the axis has a place for a number."""
        return math.isfinite(value) and (value > 0 or not self.log)

    def ticks(self, most: int = 6) -> list[float]:
        """Return round numbers between the ends, about evenly apart; the script finds the same ones."""
        if self.log:
            return self._log_ticks(most)
        step = _round_step((self.high - self.low) / most)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [index * step for index in range(first, last + 1)]

    def _log_ticks(self, most: int) -> list[float]:
        low, high = math.log10(self.low), math.log10(self.high)
        if high - low < _ENOUGH_DECADES:
            decades = range(math.floor(low), math.ceil(high) + 1)
            found = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
            found = [one for one in found if self.low * (1 - 1e-9) <= one <= self.high * (1 + 1e-9)]
            if len(found) >= _FEWEST:
                return found
            return Axis("", self.low, self.high).ticks(most + 3)
        every = math.ceil((high - low) / most)
        return [10.0**decade for decade in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1, every)]

    def text(self, value: float) -> str:
        """Return a number as the axis writes it."""
        if self.style == "percent":
            return f"{_shortest(100 * value)} %"
        if self.style == "power" and value > 0 and abs(math.log10(value) - round(math.log10(value))) < 1e-9:
            return f"10{str(round(math.log10(value))).translate(_SUPERSCRIPTS)}"
        if abs(value) >= 1000:
            return f"{_shortest(value / 1000)}k" if abs(value) < 1e6 else f"{_shortest(value / 1e6)}M"
        return _shortest(value)


def axis_around(label: str, values: Iterable[float], *, log: bool = False, style: str = "number") -> Axis | None:
    """Return an axis that holds all numbers with some room beside them, or None if there are none it could hold."""
    known = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not known:
        return None
    low, high = min(known), max(known)
    if log:
        room = max((high / low) ** _MARGIN, 1.15)
        return Axis(label, low / room, high * room, True, style)
    room = _MARGIN * (high - low) or abs(high) * _MARGIN or 1.0
    return Axis(label, low - room, high + room, False, style)


def _round_step(about: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(about))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= about * (1 - 1e-9))


def _shortest(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
