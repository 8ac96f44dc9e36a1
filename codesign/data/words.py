"""Words: the integers that a detector sends, feature by feature, and the numbers that a network takes them for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign.data.checks import check_events
from codesign.data.free_words import free_formats
from codesign.data.word_formats import MAX_BITS, Format, Formats, declared_formats, found_format, measured
from codesign.data.word_limits import check_bits, check_declared
from codesign.errors import ConfigError
from codesign.network import FixedPoint


@checked
@dataclass(frozen=True, eq=False)
class Words:
    """The words of every feature: ``code = round((x - zero) / scale)``, saturating; a network takes ``code 2^-f``.

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
        zero: (n,) physical value of code 0; None: 0.

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
    zero: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.zero is None:
            object.__setattr__(self, "zero", np.zeros(len(self.features)))
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
        check_bits(bits)
        x = _events(x, tuple(features))
        return cls._of_formats([found_format(column, bits) for column in x.T], x, features)

    @classmethod
    def free(cls, x: np.ndarray, y: np.ndarray, features: Sequence[str], bits: int = 8) -> Self:
        """Return words whose range is chosen for each feature, where the sender can shift and scale it as one likes.

        The first bits then tell as much of the targets as they can: a raw bit is a key of a table for nothing.

        Args:
            x: (n_events, n) in physical units.
            y: (n_events,) labels, or (n_events, n_outputs) probabilities or values.
            features: (n,) names.
            bits: 1 to 24.

        Raises:
            ConfigError, DataError: as :meth:`find`.

        Example:
            >>> import numpy as np
            >>> from codesign.data import Words
            >>> mass = np.random.default_rng(0).normal(90.0, 30.0, (2000, 1))
            >>> words = Words.free(mass, mass[:, 0] > 90, ("mass",), bits=4)
            >>> bool(np.corrcoef(words.codes(mass)[:, 0] >= 8, mass[:, 0] > 90)[0, 1] > 0.9)
            True
        """
        check_bits(bits)
        return cls._of_formats(free_formats(x := _events(x, tuple(features)), y, bits), x, features)

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
        check_declared(words, x)
        return words

    @classmethod
    def from_dict(cls, packed: Mapping[str, object]) -> Self:
        """Return the words that :meth:`as_dict` gave.

        Raises:
            ConfigError: for other keys.
        """
        names = [field.name for field in fields(cls)]
        if not isinstance(packed, Mapping) or {"zero", *packed} != set(names):  # older files have no zero
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
        return self.precision.code_low * self.scale + self.zero

    @property
    def high(self) -> np.ndarray:
        """(n,) physical units: the largest values that are sent."""
        return self.precision.code_high * self.scale + self.zero

    @property
    def formats(self) -> tuple[str, ...]:
        """What is sent of each feature, in words: ``ap_ufixed<14,12>``, or ``ap_uint<12> x 0.037``."""
        parts = (self.width, self.signed, self.scale, self.zero)
        return tuple(str(Format(*one)) for one in zip(*(part.tolist() for part in parts)))

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
            codes = np.rint((x - self.zero) / self.scale)
        return np.clip(codes, precision.code_low, precision.code_high).astype(np.int64)

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Return what a network takes codes for, (n_events, n) float64: exact, in single precision too."""
        return np.asarray(codes, np.int64) * np.exp2(-self.fraction.astype(np.float64))

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return (n_events, n) physical units of what a network takes: those of the codes."""
        return np.asarray(values, np.float64) * np.exp2(self.fraction.astype(np.float64)) * self.scale + self.zero

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return what a network takes of x, (n_events, n) in physical units: ``values(codes(x))``."""
        return self.values(self.codes(x))

    @classmethod
    def _of_formats(cls, formats: Sequence[Format], x: np.ndarray, features: Sequence[str]) -> Self:
        """Words whose units are found on events."""
        return cls(tuple(features), n_events=len(x), **measured(formats, x))


_KINDS = {
    "width": np.int64,
    "signed": bool,
    "scale": np.float64,
    "fraction": np.int64,
    "offset": np.float64,
    "saturating": np.int64,
    "zero": np.float64,
}


def _events(x: object, features: tuple[str, ...]) -> np.ndarray:
    """Return (n_events, n) float64, checked."""
    x = as_numbers(x, "x")
    check_events("x", x, features)
    return x
