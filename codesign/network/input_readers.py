"""Which nodes of a network read its inputs."""

from collections.abc import Iterator

import numpy as np

from codesign.network.network import Network
from codesign.network.node import Node
from codesign.network.ops import MOVES, Quantize


def input_readers(network: Network) -> Iterator[tuple[Node, str, np.ndarray]]:
    """Yield each node that reads inputs, maybe moved about and rounded.

    With the name of the value it takes, and which inputs, side by side, that is: int64 of the value's shape.
    """
    number = np.arange(network.n_inputs)[np.newaxis]
    numbers = {name: values[0] for name, values in network.input_layout.split(number).items()}
    for node in network.nodes:
        taken = [numbers.get(name) for name in node.inputs]
        if isinstance(node.op, (Quantize, *MOVES)) and all(one is not None for one in taken):
            is_move = isinstance(node.op, MOVES)
            moved = node.op.evaluate(*(one[np.newaxis] for one in taken))[0] if is_move else taken[0]
            numbers[node.name] = moved
        else:
            yield from ((node, name, one) for name, one in zip(node.inputs, taken) if one is not None)
