"""The codes that a fixed-point network takes: those of its types, of which an embedding takes fewer."""

import numpy as np

from codesign.network.network import Network
from codesign.network.ops import Embedding


def code_limits(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and the largest code of every input, (n_inputs,) int64 each.

    An input of an embedding has those from 0 to its last entry.

    Args:
        network: with a type of each input.
    """
    kind = network.input_precision
    low, high = (np.broadcast_to(limit, network.n_inputs).astype(np.int64) for limit in (kind.code_low, kind.code_high))
    fraction = np.broadcast_to(kind.fraction, network.n_inputs)
    columns = network.input_layout.split(np.arange(network.n_inputs)[np.newaxis])
    for node in network.nodes:
        if isinstance(node.op, Embedding) and node.inputs[0] in columns:
            for column in columns[node.inputs[0]].ravel().tolist():
                end = (len(node.op.table) << max(int(fraction[column]), 0)) - 1 >> max(-int(fraction[column]), 0)
                low[column], high[column] = 0, min(high[column], end)
    return low, high
