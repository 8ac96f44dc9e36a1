"""How many bits of each input a network uses, and the network that leaves out the last of one."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from codesign._arguments import checked
from codesign.errors import ConfigError
from codesign.network.absorb_offset import without_offset
from codesign.network.network import Network
from codesign.network.node import Node
from codesign.network.ops import MOVES, Dense, Quantize


def used_input_bits(network: Network) -> np.ndarray:
    """Return how many of the bits of each input, from the highest on, some weight or other operation reads.

    Args:
        network: with every type.

    Returns:
        (n_inputs,) int64, of the inputs side by side; 0 where only weights of 0 read it.
    """
    found = {name: np.broadcast_to(kind.fraction, network.shapes[name]) for name, kind in network.types.items()}
    finest = np.full(network.n_inputs, np.iinfo(np.int64).min)
    for node, name, elements in _readers(network):
        read = np.ones(elements.shape, bool)
        if isinstance(node.op, Dense):
            read = np.broadcast_to((node.op.kernel != 0).any(1), elements.shape)
        np.maximum.at(finest, elements[read], found[name][read])
    kind = network.input_precision
    width, fraction = (np.broadcast_to(part, network.n_inputs) for part in (kind.width, kind.fraction))
    is_read = finest > np.iinfo(np.int64).min
    return np.where(is_read, np.maximum(width - np.maximum(fraction - np.where(is_read, finest, 0), 0), 0), 0)


@checked
def without_last_bit(network: Network, index: int) -> Network:
    """Return the network that takes one bit less of an input, at the low end.

    Where the input is truncated, the biases of the dense layers that read it make up for the mean of what is left out.

    Args:
        network: with every type.
        index: of the input, side by side.

    Raises:
        ConfigError: for an input that is not there, or of which no bit is used.
    """
    bits = int(used_input_bits(network)[index]) if 0 <= index < network.n_inputs else 0
    if not bits:
        raise ConfigError(f"index: expected an input from 0 to {network.n_inputs - 1} that is used. Received: {index}")
    inputs, start, missing = [], 0, np.zeros(network.n_inputs)
    for one in network.inputs:
        place = index - start
        if 0 <= place < one.size:
            kind = one.precision
            width, integer = (np.array(np.broadcast_to(part, one.shape)) for part in (kind.width, kind.integer))
            finest = 2.0 ** (integer.flat[place] - min(width.flat[place], bits))
            width.flat[place] = min(width.flat[place], bits) - 1
            missing[index] = 0.5 * finest * (kind.rounding == "TRN")
            one = replace(one, precision=replace(kind, width=width, integer=integer))
        inputs.append(one)
        start += one.size
    ops = {}
    for node, _, elements in _readers(network):
        if isinstance(node.op, Dense) and missing[elements].any():
            ops[node.name] = without_offset(node.op, -missing[elements].reshape(-1, elements.shape[-1]).mean(0))
    return replace(network.with_ops(ops), inputs=tuple(inputs))


def _readers(network: Network) -> Iterator[tuple[Node, str, np.ndarray]]:
    """Each node that reads inputs, maybe moved about and rounded: the value it takes, and which inputs that is."""
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
