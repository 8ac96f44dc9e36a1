"""What the generated C++ computes: standardisation folded, units that change nothing dropped, code chosen per layer."""

from dataclasses import dataclass

import numpy as np

from codesign.errors import DataError
from codesign.export.single_chain import SingleChain
from codesign.network.ops import Activation
from codesign.network.types.single_precision import Rounding

# Batches of 59-60-6, straight-line against dense, in ns per event: 26 against 65 at 20 % live weights, 41 against 73 at
# 40 %, 60 against 79 at 60 %. More weights than below were not tried: the code must stay in the instruction cache.
_SPARSE_DENSITY = 0.6
_SPARSE_WEIGHTS = 4000
# Beyond this many standard deviations between zero and the mean, x W' and b' cancel more than float32 carries.
_FOLD_LIMIT = 8.0
# The vector exponential is a power of two: what it needs goes into the weights before it.
EXPONENT_FACTORS = {"sigmoid": -1 / np.log(2), "tanh": -2 / np.log(2), "softmax": 1 / np.log(2)}
_RESCALED = (1e-6, 1e6)


@dataclass(frozen=True, eq=False)
class PlannedLayer:
    """One layer as it is generated.

    Args:
        kernel: (n_in, n_out) float32; before a sigmoid times -log2(e), a tanh -2 log2(e), a softmax log2(e).
        bias: (n_out,) float32, times the same.
        activation: as in a SingleLayer.
        is_sparse: straight-line code without the zeros, instead of dense loops.
        name: what tells its constants from those of other layers.
        rounding: what its quantizer does, behind the activation; or None.
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str
    is_sparse: bool
    name: str
    rounding: Rounding | None = None

    @property
    def has_rounding_per_unit(self) -> bool:
        """Whether the quantizer differs between units, so that it is a step of its own."""
        return self.rounding is not None and not self.rounding.is_same_for_all


@dataclass(frozen=True, eq=False)
class Plan:
    """A whole network as it is generated.

    Args:
        layers: first to last.
        standardisation: (offset, scale), each (n_inputs,) float32, where it is computed and not folded; else None.
        skips_zeros: whether zero weights are left out, which make NaN of an infinite value in a dense layer.
        input_rounding: what the quantizer behind the standardisation does; or None.
    """

    layers: tuple[PlannedLayer, ...]
    standardisation: tuple[np.ndarray, np.ndarray] | None
    skips_zeros: bool
    input_rounding: Rounding | None = None

    @property
    def has_roundings(self) -> bool:
        """Whether there is any quantizer."""
        return self.input_rounding is not None or any(layer.rounding is not None for layer in self.layers)


def make_plan(chain: SingleChain, *, sparse_density: float = _SPARSE_DENSITY) -> Plan:
    """Fold, drop and choose.

    The standardisation goes into the first layer in float64: ``W' = scale W``, ``b' = b + (offset scale) W``. That is
    as accurate as standardising first unless the mean lies many standard deviations from zero, where ``x W'`` and
    ``b'`` are large and cancel, or W' leaves the range of float32, or the inputs have a quantizer: then the header
    computes ``(x + offset) * scale``.

    A hidden unit without a weight to the next layer is dropped; one without a weight from the layer before is a
    constant, and goes into the next bias.

    Args:
        sparse_density: share of weights that are not zero, below which a layer becomes straight-line code.

    Raises:
        DataError: if a weight leaves the range of float32.
    """
    kernels = [layer.kernel.astype(np.float64) for layer in chain.layers]
    biases = [layer.bias.astype(np.float64) for layer in chain.layers]
    offset, scale = chain.offset.astype(np.float64), chain.scale.astype(np.float64)
    folded = chain.input_rounding is None and _can_fold(kernels[0], offset, scale)
    if folded:
        biases[0] = biases[0] + (offset * scale) @ kernels[0]
        kernels[0] = kernels[0] * scale[:, None]
    n_hidden = sum(len(bias) for bias in biases[:-1])
    activations, roundings = [layer.activation for layer in chain.layers], [layer.rounding for layer in chain.layers]
    _drop_units(kernels, biases, activations, roundings)
    sparse = [_is_sparse(kernel, sparse_density) for kernel in kernels]
    factors = [EXPONENT_FACTORS.get(activation, 1.0) for activation in activations]
    kernels = [kernel * factor for kernel, factor in zip(kernels, factors)]
    biases = [bias * factor for bias, factor in zip(biases, factors)]
    for index, activation in enumerate(activations[:-1]):
        if activation in ("linear", "relu") and roundings[index] is None and sparse[index] and sparse[index + 1]:
            _rescale(kernels, biases, index)
    layers = tuple(
        PlannedLayer(_float32(kernel), _float32(bias), activation, is_sparse, str(index), rounding)
        for index, (kernel, bias, activation, is_sparse, rounding) in enumerate(
            zip(kernels, biases, activations, sparse, roundings)
        )
    )
    dropped = sum(len(bias) for bias in biases[:-1]) < n_hidden
    skips_zeros = dropped or any(layer.is_sparse and not layer.kernel.all() for layer in layers)
    standardises = not folded and (chain.standardises or chain.input_rounding is None)
    return Plan(layers, (chain.offset, chain.scale) if standardises else None, skips_zeros, chain.input_rounding)


def _can_fold(kernel: np.ndarray, offset: np.ndarray, scale: np.ndarray) -> bool:
    product = np.abs(kernel * scale[:, None])
    limits = np.finfo(np.float32)
    in_range = (product == 0) | ((product >= limits.tiny) & (product < limits.max))
    return bool(np.abs(offset * scale).max() <= _FOLD_LIMIT and in_range.all() and (scale != 0).all())


def _float32(values: np.ndarray) -> np.ndarray:
    if np.abs(values).max() >= np.finfo(np.float32).max:
        raise DataError(
            "weights: expected numbers that times 3, or times the standardisation, stay in float32. "
            "Received: larger ones"
        )
    return values.astype(np.float32)


def _is_sparse(kernel: np.ndarray, density: float) -> bool:
    live = np.count_nonzero(kernel)
    return live <= density * kernel.size and live <= _SPARSE_WEIGHTS


def _drop_units(
    kernels: list[np.ndarray], biases: list[np.ndarray], activations: list[str], roundings: list[Rounding | None]
) -> None:
    """Drop units in place, last hidden layer first, then constants first to last; one unit of each layer stays."""
    for index in reversed(range(len(kernels) - 1)):
        _keep(kernels, biases, roundings, index, (kernels[index + 1] != 0).any(1))
    for index in range(len(kernels) - 1):
        lives = (kernels[index] != 0).any(0)
        layer = Activation(activations[index]).evaluate(biases[index])
        layer = layer if roundings[index] is None else roundings[index](layer)
        biases[index + 1] = biases[index + 1] + np.where(lives, 0, layer) @ kernels[index + 1]
        kernels[index + 1] = kernels[index + 1] * lives[:, None]
        _keep(kernels, biases, roundings, index, lives)


def _rescale(kernels: list[np.ndarray], biases: list[np.ndarray], index: int) -> None:
    """Make one weight of each unit to the next layer 1 or -1, in place, as adding is cheaper.

    ``w relu(z) = (w / a) relu(a z)``.
    """
    after = kernels[index + 1]
    factors = np.abs(after[np.arange(len(after)), np.argmax(np.abs(after), 1)])
    factors = np.where((factors > _RESCALED[0]) & (factors < _RESCALED[1]), factors, 1.0)
    kernels[index], biases[index] = kernels[index] * factors, biases[index] * factors
    kernels[index + 1] = after / factors[:, None]


def _keep(
    kernels: list[np.ndarray], biases: list[np.ndarray], roundings: list[Rounding | None], index: int, lives: np.ndarray
) -> None:
    if not lives.any():
        lives = np.arange(len(lives)) == 0
    kernels[index], biases[index] = kernels[index][:, lives], biases[index][lives]
    kernels[index + 1] = kernels[index + 1][lives]
    roundings[index] = None if roundings[index] is None else roundings[index].take(lives)
