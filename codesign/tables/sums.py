"""Sums of two inputs, with a sign and a power of two, whose thresholds and bits are keys too: oblique cuts."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import ConstantTypes, Dense
from codesign.network.types.ranges import CodeRange

_POWERS = (0, 1, -1, 2, -2, 3, -3)  # of the ratio of two inputs
_FACTORS = [(2.0 ** max(0, -power), sign * 2.0 ** max(0, power)) for power in _POWERS for sign in (1, -1)]
_FACTOR = FixedPoint(6, 6)  # holds them all
_EVENTS, _BINS, _PAIRS = 8000, 32, 4000
_LEAST = 0.005  # of what is told of the targets, by a sum more than by both its inputs


@dataclass(frozen=True, eq=False)
class PairSums:
    """``factor[0] * x[first] + factor[1] * x[second]`` of some pairs.

    Args:
        pairs: (n_sums, 2) int64 places of inputs.
        factors: (n_sums, 2) float64, powers of two with signs.
        inputs: type of what is added.
        precision: type of each sum, which holds it exactly.
    """

    pairs: np.ndarray
    factors: np.ndarray
    inputs: FixedPoint
    precision: FixedPoint

    @classmethod
    def of(cls, pairs: np.ndarray, factors: np.ndarray, inputs: FixedPoint) -> "PairSums":
        """Return sums of inputs of a type, of each or of all."""
        kinds = [_sum_type(pair, factor, inputs) for pair, factor in zip(pairs.tolist(), factors.tolist())]
        parts = (np.array([getattr(kind, name) for kind in kinds]) for name in ("width", "integer", "signed"))
        return cls(pairs, factors, inputs, FixedPoint(*parts))

    def __len__(self) -> int:
        return len(self.pairs)

    def joined(self, n_inputs: int) -> FixedPoint:
        """Return the type of so many inputs and, behind them, the sums."""
        parts = []
        for name in ("width", "integer", "signed"):
            own = np.broadcast_to(getattr(self.inputs, name), n_inputs)
            parts.append(np.concatenate([own, np.broadcast_to(getattr(self.precision, name), len(self))]))
        return FixedPoint(*parts)

    @property
    def luts(self) -> np.ndarray:
        """(n_sums,) LUTs of their additions: bits below the coarser of two inputs need none."""
        fraction = np.asarray(self.inputs.fraction)[self.pairs] if np.ndim(self.inputs.fraction) else 0
        lowest = np.log2(np.abs(self.factors)) - fraction
        return np.broadcast_to(self.precision.width, len(self)) - np.abs(lowest[:, 0] - lowest[:, 1])

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_sums) of x, (n_events, n_inputs)."""
        return x[:, self.pairs[:, 0]] * self.factors[:, 0] + x[:, self.pairs[:, 1]] * self.factors[:, 1]

    def part(self, chosen: np.ndarray) -> "PairSums":
        """Return some of them."""
        kind = self.precision
        parts = (np.broadcast_to(one, len(self))[chosen] for one in (kind.width, kind.integer, kind.signed))
        return PairSums(self.pairs[chosen], self.factors[chosen], self.inputs, FixedPoint(*parts))

    def as_dense(self, n_inputs: int) -> Dense:
        """Return the layer that adds them up."""
        kernel = np.zeros((n_inputs, len(self)))
        for column in (0, 1):
            kernel[self.pairs[:, column], np.arange(len(self))] += self.factors[:, column]
        types = ConstantTypes(_FACTOR, FixedPoint(1, 1))
        return Dense(kernel, np.zeros(len(self)), types)


def find_sums(x: np.ndarray, targets: np.ndarray, inputs: FixedPoint, most: int) -> PairSums | None:
    """Return sums that tell most of the targets beyond what their inputs do, one of a pair; None if none does.

    Args:
        x: (n_events, n_inputs), events that keys are searched on.
        targets: (n_events, n_outputs).
        inputs: type of x.
        most: of them.
    """
    step = max(1, len(x) // _EVENTS)
    x, shares = x[::step], _shares(targets[::step])
    alone = np.array([_told(column, shares) for column in x.T])
    order = np.argsort(-alone)
    pairs = [tuple(sorted((order[i], order[j]))) for i, j in combinations(range(len(order)), 2)][:_PAIRS]
    whole = max(float(alone.max()), 1e-12)
    found = []
    for first, second in pairs:
        best, factor = max((_told(x[:, first] * a + x[:, second] * b, shares), (a, b)) for a, b in _FACTORS)
        more = best - max(alone[first], alone[second])
        if more > _LEAST * whole:
            found.append((more, (first, second), factor))
    found = sorted(found, reverse=True)[:most]
    if not found:
        return None
    _, pairs, factors = zip(*found)
    return PairSums.of(np.array(pairs), np.array(factors), inputs)


def _sum_type(pair: list[int], factor: list[float], inputs: FixedPoint) -> FixedPoint:
    ends = [[_at(end, place) * one for end in (inputs.low, inputs.high)] for place, one in zip(pair, factor)]
    low, high = (sum(end(one) for one in ends) for end in (min, max))
    fraction = int(max(_at(inputs.fraction, place) for place in pair))
    return CodeRange(round(low * 2.0**fraction), round(high * 2.0**fraction), fraction).type


def _at(value: float | np.ndarray, place: int) -> float:
    return float(value[place] if np.ndim(value) else value)


def _shares(targets: np.ndarray) -> np.ndarray:
    """Return (n_events, n_classes): probabilities as they are, of one column with its rest, values by their size."""
    if targets.shape[1] == 1 and targets.min() >= 0 and targets.max() <= 1:
        return np.concatenate([1 - targets, targets], 1)
    if targets.min() >= 0 and np.allclose(targets.sum(1), 1, atol=1e-3):
        return targets
    places = np.searchsorted(np.quantile(targets[:, 0], (0.25, 0.5, 0.75)), targets[:, 0], "right")
    return np.eye(4)[places]


def _told(values: np.ndarray, shares: np.ndarray) -> float:
    """Return the mutual information of values, in bins of equal numbers of events, with classes."""
    edges = np.quantile(values, np.arange(1, _BINS) / _BINS)
    places = np.searchsorted(edges, values, "right")
    counts = np.stack([np.bincount(places, column, _BINS) for column in shares.T], 1) / len(values)
    apart = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True)
    there = counts > 0
    return float((counts[there] * np.log(counts[there] / apart[there])).sum())
