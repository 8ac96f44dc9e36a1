"""Values that a type must hold so that it crosses every threshold of a network, and has every bit."""

from collections.abc import Sequence

import numpy as np

from codesign.network.constant_choice import UNTRAINED_BITS
from codesign.network.ops import Bit, Op, Threshold
from codesign.network.precision_choice import TRAINED

_BELOW_ZERO = -(2.0**-64)  # a type that crosses 0 has values on both sides of it


def with_keys(values: np.ndarray, readers: Sequence[Op], width: int | str) -> np.ndarray:
    """Return values with rows more, in which each key of the ops that read them has what its type must hold.

    Args:
        values: (n_events, *shape) that a type is found for.
        readers: the ops that take them.
        width: of the type, or ``trained``; other text is a type that is given, which nothing changes.
    """
    if width == TRAINED:
        width = UNTRAINED_BITS
    if isinstance(width, str) or not len(values):
        return values
    rows = [values]
    for op in readers:
        if isinstance(op, Threshold):
            wanted = np.where(op.value == 0, _BELOW_ZERO, op.value * (1 + 2.0 ** (2 - width)))
        elif isinstance(op, Bit):
            wanted = np.where(values[:, op.index].min(0) < 0, -op.weight, op.weight)
        else:
            continue
        more = np.tile(values[0], (op.index.size, 1))
        more[np.arange(op.index.size), op.index] = wanted
        rows.append(more)
    return np.concatenate(rows)
