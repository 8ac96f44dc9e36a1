"""Reuse factors that hls4ml's dense layers accept.

hls4ml replaces an invalid factor silently by the nearest valid one under Strategy: Resource; here it is an error.
Source: hls4ml 1.3, backends/fpga/fpga_backend.py, ``_validate_reuse_factor``.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from codesign.errors import ReuseFactorError
from codesign.network import Network


@lru_cache(maxsize=1024)
def valid_reuse_factors(n_in: int, n_out: int, is_shared: bool = False) -> tuple[int, ...]:
    """Return the reuse factors that one dense layer of shape (n_in, n_out) can be built with, in order.

    Of one that positions share, which hls4ml builds as a convolution, they are at most n_in.
    """
    products, most = n_in * n_out, n_in if is_shared else n_in * n_out
    return tuple(factor for factor in range(1, most + 1) if products % factor == 0 and _is_valid(n_in, n_out, factor))


def kernel_shapes(network: Network) -> list[tuple[int, int, bool]]:
    """Return (n_in, n_out, whether positions share it) of each of a network's layers."""
    shapes = network.shapes
    return [(*group.dense.op.kernel.shape, len(shapes[group.dense.name]) > 1) for group in network.groups]


def layer_reuse_factors(kernels: Sequence[tuple[int, ...]], reuse_factor: int) -> list[int]:
    """Return each layer's own factor: `reuse_factor` where the layer can have it, else its largest valid one below.

    Args:
        kernels: (n_in, n_out) of each layer, and whether positions share it; see :func:`kernel_shapes`.
        reuse_factor: wanted.
    """
    return [max(factor for factor in valid_reuse_factors(*kernel) if factor <= reuse_factor) for kernel in kernels]


def check_reuse_factor(kernels: Sequence[tuple[int, ...]], reuse_factor: int, implementation: str) -> None:
    """Check that one layer at least can have exactly this factor; smaller layers take their largest below it.

    Raises:
        ReuseFactorError: with the valid factors next to it.
    """
    if implementation == "unrolled":
        if reuse_factor != 1:
            raise ReuseFactorError(f"reuse_factor: expected 1 for an unrolled design. Received: {reuse_factor}")
        return
    valid = sorted({1}.union(*(valid_reuse_factors(*kernel) for kernel in kernels)))
    if reuse_factor not in valid:
        below = [factor for factor in valid if factor < reuse_factor][-1:]
        above = [factor for factor in valid if factor > reuse_factor][:1]
        neighbours = " or ".join(str(factor) for factor in below + above)
        raise ReuseFactorError(
            f"reuse_factor: expected a factor that hls4ml can build for {_text(kernels)}. Received: {reuse_factor}; "
            f"try {neighbours}"
        )


def _text(kernels: Sequence[tuple[int, ...]]) -> str:
    """``16-64-5`` of layers in a row, else ``16 x 64, 8 x 5``."""
    if kernels and all(before[1] == behind[0] for before, behind in zip(kernels, kernels[1:])):
        return "-".join(str(size) for size in (kernels[0][0], *(kernel[1] for kernel in kernels)))
    return ", ".join(f"{kernel[0]} x {kernel[1]}" for kernel in kernels) or "a network without layers"


def _is_valid(n_in: int, n_out: int, factor: int) -> bool:
    """The divisibility that the resource kernels need; `factor` divides n_in * n_out already."""
    multipliers = ceil(n_in * n_out / min(n_in, factor))
    return (multipliers % n_out == 0 or factor >= n_in) and (factor < n_in or factor % n_in == 0)
