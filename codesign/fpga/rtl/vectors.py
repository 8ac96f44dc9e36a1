"""Test vectors: words in, codes out; the corners of all formats, events of the user's, and words at random."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from codesign.fpga.rtl.pins import Interface
from codesign.network.code_limits import code_limits

N_VECTORS = 1000
_CORNERS = 0.1  # share of the vectors
_EVENTS = 0.7


@dataclass(frozen=True, eq=False)
class Vectors:
    """Events for test benches.

    Args:
        words: (n_events, n_inputs) int64, of the input pins.
        codes: (n_events, n_outputs) int64 of the output pins, by the emulation.
    """

    words: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, interface: Interface, x: np.ndarray, n_vectors: int = N_VECTORS, seed: int = 0) -> Self:
        """Choose vectors and emulate them.

        First all inputs at their lowest, at their highest, and at 0; then each input at one of its limits, at random;
        then events of `x`; then words in which every bit is random.

        Args:
            interface: from :meth:`codesign.fpga.rtl.pins.Interface.of`.
            x: (n_events, n_inputs) events of the user's, as the network takes them.
            n_vectors: how many, at least 3.
            seed: of the random choices.
        """
        rng = np.random.default_rng(seed)
        low, high = _limits(interface)
        corners = rng.integers(0, 2, (round(n_vectors * _CORNERS), len(low)))
        events = interface.encode(x)
        chosen = rng.permutation(len(events))[: round(n_vectors * _EVENTS)]
        known = np.concatenate([[low, high, np.clip(0, low, high)], np.where(corners, high, low), events[chosen]])
        random = rng.integers(low, high + 1, (max(0, n_vectors - len(known)), len(low)))
        words = np.concatenate([known, random])[:n_vectors].astype(np.int64)
        return cls(words, interface.emulate(words))


def _limits(interface: Interface) -> tuple[np.ndarray, np.ndarray]:
    """(n_inputs,) each: the smallest and the largest word that may come."""
    if not interface.has_words:
        return code_limits(interface.network)
    low, high = np.array([pin.code_limits for pin in interface.inputs], np.int64).T
    return low, high


def hex_lines(codes: np.ndarray, widths: list[int]) -> str:
    """Return one hexadecimal number per event for ``$readmemh``: the codes side by side, the first in the low bits."""
    digits = max(1, -(-sum(widths) // 4))
    lines = []
    for row in codes.tolist():
        number, at = 0, 0
        for code, width in zip(row, widths):
            number |= (code & ((1 << width) - 1)) << at
            at += width
        lines.append(f"{number:0{digits}x}\n")
    return "".join(lines)
