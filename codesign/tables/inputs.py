"""Inputs: what keys are taken of, the features and sums of two of them, as codes."""

from dataclasses import dataclass

import numpy as np

from codesign.errors import PrecisionError
from codesign.network import FixedPoint
from codesign.tables.candidates import unsigned_codes
from codesign.tables.sums import PairSums, find_sums
from codesign.tables.targets import Events


@dataclass(frozen=True, eq=False)
class Inputs:
    """Features in a type, and sums of them.

    Args:
        precision: of the features, of each or of all.
        n_features: number of them.
        sums: behind them, or None.
    """

    precision: FixedPoint
    n_features: int
    sums: PairSums | None

    @classmethod
    def of(cls, events: Events, precision: FixedPoint, *, most_sums: int) -> "Inputs":
        """Return the features of events, and at most so many sums, those that tell most of the targets.

        Raises:
            PrecisionError: for a type of other features.
        """
        shapes = {np.shape(part) for part in (precision.width, precision.integer, precision.signed)}
        if not shapes <= {(), (events.x.shape[1],)}:
            given = ", ".join(str(shape[0]) for shape in shapes if shape)
            expected = f"one type, or one for each of {events.x.shape[1]} features"
            raise PrecisionError(f"precision: expected {expected}. Received: types of {given}")
        if not most_sums:
            return cls(precision, events.x.shape[1], None)
        sums = find_sums(precision.quantize(events.x), events.targets, precision, most_sums)
        return cls(precision, events.x.shape[1], sums)

    @property
    def joined(self) -> FixedPoint:
        """Type of the features and, behind them, the sums."""
        return self.precision if self.sums is None else self.sums.joined(self.n_features)

    def codes(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_features + n_sums) codes from 0 of x, (n_events, n_features)."""
        codes = unsigned_codes(self.precision.to_codes(x), self.precision)
        if self.sums is None:
            return codes
        kind = self.sums.precision
        sums = kind.to_codes(self.sums.values(self.precision.quantize(x)))
        return np.concatenate([codes, unsigned_codes(sums, kind)], 1)
