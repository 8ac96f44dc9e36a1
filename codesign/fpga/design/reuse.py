"""Reuse factors that hls4ml's dense layers accept.

hls4ml replaces an invalid factor silently by the nearest valid one under Strategy: Resource; here it is an error.
Source: hls4ml 1.3, backends/fpga/fpga_backend.py, ``_validate_reuse_factor``.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from codesign.errors import ReuseFactorError


@lru_cache(maxsize=1024)
def valid_reuse_factors(n_in: int, n_out: int) -> tuple[int, ...]:
    """Return the reuse factors that one dense layer of shape (n_in, n_out) can be built with, in order."""
    products = n_in * n_out
    return tuple(
        factor for factor in range(1, products + 1) if products % factor == 0 and _is_valid(n_in, n_out, factor)
    )


def layer_reuse_factors(sizes: Sequence[int], reuse_factor: int) -> list[int]:
    """Return each layer's own factor: `reuse_factor` where the layer can have it, else its largest valid one below."""
    return [
        max(factor for factor in valid_reuse_factors(*layer) if factor <= reuse_factor)
        for layer in zip(sizes, sizes[1:])
    ]


def check_reuse_factor(sizes: Sequence[int], reuse_factor: int, implementation: str) -> None:
    """Check that one layer at least can have exactly this factor; smaller layers take their largest below it.

    Raises:
        ReuseFactorError: with the valid factors next to it.
    """
    if implementation == "unrolled":
        if reuse_factor != 1:
            raise ReuseFactorError(f"reuse_factor: expected 1 for an unrolled design. Received: {reuse_factor}")
        return
    valid = sorted({factor for layer in zip(sizes, sizes[1:]) for factor in valid_reuse_factors(*layer)})
    if reuse_factor not in valid:
        below = [factor for factor in valid if factor < reuse_factor][-1:]
        above = [factor for factor in valid if factor > reuse_factor][:1]
        neighbours = " or ".join(str(factor) for factor in below + above)
        shape = "-".join(str(size) for size in sizes)
        raise ReuseFactorError(
            f"reuse_factor: expected a factor that hls4ml can build for {shape}. Received: {reuse_factor}; try "
            f"{neighbours}"
        )


def _is_valid(n_in: int, n_out: int, factor: int) -> bool:
    """The divisibility that the resource kernels need; `factor` divides n_in * n_out already."""
    multipliers = ceil(n_in * n_out / min(n_in, factor))
    return (multipliers % n_out == 0 or factor >= n_in) and (factor < n_in or factor % n_in == 0)
