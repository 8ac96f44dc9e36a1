"""How many bits of each input a network uses, and the network that leaves out the last of one."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from codesign._arguments import checked
from codesign.errors import ConfigError
from codesign.network.absorb_offset import without_offset
from codesign.network.input_readers import input_readers
from codesign.network.network import Network
from codesign.network.node import Node
from codesign.network.ops import Dense, FixedBit, FixedThreshold, Threshold


def used_input_bits(network: Network) -> np.ndarray:
    """Return how many of the bits of each input, from the highest on, some weight or other operation reads.

    Args:
        network: with every type.

    Returns:
        (n_inputs,) int64, of the inputs side by side; 0 where only weights of 0 read it.
    """
    finest = np.full(network.n_inputs, np.iinfo(np.int64).min)
    for node, name, elements in input_readers(network):
        for places, digits in _read_digits(network, node, name):
            np.maximum.at(finest, elements.ravel()[places], digits)
    kind = network.input_precision
    width, fraction = (np.broadcast_to(part, network.n_inputs) for part in (kind.width, kind.fraction))
    is_read = finest > np.iinfo(np.int64).min
    return np.where(is_read, np.maximum(width - np.maximum(fraction - np.where(is_read, finest, 0), 0), 0), 0)


def _read_digits(network: Network, node: Node, name: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield places of the elements of a value that a node reads, and to how many digits behind the point each."""
    kind, shape, fixed = network.types[name], network.shapes[name], network.fixed_ops[node.name]
    fraction, width = (np.broadcast_to(part, shape).ravel() for part in (kind.fraction, kind.width))
    if isinstance(fixed, FixedThreshold):
        zeros = np.log2(np.maximum(fixed.codes & -fixed.codes, 1)).astype(np.int64)
        zeros = np.where(fixed.codes == 0, width[fixed.index] - 1, zeros)  # of 0 it is the sign alone
        yield fixed.index, fraction[fixed.index] - zeros
    elif isinstance(fixed, FixedBit):
        yield fixed.index, fraction[fixed.index] - fixed.place
    else:
        read = np.ones(shape, bool)
        if isinstance(node.op, Dense):
            read = np.broadcast_to((node.op.kernel != 0).any(1), shape)
        places = np.flatnonzero(read)
        yield places, fraction[places]


@checked
def without_last_bit(network: Network, index: int) -> Network:
    """Return the network that takes one bit less of an input, at the low end.

    Where the input is truncated, the biases of the dense layers that read it make up for the mean of what is left out.
    Thresholds above its highest value become that.

    Args:
        network: with every type.
        index: of the input, side by side.

    Raises:
        ConfigError: for an input that is not there, or of which no bit is used.
        PrecisionError: when the result's types are worked out, where that bit is a key of a table.
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
            highest = float(replace(kind, width=width, integer=integer).high.flat[place])
            missing[index] = 0.5 * finest * (kind.rounding == "TRN")
            one = replace(one, precision=replace(kind, width=width, integer=integer))
        inputs.append(one)
        start += one.size
    ops = {}
    for node, _, elements in input_readers(network):
        if isinstance(node.op, Dense) and missing[elements].any():
            ops[node.name] = without_offset(node.op, -missing[elements].reshape(-1, elements.shape[-1]).mean(0))
        elif isinstance(node.op, Threshold):
            kept = np.where(elements == index, highest, np.inf)[node.op.index]
            ops[node.name] = Threshold(node.op.index, np.minimum(node.op.value, kept))
    return replace(network.with_ops(ops), inputs=tuple(inputs))
