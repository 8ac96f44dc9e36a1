"""Shape and standardisation of the events that a teacher was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np

from codesign.errors import ConfigError, DataError


@dataclass(frozen=True, eq=False)
class TeacherInputs:
    """What is done to events before a teacher sees them.

    Args:
        shape: of an event; None takes events as they come.
        mean, std: what is subtracted and divided by, one number per feature or per channel; None leaves events as they
            are.
    """

    shape: tuple[int, ...] | None = None
    mean: np.ndarray | None = None
    std: np.ndarray | None = None

    @classmethod
    def read(cls, shape: Sequence[int] | None, mean: np.ndarray | None, std: np.ndarray | None) -> Self:
        """Check what a user gives.

        Raises:
            ConfigError: for a shape that is none, one of mean and std alone, or numbers that are not finite, or not
                positive.
        """
        if shape is not None and (not len(shape) or not all(isinstance(n, (int, np.integer)) and n > 0 for n in shape)):
            raise ConfigError(f"event_shape: expected positive integers, such as (8, 8, 1). Received: {shape}")
        if (mean is None) != (std is None):
            raise ConfigError("mean, std: expected both, or neither. Received: one of them")
        if mean is not None:
            mean, std = np.asarray(mean, np.float64).ravel(), np.asarray(std, np.float64).ravel()
            if (
                mean.shape != std.shape
                or not np.isfinite(mean).all()
                or not np.isfinite(std).all()
                or not (std > 0).all()
            ):
                raise ConfigError(
                    f"mean, std: expected as many finite numbers each, std positive. Received: {mean.size} and "
                    f"{std.size} numbers"
                )
        return cls(None if shape is None else tuple(map(int, shape)), mean, std)

    def prepare(self, x: np.ndarray) -> np.ndarray:
        """Return events, (n_events, ...), in the teacher's shape and standardised.

        Raises:
            DataError: for events with another number of features.
        """
        shape = x.shape[1:] if self.shape is None else self.shape
        if prod(shape) != prod(x.shape[1:]):
            raise DataError(
                f"x: expected events of shape {shape}, or rows of {prod(shape)}, as the teacher takes. Received: "
                f"{x.shape[1:]}"
            )
        if self.mean is None:
            return x.reshape(len(x), *shape)
        if self.mean.size not in (prod(shape), shape[-1]):
            raise DataError(
                f"mean, std: expected {prod(shape)} numbers, one per feature of the events. Received: {self.mean.size}"
            )
        rows = x.reshape(len(x), -1, self.mean.size).astype(np.float64)
        return ((rows - self.mean) / self.std).astype(np.float32).reshape(len(x), *shape)
