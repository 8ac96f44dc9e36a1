"""What a design can cost at least and at most, whatever those of its weights are that nobody knows."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.intervals import figures
from codesign.fpga.estimate.shape import codes_of
from codesign.fpga.estimate.statistics import KNOWN, LayerStatistics

_HEAVY_BITS = 4  # of the smallest magnitude with three signed digits, 11


def possible_figures(
    layers: Sequence[LayerStatistics], cost_of: Callable[[Sequence[LayerStatistics]], HardwareCost]
) -> dict[str, tuple[float, float]]:
    """Return the least and the most of each figure, by its name in :data:`codesign.fpga.estimate.intervals.FIGURES`.

    Weights that are not known are taken as a single power of two for each output, as all of two signed digits, and as
    all of three or more, distinct as far as their widths allow: a multiplier for each is the most that there can be.

    Args:
        layers: in order; of those whose weights are known nothing is changed.
        cost_of: what a design of such layers costs.
    """
    extremes = [figures(cost_of([vary(layer) for layer in layers])) for vary in (_fewest, _two_digits, _heaviest)]
    return {name: (min(one[name] for one in extremes), max(one[name] for one in extremes)) for name in extremes[0]}


def _fewest(layer: LayerStatistics) -> LayerStatistics:
    if layer.known == KNOWN[0]:
        return layer
    nonzero = layer.nonzero if layer.known == "sparsity" else min(float(layer.n_out), layer.nonzero)
    return _with(layer, nonzero, powers_of_two=nonzero)


def _two_digits(layer: LayerStatistics) -> LayerStatistics:
    if layer.known == KNOWN[0]:
        return layer
    nonzero, kinds = _most(layer), 2 * codes_of(_bits(layer), 2)
    return _with(layer, nonzero, two_digits=nonzero, two_digit_pairs=min(nonzero, float(layer.n_in * kinds)))


def _heaviest(layer: LayerStatistics) -> LayerStatistics:
    if layer.known == KNOWN[0]:
        return layer
    if _bits(layer) < _HEAVY_BITS:
        return _two_digits(layer)
    nonzero, kinds = _most(layer), 2 * (2 ** min(_bits(layer), 16) - codes_of(_bits(layer), 2))
    return _with(layer, nonzero, heavy_pairs=min(nonzero, float(layer.n_in * kinds)))


def _most(layer: LayerStatistics) -> float:
    """Weights that are not zero, at most."""
    return layer.nonzero if layer.known == "sparsity" else float(layer.n_weights)


def _bits(layer: LayerStatistics) -> int:
    """Of the largest magnitude that the type holds."""
    return max(1, layer.weight_width - 1)


def _with(layer: LayerStatistics, nonzero: float, **counts: float) -> LayerStatistics:
    none = dict.fromkeys(("powers_of_two", "two_digits", "two_digit_pairs", "heavy_pairs", "shift_add_pairs"), 0.0)
    return replace(layer, nonzero=nonzero, largest_width=_bits(layer), **(none | counts))
