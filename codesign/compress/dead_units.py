"""Which channels between dense layers matter: arrays in, arrays out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Arrays = list[np.ndarray]


@dataclass(frozen=True, eq=False)
class PlainLayer:
    """``x @ kernel + bias``, once or in several places.

    Args:
        kernel: (n_in, n_out) as products are taken.
        bias: (n_out,) as it is added.
        inputs: (n_in,) int, the channel that each row reads; a channel may stand in several rows.
        outputs: (n_out,) int, the channel that each column gives.
        holds_bias: whether the layer can hold this bias (n_out,) exactly; a bias quantizer may not.
    """

    kernel: np.ndarray
    bias: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    holds_bias: Callable[[np.ndarray], bool] = lambda bias: True


@dataclass(frozen=True, eq=False)
class Channels:
    """What can be removed: a channel stands for everything that goes with it, such as both sides of an addition.

    Args:
        varying: (n_channels,) bool: whether something other than dense layers gives it, such as the events.
        needed: (n_channels,) bool: whether something other than dense layers needs it, such as the outputs.
        values: the channels of each value; at least one stays.
    """

    varying: np.ndarray
    needed: np.ndarray
    values: Sequence[np.ndarray]


@dataclass(frozen=True, eq=False)
class LiveUnits:
    """What is left.

    Args:
        alive: (n_channels,) bool: channels that the outputs depend on, and those that cannot be removed.
        kept: the same, and a stopgap where nothing of a value would stay.
        kernels, biases: of each layer, full size; channels that were folded count in the biases, and have no weights
            any more.
    """

    alive: np.ndarray
    kept: np.ndarray
    kernels: Arrays
    biases: Arrays


def find_live_units(
    layers: Sequence[PlainLayer], channels: Channels, constants: Callable[[Arrays, Arrays], Arrays]
) -> LiveUnits:
    """Find the channels that the outputs depend on.

    A channel that only dense units give whose inputs are all dead is constant: it goes into the biases of the layers
    that read it. A channel whose every row is zero is dead. Both are repeated until nothing changes. Where a layer
    cannot hold its new bias, or reads several values of the channel, the constant stays.

    Args:
        layers: the dense layers.
        channels: what lies between them.
        constants: from kernels and biases to what each layer reads in each of its rows, (n_in,): right for rows that do
            not depend on the events, NaN for those where it is not one number.
    """
    kernels = [np.array(layer.kernel, np.float64) for layer in layers]
    biases = [np.array(layer.bias, np.float64) for layer in layers]
    alive, before = np.ones(len(channels.varying), bool), -1
    while before != (before := int(alive.sum()) + sum(int(np.count_nonzero(kernel)) for kernel in kernels)):
        _fold_constants(layers, kernels, biases, alive & ~_varying(layers, channels, kernels, alive), constants)
        alive &= _read(layers, channels, kernels)
        for layer, kernel in zip(layers, kernels):
            kernel *= alive[layer.inputs][:, np.newaxis] & alive[layer.outputs]
    kept = alive.copy()
    for value in channels.values:
        kept[value[0]] |= not kept[value].any()
    return LiveUnits(alive, kept, kernels, biases)


def _varying(layers: Sequence[PlainLayer], channels: Channels, kernels: Arrays, alive: np.ndarray) -> np.ndarray:
    """(n_channels,) bool: whether a channel depends on the events."""
    varying, before = channels.varying.copy(), -1
    while before != (before := int(varying.sum())):
        for layer, kernel in zip(layers, kernels):
            varying[layer.outputs] |= (kernel[(varying & alive)[layer.inputs]] != 0).any(0)
    return varying


def _read(layers: Sequence[PlainLayer], channels: Channels, kernels: Arrays) -> np.ndarray:
    """(n_channels,) bool: whether something that matters reads a channel."""
    read, before = channels.needed.copy(), -1
    while before != (before := int(read.sum())):
        for layer, kernel in zip(reversed(layers), reversed(kernels)):
            read[layer.inputs[(kernel[:, read[layer.outputs]] != 0).any(1)]] = True
    return read


def _fold_constants(
    layers: Sequence[PlainLayer],
    kernels: Arrays,
    biases: Arrays,
    constant: np.ndarray,
    constants: Callable[[Arrays, Arrays], Arrays],
) -> None:
    """Fold constant channels into the biases of the layers that read them, where all can hold that."""
    rows = [constant[layer.inputs] & (kernel != 0).any(1) for layer, kernel in zip(layers, kernels)]
    if not any(row.any() for row in rows):
        return
    values = constants(kernels, biases)
    for channel in np.unique(np.concatenate([layer.inputs[row] for layer, row in zip(layers, rows)])):
        readers = [(index, row & (layer.inputs == channel)) for index, (layer, row) in enumerate(zip(layers, rows))]
        shifts = {index: values[index][own] @ kernels[index][own] for index, own in readers if own.any()}
        if all(
            np.isfinite(shift).all() and (not shift.any() or layers[index].holds_bias(biases[index] + shift))
            for index, shift in shifts.items()
        ):
            for index, own in readers:
                biases[index] = biases[index] + shifts.get(index, 0.0)
                kernels[index][own] = 0
