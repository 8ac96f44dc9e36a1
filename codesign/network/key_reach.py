"""What values the keys of a network ask: those that a type must hold, and those to compare evaluations on."""

from collections.abc import Sequence

import numpy as np

from codesign.network.constant_choice import UNTRAINED_BITS
from codesign.network.input_readers import input_readers
from codesign.network.network import Network
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


def near_keys(network: Network, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return events, (n_events, n_inputs), in which half of the values that keys ask are on and around thresholds.

    Args:
        network: whose keys.
        x: other events.
        rng: what draws.
    """
    steps: dict[int, list[float]] = {}
    for node, _, columns in input_readers(network):
        if isinstance(node.op, Threshold):
            for place, value in zip(node.op.index.tolist(), node.op.value.tolist()):
                steps.setdefault(int(columns[place]), []).append(value)
        elif isinstance(node.op, Bit):
            for place, weight in zip(node.op.index.tolist(), node.op.weight.tolist()):
                steps.setdefault(int(columns[place]), []).extend(weight * step for step in range(-3, 4))
    x = x.copy()
    for column, values in steps.items():
        gaps = np.diff(np.unique(values))
        gap = np.median(gaps) if gaps.size else abs(values[0]) or 1.0
        away = rng.standard_normal(len(x)) * gap * rng.choice([0.0, 0.1, 1.0], len(x))
        x[:, column] = np.where(rng.random(len(x)) < 0.5, rng.choice(values, len(x)) + away, x[:, column])
    return x
