"""Which units of a chain of dense layers matter: arrays in, arrays out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class PlainLayer:
    """``activate(x @ kernel + bias)``.

    Args:
        kernel: (n_in, n_out) as products are taken.
        bias: (n_out,) as it is added.
        activate: elementwise, (n_out,) to (n_out,): everything up to the next dense layer.
        holds_bias: whether the layer can hold this bias (n_out,) exactly; a bias quantizer may not.
    """

    kernel: np.ndarray
    bias: np.ndarray
    activate: Callable[[np.ndarray], np.ndarray]
    holds_bias: Callable[[np.ndarray], bool] = lambda bias: True


@dataclass(frozen=True, eq=False)
class LiveUnits:
    """What is left.

    Args:
        kept: indices of the inputs and of each layer's units that stay; outputs all do, and at least one everywhere.
        kernels, biases: of each layer, full size; units that were folded count in the biases, and have no weights any
            more.
        counts: inputs and units of each layer that matter; 0 where only a stopgap stays.
    """

    kept: list[np.ndarray]
    kernels: list[np.ndarray]
    biases: list[np.ndarray]
    counts: list[int]


def find_live_units(layers: Sequence[PlainLayer]) -> LiveUnits:
    """Find the inputs and hidden units that the outputs depend on.

    A unit whose inputs are all dead is the constant ``activate(bias)``: it goes into the next bias. A unit whose
    outputs are all zero is dead. Both are repeated until nothing changes. Where the next layer cannot hold the new
    bias, the constant stays.
    """
    kernels = [np.array(layer.kernel, np.float64) for layer in layers]
    biases = [np.array(layer.bias, np.float64) for layer in layers]
    alive = [np.ones(len(kernel), bool) for kernel in kernels] + [np.ones(kernels[-1].shape[1], bool)]
    before = -1
    while before != (before := sum(int(level.sum()) for level in alive)):
        for index in range(1, len(layers)):
            _fold_constants(layers, kernels, biases, alive, index)
        for index in range(len(layers) - 1, -1, -1):
            alive[index] &= (kernels[index][:, alive[index + 1]] != 0).any(1)
    counts = [int(level.sum()) for level in alive]
    for level in alive:
        level[0] |= not level.any()  # a stopgap: its weights are zero by now
    return LiveUnits([np.flatnonzero(level) for level in alive], kernels, biases, counts)


def _fold_constants(layers: Sequence[PlainLayer], kernels: list, biases: list, alive: list, index: int) -> None:
    """Fold the constants among the units between layers index - 1 and index into the bias of layer index."""
    constant = alive[index] & ~(kernels[index - 1][alive[index - 1]] != 0).any(0)
    if not constant.any():
        return
    values = np.asarray(layers[index - 1].activate(biases[index - 1]), np.float64)
    for unit in np.flatnonzero(constant):
        bias = biases[index] + values[unit] * kernels[index][unit]
        if values[unit] == 0 or layers[index].holds_bias(bias):
            biases[index], alive[index][unit] = bias, False
            kernels[index][unit] = 0
