"""Tables split into tables of bytes, and those put together whose sum is a byte."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_BYTE, _BITS = 255, 8
Part = tuple[int, tuple[int, ...], np.ndarray]  # shift to the left, keys, entries of a byte


@dataclass(frozen=True)
class ByteTable:
    """A table.

    Args:
        keys: numbers of its keys, the low bit of the index first.
        entries: (2**n_keys,) from 0 to 255.
    """

    keys: tuple[int, ...]
    entries: tuple[int, ...]


def split(keys: tuple[int, ...], entries: np.ndarray) -> tuple[int, list[Part]]:
    """Return the least entry, and what is above it in bytes: shift, keys, entries."""
    low = min(entries)
    above = entries - low
    every = int(np.bitwise_or.reduce(above))
    if not every:
        return low, []
    shift = (every & -every).bit_length() - 1
    parts = []
    for one in range(shift, every.bit_length(), _BITS):
        part = (above >> one) & _BYTE
        parts += [(one, keys, part)] if part.any() else []
    return low, parts


def binned(parts: Sequence[Part]) -> list[tuple[int, list[ByteTable]]]:
    """Put tables together whose sum is a byte; return each with its shift."""
    finest = min((shift for shift, _, _ in parts), default=0)
    bins: list[tuple[int, int, list[ByteTable]]] = []
    moved = [(finest, keys, own << (shift - finest)) for shift, keys, own in parts]
    fitting = [own if max(own[2]) <= _BYTE else part for own, part in zip(moved, parts)]
    for shift, keys, entries in sorted(fitting, key=lambda part: -max(part[2])):
        table = ByteTable(keys, tuple(entries.tolist()))
        for at, (own, most, tables) in enumerate(bins):
            if own == shift and most + max(entries) <= _BYTE:
                bins[at] = (own, most + max(entries), [*tables, table])
                break
        else:
            bins.append((shift, max(entries), [table]))
    return [(shift, sorted(tables, key=lambda own: -len(own.keys))) for shift, _, tables in bins]
