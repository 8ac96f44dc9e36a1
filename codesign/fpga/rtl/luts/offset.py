"""The constant that is common to all scores: free for whoever compares them, and not for the adders."""

from dataclasses import replace

import numpy as np

from codesign.fpga.rtl.luts.circuit import traced
from codesign.fpga.rtl.luts.front import Front
from codesign.fpga.rtl.luts.graph import TableGraph
from codesign.network import Network
from codesign.network.ops import SegmentSum

_TRIES, _BEST = 16, 2
_LEVELS = 4  # between registers; LUTs hardly depend on it


def with_cheapest_offset(network: Network, *, max_lut: int = 300) -> tuple[Network, int]:
    """Return a network of tables with a constant added to all its scores for which it takes the fewest LUTs.

    Classes and softmax are as before. Measured on jets: 27 LUTs become 22, 48 become 44, 162 become 159; 0.3 to 2 s.

    Args:
        network: with every type set; one whose output is not one sum with open types is returned as it is.
        max_lut: so are networks of more LUTs: there is little in it for them.

    Returns:
        the network, and how many LUTs it takes less.

    Raises:
        UnsupportedLayerError, PrecisionError: for a network that is not built of tables.
    """
    node = network.nodes[-1]
    is_open = isinstance(node.op, SegmentSum) and node.op.type is None and node.output is None
    if not is_open or network.outputs != (node.name,):
        return network, 0
    graph = TableGraph.of(network)
    front, circuit = None if graph.front is None else Front.of(graph.front, _LEVELS), graph.at(_LEVELS)
    if circuit.lut > max_lut:
        return network, 0

    def lut(one: Network, *, thorough: bool = True) -> int:
        return traced(one, _LEVELS, front, thorough=thorough).lut

    step = 2.0 ** -max(word.fraction for word in circuit.outputs)
    least = min(word.low * 2.0**-word.fraction for word in circuit.outputs)
    offsets = [node.op.offset + number * step - least for number in range(_TRIES)]
    shifted = [network.with_ops({node.name: replace(node.op, offset=one)}) for one in offsets]
    likely = np.argsort([lut(one, thorough=False) for one in shifted], kind="stable")[:_BEST]
    best = min([network, *(shifted[i] for i in likely)], key=lut)
    return best, circuit.lut - lut(best)
