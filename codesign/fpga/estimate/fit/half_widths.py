"""Half-widths of the intervals, from designs whose whole family was left out."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import hypot

from codesign.fpga.design.report import CSYNTH
from codesign.fpga.estimate.conformal import half_width, spread_of_medians
from codesign.fpga.estimate.fit.measured import Measured
from codesign.fpga.estimate.intervals import COUNTS, FIGURES, residual
from codesign.fpga.estimate.statistics import KNOWN

KINDS = ("pipelined", "folded", "resource_2019")
_ENOUGH = 3  # families that speak for themselves
_BORROWED = 0.25  # weight of a family of another kind, beside own ones
_MODERN = ("pipelined", "folded")
Residuals = dict[str, list[float]]


def fit_half_widths(designs: Sequence[Measured]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return the half-width of each figure, kind of design and state of knowledge; never narrower for knowing less."""
    cells = residual_cells(designs)
    ratios = _stage_ratios(designs)
    table: dict[str, dict[str, dict[str, float | None]]] = {}
    for name in FIGURES:
        table[name] = {}
        for kind in KINDS:
            widths = [_half_width(cells, ratios, (name, kind, known)) for known in KNOWN]
            table[name][kind] = {known: _widest(widths[: index + 1]) for index, known in enumerate(KNOWN)}
    return table


def _widest(widths: Sequence[float | None]) -> float | None:
    found = [width for width in widths if width is not None]
    return round(max(found), 4) if found else None


def residual_cells(designs: Iterable[Measured]) -> dict[tuple[str, str, str], Residuals]:
    """Return residuals by figure, kind and state of knowledge, and there by family.

    What folded layers cost hardly depends on the weights, so that such a design counts whatever is known of it.
    """
    cells: dict[tuple[str, str, str], Residuals] = {}
    for design in designs:
        states = (design.row.known,) if design.kind == "pipelined" else KNOWN
        for name, value in design.measured.items():
            for known in states:
                found = cells.setdefault((name, design.kind, known), {})
                found.setdefault(design.row.family, []).append(residual(name, design.predicted[name], value))
    return cells


def _half_width(
    cells: Mapping[tuple[str, str, str], Residuals], ratios: Mapping[str, Residuals], cell: tuple[str, str, str]
) -> float | None:
    """Own families, else other kinds' too; without own ones, the step to logic synthesis comes on top."""
    name, kind, known = cell
    own = cells.get(cell, {})
    others = {}
    if len(own) < _ENOUGH:
        others = _borrowed(cells, cell)
    if not own and not others:
        return None
    pooled = {**others, **own}
    width = half_width(pooled, weights={family: _BORROWED if own and family not in own else 1.0 for family in pooled})
    if not own and name in COUNTS:
        return hypot(width, spread_of_medians(ratios.get(name, {})))
    return width


def _borrowed(cells: Mapping[tuple[str, str, str], Residuals], cell: tuple[str, str, str]) -> Residuals:
    """Return residuals of the same number in designs of another kind, and before logic synthesis."""
    name, kind, known = cell
    names = (name, CSYNTH + name) if name in COUNTS else (name,)
    found: Residuals = {}
    for one, other in product(names, _MODERN):
        if (one, other) != (name, kind):
            for family, values in cells.get((one, other, KNOWN[0] if kind == "folded" else known), {}).items():
                found.setdefault(family, []).extend(values)
    return found


def _stage_ratios(designs: Iterable[Measured]) -> dict[str, Residuals]:
    """Return how far logic synthesis over csynth is from what is foretold, where both were measured."""
    ratios: dict[str, Residuals] = {}
    for design in designs:
        for name in COUNTS:
            if name in design.measured and CSYNTH + name in design.measured:
                after, first = (
                    residual(one, design.predicted[one], design.measured[one]) for one in (name, CSYNTH + name)
                )
                ratios.setdefault(name, {}).setdefault(design.row.family, []).append(after - first)
    return ratios
