"""Words: the integers that a detector sends, feature by feature, and the numbers that a network takes them for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign.data.checks import check_events
from codesign.data.word_formats import MAX_BITS, Format, Formats, check_declared, declared_formats, found_format
from codesign.errors import ConfigError
from codesign.network import FixedPoint


@checked
@dataclass(frozen=True, eq=False)
class Words:
    """The words of every feature: ``code = round(x / scale)``, saturating, of which a network takes ``code 2^-f``.

    The scale is the detector's, and need not be a power of two; `fraction` is one that brings the spread of the codes
    to 0.7 to 1.4 in the network's units, so that no multiplier stands before the first layer. `offset` is the whole
    number of these units next to the mean, which a training subtracts and the first layer's bias takes up.

    Args:
        features: (n,) names.
        width: (n,) bits that are sent, 1 to 24.
        signed: (n,) bool, two's complement where true.
        scale: (n,) physical units of one least significant bit.
        fraction: (n,) bits behind the binary point in the network's units; negative where a bit is worth more than 1.
        offset: (n,) float64, in the network's units, whole numbers that are whole numbers of bits too.
        saturating: (n,) events beyond the range, of the `n_events` that the words were made for.
        n_events: events that they were made for.

    Raises:
        ConfigError: for arrays of other lengths, or numbers out of range.

    Example:
        >>> import numpy as np
        >>> from codesign.data import Words
        >>> pt = np.random.default_rng(0).exponential(40.0, (1000, 1))
        >>> words = Words.declare({"pt": "ap_ufixed<10,9>"}, pt)
        >>> words.codes([[30.3]]).tolist(), words.values([[61]]).tolist(), str(words.precision)
        ([[61]], [[0.953125]], 'per element, within ap_ufixed<10,4>')
    """

    features: tuple[str, ...]
    width: np.ndarray
    signed: np.ndarray
    scale: np.ndarray
    fraction: np.ndarray
    offset: np.ndarray
    saturating: np.ndarray
    n_events: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", tuple(str(name) for name in self.features))
        for name, kind in _KINDS.items():
            array = as_numbers(getattr(self, name), name).astype(kind)
            if array.shape != (len(self.features),):
                expected = f"{len(self.features)} numbers, one for each feature"
                raise ConfigError(f"{name}: expected {expected}. Received: shape {array.shape}")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if not len(self.features) or self.width.min() < 1 or self.width.max() > MAX_BITS or not (self.scale > 0).all():
            raise ConfigError(
                f"width, scale: expected 1 to {MAX_BITS} bits and positive scales, of one feature or more. Received: "
                f"{self.width.tolist()}, {self.scale.tolist()}"
            )

    @classmethod
    def find(cls, x: np.ndarray, features: Sequence[str], bits: int = 12) -> Self:
        """Return words for events as they come, of at most `bits` bits a feature.

        Whole numbers, and multiples of one step, are sent as they are where the bits suffice. Others get the scale at
        which all bits are used by what holds every event, or the mean and 8 standard deviations to both sides,
        whichever is less: a long tail saturates instead of wasting bits, and :attr:`notes` say in how many events.

        Args:
            x: (n_events, n) in physical units.
            features: (n,) names.
            bits: 1 to 24.

        Raises:
            ConfigError: for other bits.
            DataError: for NaN, inf or a wrong shape.
        """
        if not 1 <= bits <= MAX_BITS:
            raise ConfigError(f"bits: expected 1 to {MAX_BITS}, which single precision holds. Received: {bits}")
        x = _events(x, tuple(features))
        return cls._of_formats([found_format(column, bits) for column in x.T], x, features)

    @classmethod
    def declare(cls, formats: Formats, x: np.ndarray, features: Sequence[str] | None = None) -> Self:
        """Return words in formats that a detector has.

        Args:
            formats: for each feature a type, such as ``ap_ufixed<14,12>``, or ``bits`` and ``scale``, the physical
                units of one least significant bit, and perhaps ``signed``; without it, it is signed if any event is
                negative. What modes a type has does not matter: values between two codes become the nearest.
            x: (n_events, n) in physical units: means and spreads are found on them.
            features: (n,) names, in their order in x; None: those of `formats`, in theirs.

        Raises:
            ConfigError: for a feature that is not there (it names the nearest) or is left out, and formats that cannot
                be read.
            DataError: for NaN, inf or a wrong shape; for a format that more than 1 % of the events are beyond, or too
                coarse to tell any two events from one another: it names the feature.
        """
        features = tuple(formats if features is None else features)
        x = _events(x, features)
        words = cls._of_formats(declared_formats(formats, x, features), x, features)
        codes, ends = words.codes(x), zip(words.low, words.high)
        for index, (name, (low, high)) in enumerate(zip(features, ends)):
            shown = f"feature '{name}', {words.formats[index]}"
            check_declared(shown, x[:, index], codes[:, index], (low, high), int(words.saturating[index]))
        return words

    @classmethod
    def choose(
        cls, given: Self | Formats | None, x: np.ndarray, features: Sequence[str], bits: int, *, is_done: bool = False
    ) -> Self:
        """Return the words that are given, or of the formats that are declared, or None: that are found.

        Args:
            is_done: whether x is in words already, which is refused.

        Raises:
            ConfigError, DataError: as :meth:`find` and :meth:`declare`; for words of other features.
        """
        if is_done:
            raise ConfigError("words: expected data in physical units. Received: data that are in words already")
        if given is None:
            return cls.find(x, features, bits)
        if not isinstance(given, cls):
            return cls.declare(given, x, features)
        if given.features != tuple(features):
            received = ", ".join(given.features)
            raise ConfigError(f"words: expected those of {', '.join(features)}. Received: {received}")
        return given

    @classmethod
    def from_dict(cls, packed: Mapping[str, object]) -> Self:
        """Return the words that :meth:`as_dict` gave.

        Raises:
            ConfigError: for other keys.
        """
        names = [field.name for field in fields(cls)]
        if not isinstance(packed, Mapping) or set(packed) != set(names):
            given = ", ".join(map(str, packed)) if isinstance(packed, Mapping) else type(packed).__name__
            raise ConfigError(f"words: expected the keys {', '.join(names)}. Received: {given:.200}")
        return cls(**packed)

    def as_dict(self) -> dict[str, object]:
        """Return lists and numbers, as JSON has them: :meth:`from_dict` takes them."""
        arrays = {name: getattr(self, name).tolist() for name in _KINDS}
        return {"features": list(self.features), **arrays, "n_events": int(self.n_events)}

    @property
    def precision(self) -> FixedPoint:
        """The type of each feature in the network's units; what is cast to it is truncated and wraps."""
        return self.top(None)

    def top(self, bits: int | None) -> FixedPoint:
        """Return the type of the highest bits of each word, all of them where it has no more, or for None."""
        width = self.width if bits is None else np.minimum(self.width, bits)
        return FixedPoint(width, self.width - self.fraction, self.signed)

    @property
    def low(self) -> np.ndarray:
        """(n,) physical units: the smallest values that are sent."""
        return self.precision.code_low * self.scale

    @property
    def high(self) -> np.ndarray:
        """(n,) physical units: the largest values that are sent."""
        return self.precision.code_high * self.scale

    @property
    def formats(self) -> tuple[str, ...]:
        """What is sent of each feature, in words: ``ap_ufixed<14,12>``, or ``ap_uint<12> x 0.037``."""
        return tuple(str(Format(*one)) for one in zip(self.width.tolist(), self.signed.tolist(), self.scale.tolist()))

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each feature that saturates: in how many of the events that the words were made for."""
        return tuple(
            f"feature '{name}' saturates in {count} of {self.n_events} events, beyond {low:.4g} to {high:.4g}"
            for name, count, low, high in zip(self.features, self.saturating.tolist(), self.low, self.high)
            if count
        )

    def codes(self, x: np.ndarray) -> np.ndarray:
        """Return x, (n_events, n) in physical units, as a detector digitises them: (n_events, n) int64.

        Raises:
            DataError: for NaN, inf or a wrong shape.
        """
        x, precision = _events(x, self.features), self.precision
        with np.errstate(over="ignore"):
            codes = np.rint(x / self.scale)
        return np.clip(codes, precision.code_low, precision.code_high).astype(np.int64)

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Return what a network takes codes for, (n_events, n) float64: exact, in single precision too."""
        return np.asarray(codes, np.int64) * np.exp2(-self.fraction.astype(np.float64))

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return (n_events, n) physical units of what a network takes: those of the codes."""
        return np.asarray(values, np.float64) * np.exp2(self.fraction.astype(np.float64)) * self.scale

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return what a network takes of x, (n_events, n) in physical units: ``values(codes(x))``."""
        return self.values(self.codes(x))

    @classmethod
    def _of_formats(cls, formats: Sequence[Format], x: np.ndarray, features: Sequence[str]) -> Self:
        """Words whose units are found on events."""
        width, signed, scale = (np.array(part) for part in zip(*formats))
        with np.errstate(over="ignore"):
            codes = np.rint(x / scale)
        high = np.exp2(width - signed) - 1
        low = np.where(signed, -high - 1, 0)
        saturating = ((codes < low) | (codes > high)).sum(0)
        codes = np.clip(codes, low, high)
        spread = codes.std(0)
        with np.errstate(divide="ignore"):
            fraction = np.where(spread > 0, np.rint(np.log2(spread)), 0).astype(np.int64)
        unit = np.maximum(1.0, np.exp2(-fraction.astype(np.float64)))
        offset = np.rint(codes.mean(0) * np.exp2(-fraction.astype(np.float64)) / unit) * unit + 0.0
        return cls(tuple(features), width, signed, scale, fraction, offset, saturating, len(x))


_KINDS = {
    "width": np.int64,
    "signed": bool,
    "scale": np.float64,
    "fraction": np.int64,
    "offset": np.float64,
    "saturating": np.int64,
}


def _events(x: object, features: tuple[str, ...]) -> np.ndarray:
    """Return (n_events, n) float64, checked."""
    x = as_numbers(x, "x")
    check_events("x", x, features)
    return x
