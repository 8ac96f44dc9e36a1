"""Candidates: the one-bit keys that trees may take, thresholds and raw bits of the inputs, and what each costs."""

import heapq
from dataclasses import dataclass

import numpy as np

from codesign.network import FixedPoint

BINS = 256
_UNIFORM = 224  # bins of one width; the rest splits those with most events


@dataclass(frozen=True, eq=False)
class Candidates:
    """Keys of every feature by column: of c < 256 the threshold ``code >= starts[c]``, of 256 + j a raw bit.

    Codes count from 0: those of two's complement have the highest bit turned.

    Args:
        width: (n_features,) bits of a code.
        starts: (n_features, 256) int64: codes at which the bins begin, the thresholds; the first is no key.
        n_bins: (n_features,) int64.
        masks: (n_features, n_raw, 256) float32: bins in which a raw bit is 1.
        raw: (n_features, n_raw) int64: number of the raw bit, -1 for none.
        significant: (n_features, 256 + n_raw) float64: bits that a comparator takes; 0 for raw bits, inf for no key.
        precision: type of the codes.
        n_inputs: features that are inputs; those behind them are sums of inputs.
    """

    width: np.ndarray
    starts: np.ndarray
    n_bins: np.ndarray
    masks: np.ndarray
    raw: np.ndarray
    significant: np.ndarray
    precision: FixedPoint
    n_inputs: int

    @classmethod
    def of(
        cls,
        codes: np.ndarray,
        precision: FixedPoint,
        is_monotone: np.ndarray | None = None,
        *,
        n_inputs: int | None = None,
    ) -> "Candidates":
        """Return the keys for codes, (n_events, n_features) from 0, of a type.

        Args:
            codes: as :func:`unsigned_codes` gives them.
            precision: of each feature, or of all.
            is_monotone: (n_features,) bool, features of which only thresholds are keys; None: of none.
            n_inputs: features that are inputs; None: all.
        """
        n_features = codes.shape[1]
        width = np.broadcast_to(np.asarray(precision.width, np.int64), n_features)
        is_monotone = np.zeros(n_features, bool) if is_monotone is None else is_monotone
        n_raw = min(int(width.max()), 16)
        starts, n_bins = np.zeros((n_features, BINS), np.int64), np.ones(n_features, np.int64)
        masks, raw = np.zeros((n_features, n_raw, BINS), np.float32), np.full((n_features, n_raw), -1)
        significant = np.full((n_features, BINS + n_raw), np.inf)
        for feature in range(n_features):
            first, last, shift = _bins(codes[:, feature])
            n_bins[feature] = len(first)
            starts[feature, : len(first)] = cuts = np.concatenate([first[:1], _roundest(last[:-1] + 1, first[1:])])
            zeros = np.array([_trailing_zeros(int(cut)) for cut in cuts[1:]], np.int64)
            taken = width[feature] - zeros
            highest = 0 if is_monotone[feature] else np.inf  # the threshold at half the range is the highest raw bit
            significant[feature, 1 : len(first)] = np.where(taken > 1, taken, highest)
            if is_monotone[feature]:
                continue
            for place, bit in enumerate(range(width[feature] - 1, max(shift, width[feature] - n_raw) - 1, -1)):
                ones = first >> bit & 1
                if 0 < ones.sum() < len(first):
                    masks[feature, place, : len(first)], raw[feature, place] = ones, bit
                    significant[feature, BINS + place] = 0
        n_inputs = n_features if n_inputs is None else n_inputs
        return cls(width, starts, n_bins, masks, raw, significant, precision, n_inputs)

    def bins(self, codes: np.ndarray) -> np.ndarray:
        """Return (n_features, n_events) uint8 of the codes that the candidates were made for."""
        found = np.empty(codes.shape[::-1], np.uint8)
        for feature, size in enumerate(self.n_bins):
            found[feature] = np.searchsorted(self.starts[feature, 1:size], codes[:, feature], "right")
        return found

    def sides(self, keys: np.ndarray) -> np.ndarray:
        """Return (n_keys, 256) uint8: the bit that each key, (feature, column), gives by bin."""
        sides = np.zeros((len(keys), BINS), np.uint8)
        for place, (feature, column) in enumerate(keys):
            sides[place] = np.arange(BINS) >= column if column < BINS else self.masks[feature, column - BINS]
        return sides

    def key_bits(self, codes: np.ndarray, key: tuple[int, int]) -> np.ndarray:
        """Return (n_events,) bool, the bit that a key gives of any codes, (n_events, n_features)."""
        feature, column = key
        if column < BINS:
            return codes[:, feature] >= self.starts[feature, column]
        return (codes[:, feature] >> self.raw[feature, column - BINS] & 1).astype(bool)

    def is_turned(self, key: tuple[int, int]) -> bool:
        """Whether a key is the opposite of the raw bit that it stands for: the sign of two's complement."""
        feature, column = key
        signed = np.broadcast_to(self.precision.signed, len(self.width))[feature]
        return bool(column >= BINS and signed and self.raw[feature, column - BINS] == self.width[feature] - 1)


def unsigned_codes(codes: np.ndarray, precision: FixedPoint) -> np.ndarray:
    """Return codes of a type, (n_events, n_features) int64, counted from 0."""
    return codes - np.asarray(precision.code_low)


def _bins(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the smallest and largest code of each bin that has events, 256 at most, and bits below all of them.

    Bins are as fine as :data:`_UNIFORM` allow, in powers of two, so that the higher bits are known in each of them;
    then those with most events are halved.
    """
    values, counts = np.unique(codes, return_counts=True)
    shift = 0
    while len(np.unique(values >> shift)) > (BINS if shift == 0 else _UNIFORM):
        shift += 1
    _, begins = np.unique(values >> shift, return_index=True)
    ends = np.append(begins[1:], len(values))
    heap = [(-int(counts[a:b].sum()), int(a), int(b), shift) for a, b in zip(begins, ends)]
    heapq.heapify(heap)
    done = []
    while heap and len(heap) + len(done) < BINS:
        weight, a, b, bits = heapq.heappop(heap)
        while bits and values[a] >> (bits - 1) == values[b - 1] >> (bits - 1):
            bits -= 1
        if not bits:
            done.append((weight, a, b, bits))
            continue
        middle = a + int(np.searchsorted(values[a:b] >> (bits - 1), values[b - 1] >> (bits - 1)))
        for low, high in ((a, middle), (middle, b)):
            heapq.heappush(heap, (-int(counts[low:high].sum()), low, high, bits - 1))
    cells = sorted((a, b) for _, a, b, _ in (*heap, *done))
    return values[[a for a, _ in cells]], values[[b - 1 for _, b in cells]], shift


def _roundest(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the number with most trailing zeros from each `low` to `high`."""
    found = high.copy()
    for bits in range(1, 63):
        rounded = high >> bits << bits
        fits = (rounded >= low) & (rounded > 0)
        if not fits.any():
            return found
        found = np.where(fits, rounded, found)
    return found


def _trailing_zeros(code: int) -> int:
    return (code & -code).bit_length() - 1
