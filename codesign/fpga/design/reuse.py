"""Reuse factors that hls4ml's dense layers accept.

hls4ml replaces an invalid factor silently by the nearest valid one under Strategy: Resource; here it is an error.
Source: hls4ml 1.3, backends/fpga/fpga_backend.py, ``_validate_reuse_factor``.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil

import numpy as np

from codesign.errors import ReuseFactorError, nearest
from codesign.network import Network

Kernel = tuple[int, ...]
Kernels = Sequence[Kernel] | Mapping[str, Kernel]
ReuseFactor = int | Mapping[str, int]


@lru_cache(maxsize=1024)
def valid_reuse_factors(n_in: int, n_out: int, is_shared: bool = False) -> tuple[int, ...]:
    """Return the reuse factors that one dense layer of shape (n_in, n_out) can be built with, in order.

    Of one that positions share, which hls4ml builds as a convolution, they are at most n_in.
    """
    products, most = n_in * n_out, n_in if is_shared else n_in * n_out
    return tuple(factor for factor in range(1, most + 1) if products % factor == 0 and _is_valid(n_in, n_out, factor))


def nearest_reuse_factor(n_in: int, n_out: int, wanted: int) -> int:
    """Return the factor that hls4ml takes instead of `wanted` under Strategy: Resource: the nearest, then the smaller.

    Source: hls4ml 1.3, backends/fpga/fpga_backend.py, ``get_closest_reuse_factor``.
    """
    return min(valid_reuse_factors(n_in, n_out), key=lambda factor: (abs(factor - wanted), factor))


def kernel_shapes(network: Network) -> dict[str, Kernel]:
    """Return (n_in, n_out, whether positions share it) of each of a network's layers, by its name."""
    shapes = network.shapes
    return {
        group.dense.name: (*group.dense.op.kernel.shape, len(shapes[group.dense.name]) > 1) for group in network.groups
    }


def layer_reuse_factors(kernels: Kernels, reuse_factor: ReuseFactor) -> list[int]:
    """Return each layer's own factor: `reuse_factor` where the layer can have it, else its largest valid one below.

    Args:
        kernels: (n_in, n_out) of each layer, and whether positions share it; by name where factors are, see
            :func:`kernel_shapes`.
        reuse_factor: wanted of all layers, or of each by its name; a layer without one has 1, hls4ml's default.

    Raises:
        ReuseFactorError: for the name of a layer that there is not.

    Example:
        >>> from codesign.fpga import layer_reuse_factors
        >>> layer_reuse_factors([(16, 64), (64, 5)], 64)
        [64, 64]
        >>> layer_reuse_factors({"fc1": (16, 64), "output": (64, 5)}, {"fc1": 4})
        [4, 1]
    """
    if isinstance(reuse_factor, Mapping):
        wanted = named_factors(kernels, reuse_factor).values()
    else:
        wanted = [reuse_factor] * len(kernels)
    return [
        max(factor for factor in valid_reuse_factors(*kernel) if factor <= limit)
        for kernel, limit in zip(_shapes(kernels), wanted)
    ]


def named_factors(kernels: Kernels, reuse_factors: Mapping[str, int]) -> dict[str, int]:
    """Return the factor of every layer by its name, in the order of the network.

    Raises:
        ReuseFactorError: for the name of a layer that there is not, or a factor that is no whole number of at least 1.
    """
    names = list(kernels) if isinstance(kernels, Mapping) else []
    for name, factor in reuse_factors.items():
        if name not in names:
            given = f"'{name}'{nearest(str(name), names)}"
            raise ReuseFactorError(f"reuse_factor: unknown layer {given}; expected: {', '.join(names) or 'a number'}")
        if isinstance(factor, bool) or not isinstance(factor, (int, np.integer)) or factor < 1:
            raise ReuseFactorError(
                f"reuse_factor: expected a whole number of at least 1 for layer '{name}'. Received: {factor!r:.60}"
            )
    return {name: int(reuse_factors.get(name, 1)) for name in names}


def check_reuse_factor(kernels: Kernels, reuse_factor: ReuseFactor, implementation: str) -> None:
    """Check that one layer at least can have exactly this factor; smaller layers take their largest below it.

    Of factors by name, every layer must be able to have its own.

    Raises:
        ReuseFactorError: with the valid factors next to it.
    """
    if implementation == "unrolled":
        if reuse_factor != 1:
            given = f"{reuse_factor!r:.80}"
            raise ReuseFactorError(f"reuse_factor: expected 1 for an unrolled design. Received: {given}")
        return
    if not isinstance(reuse_factor, Mapping):
        _check_factor(_shapes(kernels), reuse_factor)
        return
    for name, factor in named_factors(kernels, reuse_factor).items():
        _check_factor([kernels[name]], factor, f" of layer '{name}'")


def reuse_text(reuse_factor: object) -> str:
    """Return ``4``, or ``4/2/1`` of a factor for each layer."""
    if isinstance(reuse_factor, Mapping):
        return "/".join(map(str, reuse_factor.values()))
    return str(reuse_factor)


def _shapes(kernels: Kernels) -> list[Kernel]:
    return list(kernels.values() if isinstance(kernels, Mapping) else kernels)


def _check_factor(kernels: Sequence[Kernel], factor: int, whose: str = "") -> None:
    valid = sorted({1}.union(*(valid_reuse_factors(*kernel) for kernel in kernels)))
    if factor not in valid:
        below = [one for one in valid if one < factor][-1:]
        above = [one for one in valid if one > factor][:1]
        neighbours = " or ".join(str(one) for one in below + above)
        raise ReuseFactorError(
            f"reuse_factor{whose}: expected a factor that hls4ml can build for {_text(kernels)}. Received: {factor}; "
            f"try {neighbours}"
        )


def _text(kernels: Sequence[Kernel]) -> str:
    """``16-64-5`` of layers in a row, else ``16 x 64, 8 x 5``."""
    if kernels and all(before[1] == behind[0] for before, behind in zip(kernels, kernels[1:])):
        return "-".join(str(size) for size in (kernels[0][0], *(kernel[1] for kernel in kernels)))
    return ", ".join(f"{kernel[0]} x {kernel[1]}" for kernel in kernels) or "a network without layers"


def _is_valid(n_in: int, n_out: int, factor: int) -> bool:
    """The divisibility that the resource kernels need; `factor` divides n_in * n_out already."""
    multipliers = ceil(n_in * n_out / min(n_in, factor))
    return (multipliers % n_out == 0 or factor >= n_in) and (factor < n_in or factor % n_in == 0)
