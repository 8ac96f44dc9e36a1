"""The probability that the HLS compiler ends without a design.

What breaks Vivado HLS is a layer whose multiplications are all unrolled: beyond a few thousand of them (its own limit
for an array cut into registers is 4,096) it stops, or does not end within the time allowed. Layers that reuse their
multipliers are far from that, and fail for reasons of other kinds, at a rate.
"""

from collections.abc import Mapping, Sequence
from math import exp, log2, prod

from codesign.fpga.estimate.fitted import fitted_numbers
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.toolchain import Toolchain


def failure_probability(
    layers: Sequence[LayerStatistics],
    reuse_factors: Sequence[int],
    strategy: str | Sequence[str],
    toolchain: Toolchain,
    *,
    fitted: Mapping[str, Mapping[str, float]] | None = None,
) -> float | None:
    """Return the probability that synthesis fails, or None where no measured builds tell.

    For Vivado HLS 1 - (1 - background) * product over unrolled layers of (1 - p), with p = 1 / (1 + exp(-steepness *
    log2(multiplications / limit))). For Vitis HLS the share of failures among designs up to the largest that was built.

    Args:
        layers: in order.
        reuse_factors: one for each, as hls4ml takes them.
        strategy: of the design, or one for each layer.
        toolchain: compiler and part.
        fitted: as :func:`codesign.fpga.estimate.fit.failures.fit_failures` gives it, instead of the built-in one.

    Example:
        >>> from codesign.fpga.estimate.failure import failure_probability
        >>> from codesign.fpga.estimate.shape import expected_statistics
        >>> from codesign.fpga.estimate.toolchain import Toolchain
        >>> layer = expected_statistics((128, 64), (16, 8, 16, 16))
        >>> failure_probability([layer], [1], "latency", Toolchain("vivado_hls")) > 0.9
        True
        >>> failure_probability([layer], [512], "resource", Toolchain("vivado_hls")) < 0.1
        True
    """
    strategies = [strategy] * len(layers) if isinstance(strategy, str) else list(strategy)
    sizes = [
        layer.n_weights for layer, factor, one in zip(layers, reuse_factors, strategies) if is_unrolled(one, factor)
    ]
    fitted = fitted_numbers()["failure"] if fitted is None else fitted
    if "distributed_arithmetic" in strategies:
        return None
    if not sizes:
        return fitted["folded"].get(strategies[0]) if strategies else None
    if toolchain.is_vitis:
        seen = fitted["vitis_hls"]
        return seen["background"] if max(sizes) <= seen["largest_built"] else None
    return any_fails(sizes, **fitted["vivado_hls"])


def is_unrolled(strategy: str, reuse_factor: int) -> bool:
    """Whether all multiplications of a layer stand side by side in the code; under Strategy: Latency at any R."""
    return strategy == "latency" or (strategy == "resource" and reuse_factor == 1)


def any_fails(sizes: Sequence[int], limit: float, steepness: float, background: float) -> float:
    """Return the probability that a design fails at one of its unrolled layers, or for another reason.

    Args:
        sizes: multiplications of each unrolled layer.
        limit: at which a layer fails in half of all cases.
        steepness: of the logistic function, per factor of two.
        background: of reasons that have nothing to do with size.
    """
    return 1 - (1 - background) * prod(1 / (1 + exp(min(700.0, steepness * log2(size / limit)))) for size in sizes)
