"""The codes that a fixed-point network takes: those of its types, of which an embedding takes fewer."""

import numpy as np

from codesign.network.input_readers import input_readers
from codesign.network.network import Network
from codesign.network.ops import Embedding


def code_limits(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and the largest code of every input, (n_inputs,) int64 each.

    An input of an embedding, moved about or not, has those from 0 to its last entry.

    Args:
        network: with a type of each input.
    """
    kind = network.input_precision
    low, high = (np.broadcast_to(limit, network.n_inputs).astype(np.int64) for limit in (kind.code_low, kind.code_high))
    fraction = np.broadcast_to(kind.fraction, network.n_inputs)
    for node, name, columns in input_readers(network):
        if isinstance(node.op, Embedding):
            direct = name in {one.name for one in network.inputs}
            for column in columns.ravel().tolist():
                end = _last_code(len(node.op.table), int(fraction[column]), whole=not direct)
                low[column], high[column] = max(low[column], 0), min(high[column], end)
    return low, high


def _last_code(n_entries: int, fraction: int, *, whole: bool) -> int:
    """Return the largest code of an embedding's input; `whole`: of a number that no rounding on the way carries up."""
    up, down = max(fraction, 0), max(-fraction, 0)
    return (n_entries - 1 << up if whole else (n_entries << up) - 1) >> down
