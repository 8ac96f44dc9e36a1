"""Pins: the words that come in and go out, as the detector sends them and the trigger takes them.

A pin holds an integer code of its own fixed-point format. The network may use fewer bits of an input than are sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Self

import numpy as np

from codesign.errors import DataError, PrecisionError
from codesign.fpga.rtl.identifiers import identifiers
from codesign.network import FixedPoint, Layout, Network

if TYPE_CHECKING:
    from codesign.data.words import Words

# What else has a name in the top module.
_TAKEN = (
    "clk",
    "rst",
    "valid_in",
    "valid_out",
    "packed_inputs",
    "packed_outputs",
    "packed_ports",
    "latency",
    "initiation_interval",
)


@dataclass(frozen=True)
class Pin:
    """One value of an event.

    Args:
        name: as the user calls it.
        port: an identifier of Verilog and VHDL.
        width: bits; 0 for a value that is always 0 and has no port.
        signed: two's complement if true.
        fraction: the value is ``code * 2**-fraction``.
        dropped: low bits of an input that the network does not use.
        scale: of a raw word, one step in physical units; None where the value is what counts.
    """

    name: str
    port: str
    width: int
    signed: bool
    fraction: int
    dropped: int = 0
    scale: float | None = None

    @property
    def format(self) -> str:
        """The type in the language of HLS, such as ``ap_ufixed<14,12>``; of a raw word, ``ap_uint<14>``."""
        letter = "" if self.signed else "u"
        if self.scale is not None:
            return f"ap_{letter}int<{self.width}>"
        return f"ap_{letter}fixed<{self.width},{self.width - self.fraction}>"

    @property
    def used(self) -> int:
        """Bits that are used."""
        return max(0, self.width - self.dropped)

    @property
    def code_limits(self) -> tuple[int, int]:
        """The smallest and the largest code."""
        magnitude = self.width - self.signed
        return (-(1 << magnitude) if self.signed and self.width else 0), (1 << magnitude) - 1 if self.width else 0


@dataclass(frozen=True, eq=False)
class Interface:
    """All pins of a network.

    Args:
        network: with every type set.
        inputs, outputs: in the order of its inputs and outputs.
        has_words: whether the inputs are raw words of a detector, not the types of the network.
    """

    network: Network
    inputs: tuple[Pin, ...]
    outputs: tuple[Pin, ...]
    has_words: bool = False

    @classmethod
    def of(
        cls,
        network: Network,
        features: Sequence[str] = (),
        outputs: Sequence[str] = (),
        words: "Words | None" = None,
    ) -> Self:
        """Return the pins of a network.

        Args:
            network: with every type set.
            features: name of each input value; by default ``x0, x1, ...``.
            outputs: name of each output value; by default ``0, 1, ...``.
            words: the words that the detector sends; None: it sends the types of the inputs.

        Raises:
            DataError: for another number of names, or of words.
            PrecisionError: for words that the types of the inputs cannot hold.
        """
        names = _names("features", features, network.input_layout, "x")
        used = _pins(names, identifiers(names, "x", taken=_TAKEN), network.input_precision)
        inputs = used if words is None else tuple(map(_sent, used, _words(words, len(used), network)))
        labels = _names("outputs", outputs, network.output_layout, "")
        ports = identifiers(labels, "y", taken=(*_TAKEN, *(pin.port for pin in inputs)), prefixed=True)
        return cls(network, inputs, _pins(labels, ports, network.output_precision), words is not None)

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return the words, (n_events, n_inputs) int64, of values as the network takes them.

        Raises:
            DataError: for a wrong shape.
        """
        if not self.has_words:
            return np.ascontiguousarray(self.network.encode(x))
        steps = self.network.check_events(x) * np.exp2([float(pin.fraction) for pin in self.inputs])
        low, high = np.array([pin.code_limits for pin in self.inputs], np.int64).T
        return np.clip(np.rint(steps), low, high).astype(np.int64)

    def values(self, words: np.ndarray) -> np.ndarray:
        """Return what the network takes words for, both (n_events, n_inputs)."""
        return words * np.exp2([-float(pin.fraction) for pin in self.inputs])

    def codes(self, words: np.ndarray) -> np.ndarray:
        """Return the codes of the network's types that words are, both (n_events, n_inputs) int64."""
        dropped = np.array([pin.dropped for pin in self.inputs], np.int64)
        codes = (words << np.maximum(-dropped, 0)) >> np.maximum(dropped, 0)
        used = np.array([pin.used > 0 for pin in self.inputs])
        return np.ascontiguousarray(codes * used)

    def emulate(self, words: np.ndarray) -> np.ndarray:
        """Return the codes of the outputs, (n_events, n_outputs) int64, of words, (n_events, n_inputs) int64."""
        return self.network.emulate_codes(self.codes(words))


def _names(argument: str, given: Sequence[str], layout: Layout, letter: str) -> tuple[str, ...]:
    shapes = {letter: next(iter(layout.shapes.values()))} if len(layout.shapes) == 1 else layout.shapes
    names = tuple(map(str, given)) or tuple(f"{name}{i}" for name, shape in shapes.items() for i in range(prod(shape)))
    if len(names) != layout.size:
        raise DataError(f"{argument}: expected {layout.size} names, one for each value. Received: {len(names)}")
    return names


def _pins(names: Sequence[str], ports: Sequence[str], precision: FixedPoint) -> tuple[Pin, ...]:
    """Pins with exactly the bits of a type."""
    kinds = (np.broadcast_to(kind, len(names)) for kind in (precision.width, precision.signed, precision.fraction))
    return tuple(
        Pin(name, port, int(width), bool(signed), int(fraction))
        for name, port, width, signed, fraction in zip(names, ports, *kinds)
    )


def _words(words: "Words", n_inputs: int, network: Network) -> list[tuple[int, bool, int, float]]:
    """Width, sign, fraction and scale of each word."""
    fields = [np.atleast_1d(getattr(words, name)) for name in ("width", "signed", "fraction", "scale")]
    if any(len(field) != n_inputs for field in fields):
        raise DataError(f"words: expected {n_inputs}, one for each input. Received: {len(fields[0])}")
    rounds = network.input_precision.rounding != "TRN" and any(
        fraction > used
        for fraction, used in zip(fields[2], np.broadcast_to(network.input_precision.fraction, n_inputs))
    )
    if rounds:
        raise PrecisionError(
            "input_precision: expected low bits of words to be cut off, TRN. Received: "
            f"{network.input_precision.rounding}; set the rounding of the inputs to TRN"
        )
    return [(int(w), bool(s), int(f), float(scale)) for w, s, f, scale in zip(*fields)]


def _sent(used: Pin, word: tuple[int, bool, int, float]) -> Pin:
    """Return the pin of a word of which a network uses some bits."""
    width, signed, fraction, scale = word
    dropped = fraction - used.fraction if used.width else width
    needed = width - dropped + (used.signed and not signed)
    if used.width and (dropped >= width or needed > used.width or (signed and not used.signed)):
        sign = "" if used.signed else "un"
        raise PrecisionError(
            f"feature '{used.name}': expected a type of the input that holds the {width - dropped} bits that are used "
            f"of its word. Received: {sign}signed, {used.width} bits; give it {max(needed, 1)} bits and a sign if the "
            "word has one"
        )
    return replace(used, width=width, signed=signed, fraction=fraction, dropped=dropped, scale=scale)
