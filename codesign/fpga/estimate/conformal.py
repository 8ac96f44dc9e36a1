"""Half-widths of intervals from residuals of families of designs: what a design of a family that nobody saw will do.

Designs of one source resemble each other, so that families count, not designs: each has the same weight in the quantile
(Dunn, Wasserman and Ramdas 2018, arXiv:1809.07441), and the quantile is inflated by Student's t over the normal's,
which is what so few families know of the spread between them.
"""

from collections.abc import Mapping, Sequence
from math import inf

import numpy as np
from scipy.stats import norm, t

COVERAGE = 0.9
_FULL_FAMILY = 3  # designs
_LONE_FAMILY = 2  # degrees of freedom of a family that is alone
Residuals = Mapping[str, Sequence[float]]


def family_quantile(residuals: Residuals, level: float = COVERAGE, weights: Mapping[str, float] | None = None) -> float:
    """Return the smallest size of residuals that holds `level` of the weight, each family sharing its own evenly.

    A family of one or two designs weighs a third or two thirds of others: it hardly shows what the family does.

    Args:
        residuals: of each family's designs, signed.
        level: in (0, 1].
        weights: of each family; None: alike.

    Example:
        >>> from codesign.fpga.estimate.conformal import family_quantile
        >>> family_quantile({"many": [0.1] * 98 + [0.2] * 2, "few": [0.3, -0.4]}, 0.75)
        0.3
    """
    sizes, shares = [], []
    for family, values in residuals.items():
        weight = (1.0 if weights is None else weights[family]) * min(len(values), _FULL_FAMILY) / _FULL_FAMILY
        sizes.extend(abs(value) for value in values)
        shares.extend([weight / len(values)] * len(values))
    if not sizes:
        return inf
    order = np.argsort(sizes, kind="stable")
    reached = np.cumsum(np.asarray(shares)[order])
    index = int(np.searchsorted(reached, level * reached[-1] * (1 - 1e-12)))
    return float(sizes[order[min(index, len(sizes) - 1)]])


def few_families_factor(n_families: float, coverage: float = COVERAGE) -> float:
    """Return Student's quantile over the normal's: 1.8 for two families, 1.2 for five.

    There is a degree of freedom for each family: residuals lie around zero, a centre that is not fitted.
    """
    two_sided = (1 + coverage) / 2
    return float(t.ppf(two_sided, max(n_families, _LONE_FAMILY)) / norm.ppf(two_sided))


def half_width(residuals: Residuals, coverage: float = COVERAGE, weights: Mapping[str, float] | None = None) -> float:
    """Return what to add to and subtract from a prediction so that a design of a new family lies within.

    Args:
        residuals: of each family's designs, signed; infinity comes back where there are none.
        coverage: the share of designs that is to lie within.
        weights: of each family; None: alike.
    """
    many = sum(weights[family] for family in residuals) if weights else len(residuals)
    return family_quantile(residuals, coverage, weights) * few_families_factor(many, coverage)


def spread_of_medians(residuals: Residuals, coverage: float = COVERAGE) -> float:
    """Return the half-width that the families' medians have around zero, whatever happens within each."""
    medians = [float(np.median(values)) for values in residuals.values()]
    scale = float(np.sqrt(np.mean(np.square(medians)))) if medians else inf
    return scale * float(t.ppf((1 + coverage) / 2, max(len(medians), _LONE_FAMILY)))
