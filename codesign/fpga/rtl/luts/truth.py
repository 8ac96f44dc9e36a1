"""Truth tables of functions of a few bits, as integers: bit i is the value for inputs that spell i."""

from collections.abc import Sequence

import numpy as np

FALSE, TRUE = 0, 1  # literals: twice the number of a signal, plus 1 where its complement is meant; signal 0 is constant


def packed(values: np.ndarray) -> int:
    """Return (2**n,) bits as an integer."""
    return int.from_bytes(np.packbits(values.astype(bool), bitorder="little").tobytes(), "little")


def unpacked(truth: int, n: int) -> np.ndarray:
    """Return (2**n,) bits of an integer, bool."""
    size = max(1, (1 << n) // 8)
    return np.unpackbits(np.frombuffer(truth.to_bytes(size, "little"), np.uint8), bitorder="little")[: 1 << n] > 0


def plain(literals: Sequence[int], values: np.ndarray) -> tuple[tuple[int, ...], np.ndarray]:
    """Return distinct signals in rising order, and the values of a function of literals by those signals.

    Args:
        literals: the first is the lowest bit of the index; constants, complements and repetitions are allowed.
        values: (2**n,) of any type.
    """
    signals = sorted({one >> 1 for one in literals} - {0})
    if [2 * one for one in signals] == list(literals):
        return tuple(signals), values
    place = {signal: i for i, signal in enumerate(signals)}
    number = np.arange(1 << len(signals))
    index = np.zeros_like(number)
    for i, one in enumerate(literals):
        bit = number >> place[one >> 1] & 1 if one >> 1 else 0
        index |= (bit ^ (one & 1)) << i
    return tuple(signals), values[index]


def supported(signals: Sequence[int], truth: int) -> tuple[tuple[int, ...], int]:
    """Return a function without the signals on which it does not depend."""
    n = len(signals)
    idle = [i for i in range(n) if not _depends(truth, n, i)]
    if not idle:
        return tuple(signals), truth
    kept = [i for i in range(n) if i not in idle]
    values = unpacked(truth, n)
    number = np.arange(1 << len(kept))
    index = sum(((number >> place & 1) << i for place, i in enumerate(kept)), np.zeros_like(number))
    return tuple(signals[i] for i in kept), packed(values[index])


def substituted(signals: Sequence[int], truth: int, signal: int, inner: tuple[Sequence[int], int]) -> tuple:
    """Return a function with one of its signals written as a function of others: (signals, truth)."""
    joined = sorted({*signals, *inner[0]} - {signal})
    number = np.arange(1 << len(joined))
    bits = {one: number >> place & 1 for place, one in enumerate(joined)}
    bits[signal] = unpacked(inner[1], len(inner[0]))[spelled(inner[0], bits, len(number))].astype(np.int64)
    return tuple(joined), packed(unpacked(truth, len(signals))[spelled(signals, bits, len(number))])


def spelled(signals: Sequence[int], bits: dict[int, np.ndarray], size: int) -> np.ndarray:
    """Return (size,) int64, the numbers that the signals' bits spell."""
    index = np.zeros(size, np.int64)
    for place, one in enumerate(signals):
        index |= bits[one].astype(np.int64) << place
    return index


def _depends(truth: int, n: int, i: int) -> bool:
    low = _LOW[n][i]
    return (truth >> (1 << i)) & low != truth & low


def _low_masks(n: int) -> list[int]:
    """For each input the entries at which it is 0."""
    return [sum(1 << entry for entry in range(1 << n) if not entry >> i & 1) for i in range(n)]


_LOW = [_low_masks(n) for n in range(9)]
