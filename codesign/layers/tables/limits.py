"""What the arguments of tables as layers may be."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import check_range
from codesign.errors import ConfigError
from codesign.network.ops.table import LUT6_KEYS, MOST_KEYS

_STEPS = 2.0**-24, 2.0**24


def check_step(step: float | None) -> float | None:
    """Return a step.

    Raises:
        ConfigError: for anything but a power of two from 2^-24 to 2^24, or None.
    """
    if step is None:
        return None
    step = check_range(step, "step", *_STEPS)
    if np.frexp(step)[0] != 0.5:
        raise ConfigError(
            f"step: expected a power of two, such as 0.125, which is a shift in hardware. Received: {step:g}; put a "
            "Rescaling behind the sums for another scale"
        )
    return step


def check_steps(step: float | Sequence[float] | None, n_tables: int) -> float | list[float] | None:
    """Return the step of all tables, or of each.

    Raises:
        ConfigError: as :func:`check_step`, or for another number of steps.
    """
    if np.ndim(step) == 0:
        return check_step(step)
    if len(step) != n_tables:
        raise ConfigError(f"step: expected one, or one for each of {n_tables} tables. Received: {len(step)}")
    return [check_step(one) for one in step]


def check_tables(tables: Sequence[Sequence[int]], max_keys: int) -> list[list[int]]:
    """Return the keys of each table.

    Raises:
        ConfigError: for no tables, more keys than `max_keys`, or places below 0.
    """
    if not LUT6_KEYS <= max_keys <= MOST_KEYS:
        raise ConfigError(f"max_keys: expected {LUT6_KEYS} to {MOST_KEYS}. Received: {max_keys}")
    found = [[int(place) for place in keys] for keys in tables]
    if not found:
        raise ConfigError("tables: expected at least one, the places of its keys. Received: none")
    for number, keys in enumerate(found):
        if len(keys) > max_keys:
            cure = f"; pass max_keys={len(keys)} for that" if len(keys) <= MOST_KEYS else ", and more are not built"
            raise ConfigError(
                f"tables: expected at most {max_keys} keys each: up to {LUT6_KEYS} are one LUT6 for each bit of the "
                f"leaves, 7 are two LUTs, 8 are four{cure}. Received: {len(keys)} keys in table {number}"
            )
        if min(keys, default=0) < 0:
            raise ConfigError(f"tables: expected places of bits from 0 on. Received: {min(keys)} in table {number}")
    return found
